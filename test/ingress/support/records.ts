import type { InboundBatch, InboundRecord } from '../../../src/ingress/ports.ts';
import type { Policy } from '../../../src/domain/policy.ts';
import { PLAIN_POLICY } from '../../support/verification-input.ts';

export const REQUESTS = 'requests';
export const HINTS = 'hints';
export const NOW = Date.parse('2026-01-15T12:00:00Z');
export const RETENTION_MS = 30 * 24 * 3_600_000;

export const POLICY: Policy = {
  ...PLAIN_POLICY,
  id: 'issued',
  plan: [{ anchor: 'ISSUED', offsetMs: 300_000, notBeforeMs: 0, reserve: false }],
};

export function recordOf(value: unknown, about: Partial<InboundRecord> = {}): InboundRecord {
  const bytes = value === null || Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value));
  return { topic: REQUESTS, partition: 0, offset: 0n, timestampMs: NOW - 1000, key: null, headers: new Map(), ...about, value: bytes };
}

export function headersOf(entries: Record<string, string>): Map<string, Buffer[]> {
  return new Map(Object.entries(entries).map(([name, text]) => [name, [Buffer.from(text)]]));
}

/** A batch whose commits are kept in `commits`. */
export function batchOf(
  records: readonly InboundRecord[],
  about: Partial<InboundBatch> = {},
): InboundBatch & { readonly commits: bigint[]; readonly beats: number[] } {
  const commits: bigint[] = [];
  const beats: number[] = [];
  return {
    topic: records[0]?.topic ?? REQUESTS,
    partition: 0,
    records,
    endOffset: (records.at(-1)?.offset ?? -1n) + 1n,
    commit: async (next) => {
      commits.push(next);
      await Promise.resolve();
    },
    heartbeat: async () => {
      beats.push(Date.now());
      await Promise.resolve();
    },
    isCurrent: () => true,
    ...about,
    commits,
    beats,
  };
}
