import { describe, expect, it } from 'vitest';
import { listQuery } from '../../src/operator/list-query.ts';

const NOW_MS = Date.parse('2026-02-01T12:00:00Z');

describe('the list query', () => {
  it.each([
    [{}, "WorkflowType = 'resolveVerification'"],
    [{ outcome: 'passed' }, "WorkflowType = 'resolveVerification' AND VfOutcome = 'PASSED'"],
    [
      { stage: 'WAITING', since: '2h' },
      "WorkflowType = 'resolveVerification' AND VfStage = 'WAITING' AND (StartTime >= '2026-02-01T10:00:00.000Z' OR CloseTime >= '2026-02-01T10:00:00.000Z')",
    ],
    [
      { since: '2026-01-01T00:00:00Z' },
      "WorkflowType = 'resolveVerification' AND (StartTime >= '2026-01-01T00:00:00.000Z' OR CloseTime >= '2026-01-01T00:00:00.000Z')",
    ],
    [{ reason: 'data_source_error' }, "WorkflowType = 'resolveVerification' AND VfReason = 'DATA_SOURCE_ERROR'"],
    [{ query: 'A = 1 OR B = 2' }, "WorkflowType = 'resolveVerification' AND (A = 1 OR B = 2)"],
  ])('%j', (filter, expected) => expect(listQuery(filter, NOW_MS)).toBe(expected));

  it.each([
    [{ outcome: "PASSED' OR 1=1" }, '--outcome'],
    [{ stage: 'ASLEEP' }, '--stage'],
    [{ reason: "X' OR 1=1" }, '--with-reason'],
    [{ since: 'yesterday' }, '--since'],
    [{ query: ' ' }, '--query'],
    [{ query: '' }, '--query'],
  ])('refuses %j', (filter, option) => expect(() => listQuery(filter, NOW_MS)).toThrow(option));
});
