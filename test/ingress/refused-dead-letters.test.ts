import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { DependencyUnavailableError, RecordRefusedError } from '../../src/contracts/errors.ts';
import { parseDeadLetterHeaders } from '../../src/contracts/wire/dead-letter.ts';
import type { DeadLetter } from '../../src/ingress/ports.ts';
import { until } from '../support/until.ts';
import { batchOf, headersOf, recordOf } from './support/records.ts';
import { rig } from './support/rig.ts';

const refusal = new RecordRefusedError('topic "dlq" refuses the record: MESSAGE_TOO_LARGE');
const sizeOf = ({ key, value }: DeadLetter): number => (key?.length ?? 0) + (value?.length ?? 0);

/** A dead-letter topic that refuses for ever what `refuses` says. */
function topicThat(refuses: (letter: DeadLetter) => boolean) {
  const kept: DeadLetter[] = [];
  const publish = async (letter: DeadLetter): Promise<void> => {
    await Promise.resolve();
    if (refuses(letter)) throw refusal;
    kept.push(letter);
  };
  return { kept, publish };
}

describe('a record that the dead-letter topic refuses', () => {
  it('leaves a small stub that names it by place, size and digest, and stops nothing', async () => {
    const topic = topicThat((letter) => sizeOf(letter) > 4096);
    const { ingress, events, orders } = rig({ deadLetters: topic });
    const value = Buffer.alloc(900_000, 'x');
    const bad = recordOf(value, { offset: 7n, partition: 2, key: Buffer.from('k'), headers: headersOf({ huge: 'h'.repeat(9000) }) });
    const batch = batchOf([bad, recordOf({ token: 'good' }, { offset: 8n, partition: 2 })]);
    await ingress.onBatch(batch);
    expect([orders.length, batch.commits.at(-1)]).toEqual([1, 9n]);
    expect(topic.kept).toHaveLength(1);
    const [stub] = topic.kept;
    expect(stub?.key).toEqual(Buffer.from('k'));
    expect(stub?.value).toEqual(value.subarray(0, 1024));
    expect(stub?.headers.has('huge')).toBe(false);
    expect(parseDeadLetterHeaders(stub?.headers ?? new Map())).toMatchObject({
      ok: true,
      value: {
        'vf-dlq-topic': 'requests',
        'vf-dlq-partition': '2',
        'vf-dlq-offset': '7',
        'vf-dlq-reason': 'TOO_LARGE',
        'vf-dlq-stub': 'true',
        'vf-dlq-value-bytes': '900000',
        'vf-dlq-value-sha256': createHash('sha256').update(value).digest('hex'),
      },
    });
    expect(events.named('deadLetterCut')).toMatchObject([{ offset: 7n, valueBytes: 900_000, refusal: refusal.message }]);
    expect(events.named('deadLettered')).toMatchObject([{ offset: 7n, reason: 'TOO_LARGE' }]);
    expect(events.named('paused')).toEqual([]);
  });

  it.each([
    ['no key', null],
    ['a long key', Buffer.alloc(300, 'k')],
  ])('with %s gets its place for a key, as a compacted topic asks for one', async (_what, key) => {
    const topic = topicThat((letter) => letter.key === null || letter.key.length > 256);
    const { ingress } = rig({ deadLetters: topic });
    await ingress.onBatch(batchOf([recordOf(Buffer.from('not json'), { offset: 3n, partition: 1, key })]));
    expect(topic.kept.map((letter) => [String(letter.key), String(letter.value)])).toEqual([['requests/1/3', 'not json']]);
  });

  it('is written whole when the topic takes it again after an outage between record and stub', async () => {
    const kept: DeadLetter[] = [];
    const answers = [refusal, new DependencyUnavailableError('kafka', 'no broker')];
    const publish = async (letter: DeadLetter): Promise<void> => {
      await Promise.resolve();
      const error = answers.shift();
      if (error) throw error;
      kept.push(letter);
    };
    const { ingress, events } = rig({ deadLetters: { publish } });
    await ingress.onBatch(batchOf([recordOf(Buffer.from('not json'))]));
    expect(kept.map(({ headers }) => headers.has('vf-dlq-stub'))).toEqual([false]);
    expect(events.named('deadLetterCut')).toEqual([]);
  });

  it('waits, visibly, while even its stub is refused', async () => {
    let current = true;
    let tries = 0;
    const topic = topicThat(() => (tries += 1) > 0);
    const { ingress, events } = rig({ deadLetters: topic });
    const batch = batchOf([recordOf(Buffer.from('not json'))], { isCurrent: () => current });
    const done = ingress.onBatch(batch);
    await until(() => tries > 6, { timeoutMs: 2000, what: 'some attempts' });
    expect(events.named('paused')).toEqual([{ cause: 'DEFECT' }]);
    current = false;
    await done;
    expect([topic.kept, batch.commits]).toEqual([[], []]);
  });
});

describe('a record that cannot fit in the dead-letter topic', () => {
  const large = recordOf(Buffer.alloc(3_000_000, 'x'), { offset: 7n, key: Buffer.from('k') });

  it('becomes a stub at once where the limit of the topic is known: it is never sent', async () => {
    const topic = topicThat(() => false);
    const { ingress, events } = rig({ deadLetters: { ...topic, maxBytes: 2_000_000 } });
    await ingress.onBatch(batchOf([large]));
    expect(topic.kept.map(({ value }) => value?.length)).toEqual([1024]);
    expect(events.named('deadLetterCut')).toMatchObject([
      { valueBytes: 3_000_000, refusal: expect.stringContaining('takes 2000000 at most') },
    ]);
    expect(events.named('paused')).toEqual([]);
  });

  it('becomes a stub if the brokers hang up on it and take the stub at that very time', async () => {
    const sent: number[] = [];
    const publish = async (letter: DeadLetter): Promise<void> => {
      sent.push(letter.value?.length ?? 0);
      await (sizeOf(letter) > 1_000_000 ? Promise.reject(new DependencyUnavailableError('kafka', 'Closed connection')) : Promise.resolve());
    };
    const { ingress, events } = rig({ deadLetters: { publish } });
    const batch = batchOf([large, recordOf({ token: 'good' }, { offset: 8n })]);
    await ingress.onBatch(batch);
    expect([sent, batch.commits.at(-1)]).toEqual([[3_000_000, 1024], 9n]);
    expect(events.named('deadLetterCut')).toMatchObject([{ refusal: 'kafka unavailable: Closed connection' }]);
  });

  it('waits for the brokers in an outage, and is then written whole', async () => {
    const sent: number[] = [];
    const publish = async (letter: DeadLetter): Promise<void> => {
      if (sent.length < 4) {
        sent.push(letter.value?.length ?? 0);
        throw new DependencyUnavailableError('kafka', 'no broker');
      }
      sent.push(letter.value?.length ?? 0);
      await Promise.resolve();
    };
    const { ingress, events } = rig({ deadLetters: { publish } });
    await ingress.onBatch(batchOf([large]));
    expect(sent).toEqual([3_000_000, 1024, 3_000_000, 1024, 3_000_000]);
    expect(events.named('paused')).toEqual([{ cause: 'kafka' }]);
    expect(events.named('deadLetterCut')).toEqual([]);
  });

  it.each([
    ['a record that was cut', { kind: 'RECORD', bytes: 125_000_000, valueBytes: 124_000_000 }, 'record: has 125000000 bytes', '124000000'],
    ['one of which not even the value was found', { kind: 'RECORD', bytes: 125_000_000 }, 'record: has 125000000 bytes', undefined],
    ['a batch', { kind: 'BATCH', records: 3, firstOffset: '5' }, 'batch: its 3 records, offsets 5 to 7,', undefined],
  ] as const)('was never read whole, as %s, becomes a stub that says what is known', async (_what, cut, says, valueBytes) => {
    const topic = topicThat(() => false);
    const { ingress, orders } = rig({ deadLetters: topic });
    // What is left may look like a request.
    await ingress.onBatch(batchOf([recordOf({ token: 'looks good' }, { offset: 7n, cut })]));
    expect(orders).toEqual([]);
    expect(topic.kept).toHaveLength(1);
    const headers = parseDeadLetterHeaders(topic.kept[0]?.headers ?? new Map());
    expect(headers).toMatchObject({ ok: true, value: { 'vf-dlq-stub': 'true', 'vf-dlq-reason': 'TOO_LARGE', 'vf-dlq-offset': '7' } });
    expect(headers).toMatchObject({ value: { 'vf-dlq-message': expect.stringContaining(says) } });
    expect(headers.ok && [headers.value['vf-dlq-value-bytes'], headers.value['vf-dlq-value-sha256']]).toEqual([valueBytes, undefined]);
  });
});
