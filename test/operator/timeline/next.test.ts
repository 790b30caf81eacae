import { describe, expect, it } from 'vitest';
import type { VerificationDetails } from '../../../src/operator/ports.ts';
import { nextSteps, whyOf } from '../../../src/operator/timeline/next.ts';
import type { TimelineEvent } from '../../../src/operator/timeline/ports.ts';
import { ALL_EVENTS, DETAILS, NOW_MS, TIMELINE } from './cases.ts';

const DEADLINE = 'an outcome in 21 h at the latest, at 2 Feb 11:00 UTC';
const OPEN_WAIT = ALL_EVENTS.find((event) => event.kind === 'WAITED' && event.endedAt === undefined && event.follows === 'next read');
const LAST_WAIT = ALL_EVENTS.find((event) => event.kind === 'WAITED' && event.endedAt === undefined && event.follows === undefined);
const PARKED = ALL_EVENTS.find((event) => event.kind === 'READ' && event.state === 'PARKED');
const IN_FLIGHT = ALL_EVENTS.find((event) => event.kind === 'READ' && event.state === 'IN_FLIGHT');
const PENDING = ALL_EVENTS.find(({ kind }) => kind === 'EMISSION_PENDING');

function detailsWith(event: TimelineEvent | undefined, more: Partial<VerificationDetails> = {}): VerificationDetails {
  return { ...DETAILS, timeline: { ...TIMELINE, events: event === undefined ? [] : [event] }, ...more };
}

describe('what comes next', () => {
  it.each<[string, VerificationDetails, readonly string[]]>([
    [
      'a wait',
      detailsWith(OPEN_WAIT),
      ['keeping the last read for the end of the window; next read in 20 h, at 2 Feb 10:00 UTC', DEADLINE],
    ],
    [
      'a wait for the end',
      detailsWith(LAST_WAIT),
      ['waiting for the deadline, no read is left to make; over in 21 h, at 2 Feb 11:00 UTC', DEADLINE],
    ],
    ['a read in flight', detailsWith(IN_FLIGHT), ['read 3 of 3 is in flight, for 1 s by now; worker 7@worker-1', DEADLINE]],
    [
      'a read that nobody takes',
      detailsWith(PARKED),
      [
        'read 3 of 3 waits for a worker, for 12 min by now; no worker takes it: none runs, or reads are held; asked for by an operator',
        DEADLINE,
      ],
    ],
    ['an emission', detailsWith(PENDING), ['being published, attempt 7; kafka unavailable: no answer', DEADLINE]],
    [
      'no worker',
      detailsWith(undefined, { timeline: { ...TIMELINE, events: [], untakenSince: '2026-02-01T13:57:55.000Z' } }),
      ['no worker has taken its next step for 2 min 5 s: does one run?', DEADLINE],
    ],
    [
      'a task of this moment',
      detailsWith(undefined, { timeline: { ...TIMELINE, events: [], untakenSince: '2026-02-01T13:59:59.000Z' } }),
      [DEADLINE],
    ],
    [
      'an end that is overdue',
      detailsWith(undefined, { deadlineAt: '2026-02-01T13:00:00.000Z' }),
      ['an outcome is overdue: its deadline was 1 h ago, at 13:00 UTC'],
    ],
    [
      'a paused one',
      detailsWith(OPEN_WAIT, { status: 'PAUSED' }),
      ['somebody paused it in Temporal: nothing happens until it is unpaused'],
    ],
    ['one that has ended', detailsWith(undefined, { status: 'COMPLETED' }), []],
    ['one of another run', detailsWith(OPEN_WAIT, { runId: 'another' }), [DEADLINE]],
  ])('%s', (_what, details, steps) => {
    expect(nextSteps(details, NOW_MS)).toEqual(steps);
  });

  it('why: of the latest decision', () => {
    expect(whyOf(TIMELINE)).toBe('result_ref1 68.918, needs 69 for 1e-4');
    expect(whyOf({ ...TIMELINE, events: [] })).toBeUndefined();
    const decided = { kind: 'DECIDED', outcome: 'PASSED', reasons: [], why: 'a person', advice: 'NONE' } as const;
    const again = { kind: 'EMITTED', ceId: 'x.r2', outcome: 'PASSED', topic: 'o', partition: 0, offset: '1' } as const;
    const at = '2026-02-01T13:59:59.000Z';
    const reset = { ...decided, outcome: 'NEEDS_REVIEW', why: 'what a reset run made of it' } as const;
    const events = [decided, reset, again].map((event) => ({ at, ...event }));
    expect(whyOf({ ...TIMELINE, events })).toBe('a person');
  });
});
