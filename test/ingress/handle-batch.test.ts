import { describe, expect, it } from 'vitest';
import { DependencyUnavailableError } from '../../src/contracts/errors.ts';
import type { InboundRecord } from '../../src/ingress/ports.ts';
import { until } from '../support/until.ts';
import { batchOf, headersOf, HINTS, recordOf } from './support/records.ts';
import { rig } from './support/rig.ts';

function requests(count: number): InboundRecord[] {
  return Array.from({ length: count }, (_, index) => recordOf({ token: `tok-${index}` }, { offset: BigInt(index) }));
}

const down = new DependencyUnavailableError('temporal', 'no answer');

describe('onBatch', () => {
  it('starts every request once and commits the end of the batch', async () => {
    const { ingress, orders } = rig();
    const batch = batchOf(requests(100), { endOffset: 105n });
    await ingress.onBatch(batch);
    expect(orders).toHaveLength(100);
    expect(batch.commits).toEqual([105n]);
  });

  it('stamps the origin, seals the token and applies every default', async () => {
    const { ingress, orders } = rig();
    await ingress.onBatch(batchOf([recordOf({ token: 'tok-secret-0123456789' }, { offset: 41n, partition: 3 })]));
    expect(orders[0]).toMatchObject({
      origin: { origin: 'ingress', topic: 'requests', partition: 3, offset: '41', admittedAt: '2026-01-15T12:00:00.000Z' },
      input: {
        issuedAt: '2026-01-15T11:59:59.000Z',
        tokenExpiresAt: '2026-01-15T12:59:59.000Z',
        deadlineAt: '2026-01-16T11:59:59.000Z',
        comparisons: [],
        returnImage: 0,
        attributes: {},
        vendorRegion: 'sgp',
      },
    });
    expect(JSON.stringify(orders)).not.toContain('tok-secret-0123456789');
  });

  it.each([
    [undefined, undefined, 0],
    [2, undefined, 2],
    [2, 0, 0],
    [undefined, 1, 1],
    [1, 2, 2],
  ] as const)('by a setting of %s images a request that wishes %s asks for %s', async (setting, wish, asked) => {
    const { settings } = rig().options;
    const { ingress, orders } = rig({ settings: { ...settings, ...(setting === undefined ? {} : { returnImage: setting }) } });
    await ingress.onBatch(batchOf([recordOf({ token: 'tok-secret-0123456789', ...(wish === undefined ? {} : { returnImage: wish }) })]));
    expect(orders[0]?.input.returnImage).toBe(asked);
  });

  it('never has more starts under way than allowed, over all partitions together', async () => {
    let now = 0;
    let most = 0;
    const start = async () => {
      most = Math.max(most, (now += 1));
      await new Promise((resolve) => setImmediate(resolve));
      now -= 1;
      return 'STARTED' as const;
    };
    const { ingress } = rig({ starter: { start }, maxConcurrentStarts: 5 });
    await Promise.all(
      [0, 1, 2].map(
        async (partition) =>
          await ingress.onBatch(
            batchOf(requests(20).map((one) => ({ ...one, partition, value: Buffer.from(`{"token":"p${partition}-${one.offset}"}`) }))),
          ),
      ),
    );
    expect(most).toBe(5);
  });

  it('waits out an outage of Temporal in place, heartbeating, and dead-letters nothing', async () => {
    let failures = 40;
    const { ingress, events, letters } = rig({
      starter: { start: async () => await (failures-- > 0 ? Promise.reject(down) : Promise.resolve('STARTED' as const)) },
    });
    const batch = batchOf(requests(3));
    await ingress.onBatch(batch);
    expect(letters).toEqual([]);
    expect(batch.commits.at(-1)).toBe(3n);
    expect(batch.beats.length).toBeGreaterThan(3);
    expect(events.named('paused')).toEqual([{ cause: 'temporal' }]);
    expect(events.named('resumed')).toHaveLength(1);
    expect(ingress.waits()).toEqual([]);
  });

  it('shows what it waits for while it waits', async () => {
    let isDown = true;
    const { ingress } = rig({
      starter: { start: async () => await (isDown ? Promise.reject(down) : Promise.resolve('STARTED' as const)) },
    });
    const done = ingress.onBatch(batchOf(requests(1)));
    await until(() => ingress.waits().some(({ cause }) => cause === 'temporal'), { timeoutMs: 2000, what: 'the outage to show' });
    isDown = false;
    await done;
  });

  it('commits nothing past a record that waits, though later ones are done', async () => {
    let current = true;
    const { ingress } = rig({
      starter: { start: async ({ origin }) => await (origin.offset === '2' ? Promise.reject(down) : Promise.resolve('STARTED' as const)) },
    });
    const batch = batchOf(requests(10), { isCurrent: () => current });
    const done = ingress.onBatch(batch);
    await until(() => batch.commits.length > 0, { timeoutMs: 2000, what: 'a commit' });
    current = false;
    await done;
    expect(batch.commits).toEqual([2n]);
  });

  it('stops at a rebalance error of the heartbeat and hands it on', async () => {
    const rebalance = Object.assign(new Error('rebalance'), { type: 'REBALANCE_IN_PROGRESS' });
    const { ingress } = rig({ starter: { start: async () => await Promise.reject(down) } });
    const batch = batchOf(requests(3), { heartbeat: async () => await Promise.reject(rebalance) });
    await expect(ingress.onBatch(batch)).rejects.toBe(rebalance);
    expect(batch.commits).toEqual([]);
  });

  it('begins no further record once the batch is not current, and finishes those under way', async () => {
    let current = true;
    const { ingress, orders } = rig({ maxConcurrentStarts: 1 });
    const batch = batchOf(requests(10), { isCurrent: () => current && orders.length < 4 });
    await ingress.onBatch(batch);
    current = false;
    expect(orders).toHaveLength(4);
    expect(batch.commits).toEqual([4n]);
  });

  it.each(['REQUESTS', 'HINTS'])(
    'calls Temporal for no further record of an ended batch, though many wait for their turn (%s)',
    async (topic) => {
      let current = true;
      let calls = 0;
      let answer = (): void => undefined;
      const answered = new Promise<void>((resolve) => (answer = resolve));
      const call = async <T>(result: T): Promise<T> => {
        calls += 1;
        await answered;
        return result;
      };
      const { ingress, events } = rig({
        starter: { start: async () => await call('STARTED' as const) },
        hintSender: { send: async () => await call('DELIVERED' as const) },
        maxConcurrentStarts: 1,
      });
      const one = (partition: number): InboundRecord =>
        topic === 'REQUESTS'
          ? recordOf({ token: `tok-${partition}` }, { partition })
          : recordOf({ token: `tok-${partition}`, kind: 'SESSION_ENDED' }, { topic: HINTS, partition });
      const batches = [0, 1, 2].map((partition) => batchOf([one(partition)], { isCurrent: () => current }));
      const done = Promise.all(batches.map(async (batch) => await ingress.onBatch(batch)));
      await until(() => calls === 1, { timeoutMs: 2000, what: 'the first call' });
      current = false;
      const beats = batches.map((batch) => batch.beats.length);
      await until(() => batches.every((batch, index) => batch.beats.length > (beats[index] ?? 0) + 1), {
        timeoutMs: 2000,
        what: 'all see it',
      });
      answer();
      await done;
      expect([calls, batches.map(({ commits }) => commits), events.named('failed')]).toEqual([1, [[1n], [], []], []]);
    },
  );

  it('puts a bad record aside byte for byte with its reason, and starts the good ones', async () => {
    const { ingress, letters, orders, events } = rig();
    const bad = recordOf(Buffer.from([0, 1, 255]), {
      offset: 1n,
      key: Buffer.from([9]),
      headers: new Map([['h', [Buffer.from([1]), Buffer.from([2])]]]),
    });
    const batch = batchOf([
      recordOf({ token: 'a' }, { offset: 0n }),
      bad,
      recordOf({ token: 'b' }, { offset: 2n }),
      recordOf(null, { offset: 3n }),
    ]);
    await ingress.onBatch(batch);
    expect(orders).toHaveLength(2);
    expect(letters).toHaveLength(1);
    expect(letters[0]).toMatchObject({ key: bad.key, value: bad.value });
    expect(letters[0]?.headers.get('h')).toEqual(bad.headers.get('h'));
    expect(letters[0]?.headers.get('vf-dlq-reason')?.map(String)).toEqual(['NOT_JSON']);
    expect(letters[0]?.headers.get('vf-dlq-offset')?.map(String)).toEqual(['1']);
    expect(batch.commits).toEqual([4n]);
    expect(events.named('ignored')).toHaveLength(1);
  });

  it('of a header that the record already has under our name, ours is the last', async () => {
    const { ingress, letters } = rig();
    await ingress.onBatch(batchOf([recordOf(Buffer.from('x'), { headers: headersOf({ 'vf-dlq-reason': 'forged' }) })]));
    expect(letters[0]?.headers.get('vf-dlq-reason')?.map(String)).toEqual(['forged', 'NOT_JSON']);
  });

  it('waits while the dead-letter topic is down and never drops', async () => {
    let failures = 10;
    const kept: unknown[] = [];
    const publish = async (letter: unknown) => {
      if (failures-- > 0) throw new DependencyUnavailableError('kafka', 'no broker');
      await Promise.resolve(kept.push(letter));
    };
    const { ingress, events } = rig({ deadLetters: { publish } });
    const batch = batchOf([recordOf(Buffer.from('x'))]);
    await ingress.onBatch(batch);
    expect(kept).toHaveLength(1);
    expect(batch.commits).toEqual([1n]);
    expect(events.named('paused')).toEqual([{ cause: 'kafka' }]);
  });

  it('does not take a dead letter for written because the process stops', async () => {
    let current = true;
    let tries = 0;
    const publish = async () => {
      tries += 1;
      return await Promise.reject(new DependencyUnavailableError('kafka', 'no broker'));
    };
    const { ingress } = rig({ deadLetters: { publish } });
    const batch = batchOf([recordOf(Buffer.from('x'))], { isCurrent: () => current });
    const done = ingress.onBatch(batch);
    await until(() => tries > 3, { timeoutMs: 2000, what: 'some attempts' });
    current = false;
    await done;
    expect(batch.commits).toEqual([]);
  });

  it('of two records of one token the first wins, and a difference is counted', async () => {
    const { ingress, orders, events } = rig();
    await ingress.onBatch(
      batchOf([
        recordOf({ token: 'same', bizNo: 'one' }, { offset: 0n }),
        recordOf({ token: 'same', bizNo: 'two' }, { offset: 1n }),
        recordOf({ token: 'same', bizNo: 'one' }, { offset: 2n }),
      ]),
    );
    expect(orders.map(({ input }) => input.bizNo)).toEqual(['one', 'two', 'one']);
    expect(events.named('started')).toHaveLength(1);
    expect(events.named('alreadyStarted')).toHaveLength(2);
    expect(events.named('differs').map(({ offset }) => offset)).toEqual([1n]);
  });
});
