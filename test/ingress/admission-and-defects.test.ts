import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DependencyUnavailableError, StartRefusedError } from '../../src/contracts/errors.ts';
import type { DeadLetter, InboundRecord } from '../../src/ingress/ports.ts';
import { until } from '../support/until.ts';
import { batchOf, recordOf } from './support/records.ts';
import { rig } from './support/rig.ts';

function requests(count: number): InboundRecord[] {
  return Array.from({ length: count }, (_, index) => recordOf({ token: `tok-${index}` }, { offset: BigInt(index) }));
}

const down = new DependencyUnavailableError('temporal', 'no answer');

describe('admission', () => {
  it('is asked only for a verification that reads at once', async () => {
    const { ingress, admission } = rig({ startsWithRead: (input) => input.bizNo === 'now' });
    await ingress.onBatch(batchOf([recordOf({ token: 'a', bizNo: 'now' }, { offset: 0n }), recordOf({ token: 'b' }, { offset: 1n })]));
    expect(admission.acquire).toHaveBeenCalledTimes(1);
    expect(admission.release).not.toHaveBeenCalled();
  });

  it('is given back when the start failed or was not the first', async () => {
    const answers = [down, 'ALREADY_STARTED' as const];
    const start = async () => {
      const answer = answers.shift() ?? down;
      return await (answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer));
    };
    const { ingress, admission } = rig({ startsWithRead: () => true, starter: { start } });
    await ingress.onBatch(batchOf(requests(1)));
    expect(admission.acquire).toHaveBeenCalledTimes(2);
    expect(admission.release).toHaveBeenCalledTimes(2);
  });

  it.each([
    ['the process stops', true],
    ['a rebalance takes the partition', false],
  ])('holds records back without losing the group membership, and lets go when %s, which is no defect', async (_what, stops) => {
    let over = false;
    let gone = 0;
    // As both real ones do: whoever waits when the batch ends gets its reason.
    const acquire = async (_id: string, signal: AbortSignal) =>
      await new Promise<void>((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          gone += 1;
          reject(signal.reason);
        });
      });
    const { ingress, orders, events } = rig({ startsWithRead: () => true, admission: { acquire, release: () => undefined } });
    const rebalance = new Error('rebalance');
    let beats = 0;
    const heartbeat = async () => {
      beats += 1;
      await (over && !stops ? Promise.reject(rebalance) : Promise.resolve());
    };
    const batch = batchOf(requests(2), { heartbeat, isCurrent: () => !(over && stops) });
    const done = ingress.onBatch(batch).catch((error: unknown) => error);
    await until(() => beats > 3, { timeoutMs: 2000, what: 'heartbeats' });
    over = true;
    expect(await done).toBe(stops ? undefined : rebalance);
    await until(() => gone === 2, { timeoutMs: 2000, what: 'both let go' });
    await new Promise((resolve) => setImmediate(resolve));
    expect([orders, batch.commits, events.seen]).toEqual([[], [], []]);
  });
});

describe('an unexpected error', () => {
  it('of one record, while others get through, puts that record aside without quoting it', async () => {
    const start = async ({ origin }: { origin: { offset: string } }) => {
      await new Promise((resolve) => setImmediate(resolve));
      if (origin.offset === '1') throw new TypeError('cannot read tok-1');
      return 'STARTED' as const;
    };
    const { ingress, letters, events } = rig({ starter: { start }, maxConcurrentStarts: 2 });
    const batch = batchOf(requests(40));
    await ingress.onBatch(batch);
    expect(letters.map(({ headers }) => String(headers.get('vf-dlq-offset')))).toEqual(['1']);
    expect(letters[0]?.headers.get('vf-dlq-message')?.map(String)).toEqual(['handling the record failed 5 time(s) with TypeError']);
    expect(
      JSON.stringify(events.named('failed'), (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
    ).not.toContain('cannot read');
    expect(batch.commits.at(-1)).toBe(40n);
  });

  it('of every record drains nothing into the dead letters: it waits, visibly', async () => {
    let current = true;
    let calls = 0;
    const start = async () => {
      calls += 1;
      return await Promise.reject(new TypeError('broken'));
    };
    const { ingress, letters, events } = rig({ starter: { start } });
    const bad = recordOf(Buffer.from('x'), { offset: 0n });
    const batch = batchOf([bad, ...requests(10).map((one) => ({ ...one, offset: one.offset + 1n }))], { isCurrent: () => current });
    const done = ingress.onBatch(batch);
    await until(() => calls > 200, { timeoutMs: 5000, what: 'many attempts' });
    expect(events.named('paused')).toEqual([{ cause: 'DEFECT' }]);
    current = false;
    await done;
    expect(letters).toHaveLength(1);
    expect(batch.commits).toEqual([1n]);
  });
});

const REFUSAL = 'Temporal refuses the start: task queue name cannot start with /_sys/';

/** Starts that the server refuses if `refuses` says so of their offset. */
function serverThat(refuses: (offset: number, call: number) => boolean) {
  const started: number[] = [];
  let calls = 0;
  const start = async ({ origin }: { origin: { offset: string } }) => {
    calls += 1;
    const [offset, call] = [Number(origin.offset), calls];
    await new Promise((resolve) => setImmediate(resolve));
    if (refuses(offset, call)) throw new StartRefusedError(REFUSAL);
    started.push(offset);
    return 'STARTED' as const;
  };
  return { start, started, calls: () => calls };
}

function offsetsOf(letters: readonly DeadLetter[]): number[] {
  return letters.map(({ headers }) => Number(headers.get('vf-dlq-offset')?.[0]?.toString()));
}

describe('a start that Temporal refuses', () => {
  it('is blamed on its record while others get through', async () => {
    const server = serverThat((offset) => offset === 1);
    const { ingress, letters } = rig({ starter: server });
    const batch = batchOf(requests(10));
    await ingress.onBatch(batch);
    expect([offsetsOf(letters), server.started.length, batch.commits.at(-1)]).toEqual([[1], 9, 10n]);
  });

  it.each([
    ['from the first on', 0],
    ['from some moment on, with others in flight', 40],
  ])('as every other is, %s, drains nothing: all wait, not ready, and the reason is named', async (_what, after) => {
    let current = true;
    const server = serverThat((_offset, call) => call > after);
    const { ingress, letters, events } = rig({ starter: server });
    const batch = batchOf(requests(200), { isCurrent: () => current });
    const done = ingress.onBatch(batch);
    await until(() => server.calls() > after + 2_000, { timeoutMs: 10_000, what: 'many attempts' });
    expect(events.named('paused')).toEqual([{ cause: 'START_REFUSED', detail: REFUSAL }]);
    expect(ingress.waits()).toEqual([{ cause: 'START_REFUSED', detail: REFUSAL }]);
    current = false;
    await done;
    expect([letters, server.started.length]).toEqual([[], after]);
  });

  it('and stands alone in its partition waits for what is written after it, which shows whose fault it is', async () => {
    const server = serverThat((offset) => offset === 0);
    const { ingress, letters, events } = rig({ starter: server, refetchFailingMs: 30_000 });
    const alone = batchOf(requests(1));
    await ingress.onBatch(alone);
    expect([letters, alone.commits, events.named('paused').length]).toEqual([[], [], 1]);
    const again = batchOf(requests(2));
    for (let fetches = 0; again.commits.at(-1) !== 2n; fetches += 1) {
      expect(fetches).toBeLessThan(3);
      await ingress.onBatch(again);
    }
    expect([offsetsOf(letters), server.started]).toEqual([[0], [1]]);
    expect(ingress.waits()).toEqual([]);
  });

  it('as every other is, wherever that begins and however many lanes, costs at most the one record that was in flight alone', async () => {
    const cases = fc.record({ after: fc.nat(30), lanes: fc.integer({ min: 1, max: 32 }), size: fc.integer({ min: 1, max: 60 }) });
    await fc.assert(
      fc.asyncProperty(cases, async ({ after, lanes, size }) => {
        let current = true;
        let over = false;
        const { start, calls } = serverThat((_offset, call) => call > after);
        const { ingress, letters } = rig({ starter: { start }, maxConcurrentStarts: lanes });
        const batch = batchOf(requests(size), { isCurrent: () => current });
        const done = ingress.onBatch(batch).finally(() => (over = true));
        await until(() => over || calls() > after + 3 * Math.min(lanes, size), { timeoutMs: 10_000, what: 'attempts' });
        current = false;
        await done;
        expect(letters.length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 40, endOnFailure: true },
    );
  });
});
