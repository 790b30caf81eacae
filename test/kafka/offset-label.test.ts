import { describe, expect, it } from 'vitest';
import { createReader } from '../../src/kafka/patches/compact.ts';
import { countedIn, labelled, labelOf } from '../../src/kafka/patches/offset-label.ts';
import { topicIdsBy } from '../../src/kafka/patches/questions.ts';

const [OLD, NEW] = ['AAAAAAAAAAAAAAAAAAAAAQ', 'BBBBBBBBBBBBBBBBBBBBBQ'];

describe('a committed offset counts in one topic only', () => {
  it.each([
    ['of the topic that is there', labelOf(NEW), NEW, '290'],
    ['of one of the same name that is gone', labelOf(OLD), NEW, '-1'],
    ['set by an operator, without a label', null, NEW, '290'],
    ['set by a tool with words of its own', 'moved by jane', NEW, '290'],
    ['where the broker cannot tell ids', labelOf(OLD), undefined, '290'],
  ])('%s', (_what, metadata, idNow, offset) => {
    const ids = new Map(idNow === undefined ? [] : [['requests', idNow]]);
    const counted = countedIn([{ topic: 'requests', partitions: [{ partition: 4, offset: '290', metadata }] }], ids);
    expect(counted.offsets[0]?.partitions[0]?.offset).toBe(offset);
    expect(counted.foreign).toEqual(offset === '-1' ? [{ topic: 'requests', partition: 4 }] : []);
  });

  it('and is committed with the id its reader read, partition by partition', () => {
    const offsets = [{ topic: 'requests', partitions: [0, 1].map((partition) => ({ partition, offset: '7' })) }];
    expect(labelled(offsets, (_topic, partition) => (partition === 0 ? OLD : undefined))).toEqual([
      {
        topic: 'requests',
        partitions: [
          { partition: 0, offset: '7', metadata: labelOf(OLD) },
          { partition: 1, offset: '7' },
        ],
      },
    ]);
  });

  it('asks nothing of a broker that is too old to tell topic ids', async () => {
    const send = (): Promise<never> => Promise.reject(new Error('must not be asked'));
    const broker = { versions: { 3: { minVersion: 0, maxVersion: 9 } }, connectionPool: { send } };
    expect(await topicIdsBy(broker, ['requests'])).toEqual(new Map());
  });
});

describe('the reader of compact responses', () => {
  it('reads long lengths, nulls and tagged fields it does not know', () => {
    const text = 'x'.repeat(200);
    const reader = createReader(Buffer.concat([Buffer.from([0xc9, 0x01]), Buffer.from(text), Buffer.from([0, 1, 5, 2, 9, 9, 0, 7])]));
    expect(reader.text()).toBe(text);
    expect(reader.text()).toBeUndefined();
    reader.tags();
    expect(reader.int16()).toBe(7);
  });

  it('refuses to read past the end', () => {
    expect(() => createReader(Buffer.from([9, 65])).text()).toThrow(RangeError);
  });
});
