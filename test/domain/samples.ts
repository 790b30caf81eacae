import { decide } from '../../src/domain/decide.ts';
import { defined } from '../../src/domain/defined.ts';
import { evolve } from '../../src/domain/evolve.ts';
import type { Answer } from '../../src/domain/judging/answer.ts';
import type { PolicyProfile } from '../../src/domain/policy.ts';
import { type PolicySettings, resolvePolicy } from '../../src/domain/reading/plan.ts';
import type { LedgerDoubt, ReadReport, UncertainCause, UnsentCause, VendorError, WithheldWhy } from '../../src/domain/reading/report.ts';
import { type Assignment, initialState, type State } from '../../src/domain/state.ts';
import type { Verdict } from '../../src/domain/verdict.ts';

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const T0 = Date.parse('2026-03-01T12:00:00Z');

export const SETTINGS: PolicySettings = {
  maxReads: 3,
  windowMs: 24 * HOUR,
  minGapMs: 20 * SECOND,
  errorBackoffMs: 30 * SECOND,
  requiredFar: '1e-4',
  countRefused: false,
};

type Wish = Partial<Omit<Assignment, 'policy'>> & { profile?: PolicyProfile; settings?: Partial<PolicySettings> };

/** Issued and admitted at T0, token expiry after an hour, the default policy. */
export function assignmentWith({ profile = 'issued', settings = {}, ...rest }: Wish = {}): Assignment {
  return {
    verificationId: 'abcdefghijklmnopqrstuvwxyz',
    issuedAtMs: T0,
    admittedAtMs: T0,
    tokenExpiresAtMs: T0 + HOUR,
    comparisons: [],
    policy: resolvePolicy(profile, { ...SETTINGS, ...settings }),
    ...rest,
  };
}

export const THRESHOLDS = { '1e-3': 64, '1e-4': 69, '1e-5': 74, '1e-6': 79.9 } as const;

export function answerWith(changes: Partial<Answer> = {}): Answer {
  return {
    status: 'OK',
    liveness: { result: 'PASS' },
    verifyPresent: true,
    comparisons: [{ name: 'result_ref1', confidence: 75, thresholds: THRESHOLDS }],
    bizNo: 'NOT_EXPECTED',
    unclear: [],
    vendorRequestIds: [],
    quirks: [],
    ...changes,
  };
}

const AT = new Date(T0).toISOString();

export function answer(changes: Partial<Answer> = {}): ReadReport {
  return { kind: 'ANSWER', sentAt: AT, answeredAt: AT, answer: answerWith(changes) };
}

export function pending(status: 'PROCESSING' | 'NOT_STARTED' | 'UNKNOWN' = 'PROCESSING'): ReadReport {
  return answer({ status, liveness: { result: 'ABSENT' }, verifyPresent: false, comparisons: [] });
}

type ErrorReport = Extract<ReadReport, { kind: 'VENDOR_ERROR' }>;

export function vendorError(error: VendorError, httpStatus = 403, parts: Partial<ErrorReport> = {}): ReadReport {
  return { kind: 'VENDOR_ERROR', sentAt: AT, answeredAt: AT, error, httpStatus, vendorRequestIds: [], ...parts };
}

export const MALFORMED: ReadReport = { kind: 'MALFORMED', sentAt: AT, answeredAt: AT, httpStatus: 200, bodyBytes: 3, bodySha256: 'ab' };

export function uncertain(cause: UncertainCause = 'TIMEOUT'): ReadReport {
  return { kind: 'UNCERTAIN', cause, endedAt: AT };
}

export function unsent(cause: UnsentCause = 'CONNECT_FAILED'): ReadReport {
  return { kind: 'UNSENT', cause, endedAt: AT };
}

export function withheld(why: WithheldWhy, doubt?: LedgerDoubt): ReadReport {
  return { kind: 'WITHHELD', why, endedAt: AT, ...defined({ doubt }) };
}

type MadeRead = { readonly atMs: number; readonly report: ReadReport; readonly parked?: boolean };

/** A read that was scheduled and answered at the same instant, `atMs` after T0. */
export function afterRead(state: State, { atMs, report, parked = false }: MadeRead): State {
  const scheduled = evolve(state, { kind: 'READ_SCHEDULED', atMs: T0 + atMs, trigger: 'SCHEDULE', ...(parked ? { parked } : {}) });
  return evolve(scheduled, { kind: 'READ_ENDED', atMs: T0 + atMs, report });
}

export function stateAfter(assignment: Assignment, reads: readonly MadeRead[]): State {
  return reads.reduce(afterRead, initialState(assignment));
}

export type Lived = { readonly readsAtMs: readonly number[]; readonly verdict: Verdict; readonly endedAtMs: number; readonly state: State };

/** Runs a verification to its end, answering its reads in turn (the last answer repeats). Times are ms after T0. */
export function live(assignment: Assignment, answers: readonly ReadReport[]): Lived {
  let state = initialState(assignment);
  let nowMs = assignment.admittedAtMs;
  const readsAtMs: number[] = [];
  for (let step = 0; step < 2000; step += 1) {
    const decision = decide(state, nowMs);
    if (decision.kind === 'FINISH') return { readsAtMs, verdict: decision.verdict, endedAtMs: nowMs - T0, state };
    if (decision.kind === 'WAIT') {
      nowMs = decision.untilMs;
      continue;
    }
    const report = answers[Math.min(readsAtMs.length, answers.length - 1)];
    if (report === undefined) throw new Error('live needs at least one answer');
    readsAtMs.push(nowMs - T0);
    state = afterRead(state, { atMs: nowMs - T0, report });
  }
  throw new Error('a verification did not end within 2000 steps');
}

export function codes(verdict: Verdict): readonly string[] {
  return verdict.reasons.map(({ code }) => code);
}
