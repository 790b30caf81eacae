import { describe, expect, it } from 'vitest';
import type { Progress, VerificationRow } from '../../src/operator/ports.ts';
import { LOOKED_INTO_AT_MOST, survey, type SurveyFilter, type SurveyPorts, surveyQuery } from '../../src/operator/survey.ts';

const NOW = Date.parse('2026-02-01T12:00:00Z');
const RUNNING: Progress = { uncertainReads: 0 };

function rowOf(index: number, more: Partial<VerificationRow> = {}): VerificationRow {
  const id = `v${index}`;
  return {
    verificationId: id,
    workflowId: `fv-${id}`,
    status: 'RUNNING',
    startedAt: new Date(NOW - 1_000).toISOString(),
    deadlineAt: new Date(NOW + index * 60_000).toISOString(),
    ...more,
  };
}

/** Rows that a query finds, by the deadline that it names. */
function portsOver(
  rows: readonly VerificationRow[],
  progress: (id: string) => Progress | undefined = () => RUNNING,
): { ports: SurveyPorts; asked: string[]; looked: string[] } {
  const asked: string[] = [];
  const looked: string[] = [];
  const found = (query: string): readonly VerificationRow[] => {
    const until = /VfDeadline <= '([^']+)'(?!.*VfDeadline)/.exec(query)?.[1];
    return until === undefined ? rows : rows.filter(({ deadlineAt = '' }) => deadlineAt <= until);
  };
  const ports: SurveyPorts = {
    reader: {
      list: async function* (query, limit) {
        asked.push(query);
        yield* await Promise.resolve(found(query).slice(0, limit));
      },
    },
    count: async (query) => await Promise.resolve(found(query).length),
    progress: async (workflowId) => {
      looked.push(workflowId);
      return await Promise.resolve(progress(workflowId));
    },
  };
  return { ports, asked, looked };
}

async function surveyed(ports: SurveyPorts, filter: SurveyFilter) {
  return await survey(ports, { filter, query: surveyQuery(filter, NOW), nowMs: NOW });
}

describe('a list', () => {
  it.each<[SurveyFilter, string]>([
    [{ limit: 5, expiring: '1h' }, "ExecutionStatus = 'Running' AND VfDeadline <= '2026-02-01T13:00:00.000Z'"],
    [{ limit: 5, held: true }, "ExecutionStatus = 'Running'"],
    [
      { limit: 5, uncertain: true, since: '1h' },
      "(StartTime >= '2026-02-01T11:00:00.000Z' OR CloseTime >= '2026-02-01T11:00:00.000Z') AND VfCallsSpent >= 1",
    ],
    [{ limit: 5, bizKeys: ['a', 'b'] }, "VfBizKey IN ('a', 'b')"],
  ])('%j asks visibility for %s', (filter, condition) => {
    expect(surveyQuery(filter, NOW)).toBe(`WorkflowType = 'resolveVerification' AND ${condition}`);
  });

  it.each(['soon', '1w', '', '-1h'])('refuses --expiring %j', (expiring) => {
    expect(() => surveyQuery({ limit: 5, expiring }, NOW)).toThrow('--expiring');
  });

  it('tells the next reads of what runs, in the order of the list, and looks into nothing else', async () => {
    const rows = [rowOf(1), rowOf(2, { status: 'COMPLETED', readsCounted: 0 }), rowOf(3, { status: 'COMPLETED', readsCounted: 1 })];
    const { ports, looked } = portsOver(rows, (id) => ({ uncertainReads: 0, nextReadAt: id }));
    const { rows: shown, notes } = await surveyed(ports, { limit: 10 });
    expect(shown.map(({ workflowId, progress }) => [workflowId, progress?.nextReadAt])).toEqual([
      ['fv-v1', 'fv-v1'],
      ['fv-v2', undefined],
      ['fv-v3', 'fv-v3'],
    ]);
    expect([looked, notes]).toEqual([['fv-v1', 'fv-v3'], []]);
  });

  it('shows the nearest deadlines first, though visibility sorts by start, and asks for no more of them than it needs', async () => {
    const rows = Array.from({ length: 900 }, (_, index) => rowOf(900 - index));
    const { ports, asked } = portsOver(rows);
    const { rows: shown } = await surveyed(ports, { limit: 3, sort: 'deadline' });
    expect(shown.map(({ verificationId }) => verificationId)).toEqual(['v1', 'v2', 'v3']);
    expect(asked).toEqual([expect.stringContaining("VfDeadline <= '2026-02-01T12:15:00.000Z'")]);
    const all = await surveyed(portsOver(rows).ports, { limit: 1_000, sort: 'deadline' });
    expect(all.rows).toHaveLength(900);
  });

  it('--held and --uncertain show those whose histories say so, and say what was not looked into', async () => {
    const rows = Array.from({ length: LOOKED_INTO_AT_MOST + 1 }, (_, index) => rowOf(index + 1, { readsCounted: 1 }));
    const progress = (id: string): Progress => ({
      uncertainReads: id === 'fv-v2' ? 1 : 0,
      ...(id === 'fv-v3' ? { parkedSince: 'x' } : {}),
    });
    const note = `looked into ${LOOKED_INTO_AT_MOST} of ${LOOKED_INTO_AT_MOST + 1}; narrow it with --expiring, --since or --query`;
    const uncertain = await surveyed(portsOver(rows, progress).ports, { limit: 10, uncertain: true });
    expect([uncertain.rows.map(({ verificationId }) => verificationId), uncertain.notes]).toEqual([['v2'], [note]]);
    const held = await surveyed(portsOver(rows.slice(0, 10), progress).ports, { limit: 10, held: true });
    expect([held.rows.map(({ verificationId }) => verificationId), held.notes]).toEqual([['v3'], []]);
    expect((await surveyed(portsOver(rows.slice(0, 10), progress).ports, { limit: 10, held: true, uncertain: true })).rows).toEqual([]);
  });

  it('a long one says of which rows the next read is told', async () => {
    const rows = Array.from({ length: LOOKED_INTO_AT_MOST + 1 }, (_, index) => rowOf(index + 1));
    const { ports, looked } = portsOver(rows);
    const { rows: shown, notes } = await surveyed(ports, { limit: 5_000 });
    expect([shown.length, looked.length, notes]).toEqual([
      LOOKED_INTO_AT_MOST + 1,
      LOOKED_INTO_AT_MOST,
      [`next reads are told of the first ${LOOKED_INTO_AT_MOST} alone`],
    ]);
  });
});
