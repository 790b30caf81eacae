import type { EachBatchPayload } from 'kafkajs';
import { describe, expect, it, vi } from 'vitest';
import { inboundBatch, StaleBatchError } from '../../src/kafka/batch.ts';

function payload(headers: Record<string, unknown> = {}) {
  const commitOffsetsIfNecessary = vi.fn(async () => await Promise.resolve());
  const resolveOffset = vi.fn();
  const made = {
    batch: {
      topic: 't',
      partition: 3,
      highWatermark: '20',
      messages: [{ key: null, value: null, timestamp: '1700000000000', attributes: 0, offset: '7', headers }],
      isEmpty: () => false,
      firstOffset: () => '7',
      lastOffset: () => '9',
      offsetLag: () => '0',
      offsetLagLow: () => '0',
    },
    commitOffsetsIfNecessary,
    resolveOffset,
    heartbeat: vi.fn(async () => await Promise.resolve()),
    pause: () => () => undefined,
    uncommittedOffsets: () => ({ topics: [] }),
    isRunning: () => true,
    isStale: () => false,
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- headers as kafkajs really delivers them, which its types do not admit
  return { made: made as unknown as EachBatchPayload, commitOffsetsIfNecessary, resolveOffset };
}

describe('inboundBatch', () => {
  it('commits through the callback of the batch alone, then resolves up to there (defects A and H)', async () => {
    const { made, commitOffsetsIfNecessary, resolveOffset } = payload();
    await inboundBatch(made, () => true).commit(8n);
    expect(commitOffsetsIfNecessary).toHaveBeenCalledWith({ topics: [{ topic: 't', partitions: [{ partition: 3, offset: '8' }] }] });
    expect(resolveOffset).toHaveBeenCalledWith('7');
  });

  it('ends after the last offset, gaps and control records included', () => {
    expect(inboundBatch(payload().made, () => true).endOffset).toBe(10n);
  });

  it('touches no offset of a later generation (defect I)', async () => {
    const { made, commitOffsetsIfNecessary, resolveOffset } = payload();
    const batch = inboundBatch(made, () => false);
    await expect(batch.commit(8n)).rejects.toBeInstanceOf(StaleBatchError);
    await expect(batch.heartbeat()).rejects.toBeInstanceOf(StaleBatchError);
    expect(batch.isCurrent()).toBe(false);
    expect(commitOffsetsIfNecessary).not.toHaveBeenCalled();
    expect(resolveOffset).not.toHaveBeenCalled();
  });

  it('takes the bytes of headers only, whatever they are called', () => {
    const inherited = {
      constructor: [Object, Buffer.from('a')],
      toString: [() => '', Buffer.from('b'), Buffer.from('c')],
      missing: null,
      plain: Buffer.from('d'),
    };
    const [record] = inboundBatch(payload(inherited).made, () => true).records;
    expect([...(record?.headers ?? [])]).toEqual([
      ['constructor', [Buffer.from('a')]],
      ['toString', [Buffer.from('b'), Buffer.from('c')]],
      ['missing', [Buffer.alloc(0)]],
      ['plain', [Buffer.from('d')]],
    ]);
  });
});
