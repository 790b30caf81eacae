import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ReadReport } from '../../src/domain/reading/report.ts';
import { readTimesMs } from '../support/history.ts';
import { DAY_MS, answer, PASSED_READ, PENDING_READ, UNCERTAIN_READ } from '../support/verification-input.ts';
import { useVirtualServer } from '../support/workflow-env.ts';
import { runScenario } from '../support/workflow-rig.ts';

const AT = { sentAt: '2026-01-05T10:00:00.000Z', answeredAt: '2026-01-05T10:00:01.000Z', endedAt: '2026-01-05T10:00:01.000Z' };
const REFUSED_READ: ReadReport = {
  kind: 'VENDOR_ERROR',
  error: 'CONCURRENCY_LIMIT_EXCEEDED',
  httpStatus: 403,
  vendorRequestIds: [],
  sentAt: AT.sentAt,
  answeredAt: AT.answeredAt,
};
const UNSENT_READ: ReadReport = { kind: 'UNSENT', cause: 'CONNECT_FAILED', endedAt: AT.endedAt };

/** Counts like the vendor, independently of the domain: everything that left, refusals apart. */
function leftForVendor(report: ReadReport): boolean {
  return report.kind !== 'UNSENT' && report.kind !== 'WITHHELD' && report !== REFUSED_READ;
}

describe('the quota', () => {
  const server = useVirtualServer();

  it.each([
    ['pending', PENDING_READ, 'EXPIRED'],
    ['of unknown effect', UNCERTAIN_READ, 'ERROR'],
  ])('never reads a fourth time when every answer is %s', async (_name, report, outcome) => {
    const { orders, result } = await runScenario(server(), { reads: [report] });
    expect(orders.map(({ slot }) => slot)).toEqual([1, 2, 3]);
    expect(result.outcome).toMatchObject({ outcome, retrieval: { callsUsed: 3, callLimit: 3 } });
  });

  it('holds for any sequence of answers, inside the window', { timeout: 120_000 }, async () => {
    const report = fc.constantFrom(PENDING_READ, UNCERTAIN_READ, REFUSED_READ, UNSENT_READ, answer({ status: 'UNKNOWN' }), PASSED_READ);
    await fc.assert(
      fc.asyncProperty(fc.array(report, { minLength: 1, maxLength: 8 }), async (reports) => {
        const answered: ReadReport[] = [];
        const { history, startedAtMs, emissions } = await runScenario(server(), {
          reads: (_order, number) => {
            const next = reports[number - 1] ?? PENDING_READ;
            answered.push(next);
            return next;
          },
        });
        expect(answered.filter(leftForVendor).length).toBeLessThanOrEqual(3);
        const readAtMs = readTimesMs(history, startedAtMs);
        expect(readAtMs).toHaveLength(answered.length);
        expect(readAtMs.every((atMs) => atMs < DAY_MS)).toBe(true);
        expect(new Set(emissions.map(({ event }) => JSON.stringify(event))).size).toBe(1);
      }),
      { numRuns: 15 },
    );
  });

  it('outlives a whole window without a connection, with a history far from its limit', { timeout: 120_000 }, async () => {
    const { result, history } = await runScenario(server(), { reads: [UNSENT_READ] });
    expect(result.outcome).toMatchObject({ outcome: 'ERROR', retrieval: { callsUsed: 0 } });
    expect(history.events?.length).toBeLessThan(10_240);
  });
});
