import { concludedVerdict } from './judging/conclude.ts';
import { ruledVerdict } from './judging/ruled.ts';
import { endingVerdict } from './judging/endings.ts';
import { unjudged } from './judging/unjudged.ts';
import { isLedgerAway, reportedAtMs } from './reading/backoff.ts';
import { isParked } from './reading/parking.ts';
import { nextRead } from './reading/next-read.ts';
import { isAnswered } from './reading/report.ts';
import { accountOf } from './reading/slots.ts';
import { deadlineMs, type Decision, type Emission, type State } from './state.ts';

/**
 * What to do now (`nowMs`: epoch ms): finish, read, or wait. Pure and total; the first rule that applies decides.
 * A WAIT always ends after `nowMs` and, as long as no outcome is fixed, at the deadline at the latest; a READ is always
 * inside the window and the quota.
 */
export function decide(state: State, nowMs: number): Decision {
  return (
    emitting(state, nowMs) ??
    ruled(state, nowMs) ??
    concluded(state, nowMs) ??
    underway(state, nowMs) ??
    unanswered(state, nowMs) ??
    cancelled(state, nowMs) ??
    outOfReads(state, nowMs) ??
    scheduled(state, nowMs)
  );
}

/** An outcome that may have been sent is sent again, whatever happened meanwhile, and no read can change it any more. */
function emitting({ emission }: State, nowMs: number): Decision | undefined {
  if (emission === undefined) return undefined;
  const untilMs = emitAgainAtMs(emission);
  if (untilMs !== undefined && nowMs < untilMs) return { kind: 'WAIT', untilMs, why: 'EMISSION_STOPPED' };
  return { kind: 'FINISH', verdict: emission.verdict, decidedAtMs: emission.decidedAtMs };
}

const EMIT_AGAIN_AFTER_MS = 60_000;
const LONGEST_EMIT_PAUSE_MS = 60 * 60_000;

/** Twice as long after every stop, up to an hour: an outcome has no deadline, and its history must not fill up meanwhile. */
function emitAgainAtMs({ stops, stoppedAtMs }: Emission): number | undefined {
  if (stoppedAtMs === undefined) return undefined;
  return stoppedAtMs + Math.min(EMIT_AGAIN_AFTER_MS * 2 ** (stops - 1), LONGEST_EMIT_PAUSE_MS);
}

/** Before anything that could read: what a person has decided needs no answer of the vendor, and no cancellation ends it. */
function ruled(state: State, nowMs: number): Decision | undefined {
  const verdict = ruledVerdict(state);
  return verdict && { kind: 'FINISH', verdict, decidedAtMs: nowMs };
}

function concluded(state: State, nowMs: number): Decision | undefined {
  const verdict = concludedVerdict(state);
  if (verdict === undefined) return undefined;
  const atMs = settledAtHomeMs(state);
  return atMs === undefined
    ? { kind: 'FINISH', verdict, decidedAtMs: nowMs }
    : { kind: 'FINISH', verdict, decidedAtMs: atMs, atOnce: true };
}

/**
 * When the home run's last read settled it, by that read's own report. Then neither verdict nor instant can become another by
 * what comes meanwhile (a hint, a cancellation, the deadline), or by the clock of a workflow task that is repeated.
 */
function settledAtHomeMs({ assignment, away, reads }: State): number | undefined {
  const last = reads.at(-1);
  if (away === true || assignment.replayedAtMs !== undefined || last?.report === undefined) return undefined;
  return isAnswered(last.report) ? reportedAtMs(last) : undefined;
}

/** The read in flight decides, whatever else happened meanwhile. */
function underway(state: State, nowMs: number): Decision | undefined {
  const inFlight = state.reads.some(({ report }) => report === undefined);
  const untilMs = deadlineMs(state.assignment);
  return inFlight && nowMs < untilMs ? { kind: 'WAIT', untilMs, why: 'DEADLINE' } : undefined;
}

/** Nobody could say which reads were made, and it is too late, or no longer wanted, to ask once more. */
function unanswered(state: State, nowMs: number): Decision | undefined {
  const over = state.cancelled || nowMs >= deadlineMs(state.assignment);
  if (!over || !isLedgerAway(state)) return undefined;
  return { kind: 'FINISH', verdict: unjudged(['READ_WITHHELD'], { state, atMs: nowMs }), decidedAtMs: nowMs };
}

function cancelled(state: State, nowMs: number): Decision | undefined {
  if (!state.cancelled) return undefined;
  return { kind: 'FINISH', verdict: unjudged(['CANCELLED_BY_OPERATOR'], { state, atMs: nowMs }), decidedAtMs: nowMs };
}

function outOfReads(state: State, nowMs: number): Decision | undefined {
  const late = nowMs >= deadlineMs(state.assignment);
  const none = accountOf(state).left === 0;
  if (!late && !none) return undefined;
  const limit = none ? 'QUOTA_EXHAUSTED' : 'WINDOW_PASSED';
  return { kind: 'FINISH', verdict: endingVerdict(state, { limit, atMs: nowMs }), decidedAtMs: nowMs };
}

function scheduled(state: State, nowMs: number): Decision {
  const next = nextRead(state);
  if (next === undefined) {
    return { kind: 'WAIT', untilMs: deadlineMs(state.assignment), why: isLedgerAway(state) ? 'LEDGER_AWAY' : 'DEADLINE' };
  }
  if (next.atMs > nowMs) return { kind: 'WAIT', untilMs: next.atMs, why: next.why, nextReadAtMs: next.atMs };
  return { kind: 'READ', slot: accountOf(state).counted + 1, trigger: next.trigger, ...(isParked(state) ? { parked: true } : {}) };
}
