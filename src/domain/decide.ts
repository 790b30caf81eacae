import { concludedVerdict } from './judging/conclude.ts';
import { endingVerdict } from './judging/endings.ts';
import { unjudged } from './judging/unjudged.ts';
import { nextRead } from './reading/next-read.ts';
import { accountOf } from './reading/slots.ts';
import { deadlineMs, type Decision, type State } from './state.ts';

/**
 * What to do now (`nowMs`: epoch ms): finish, read, or wait. Pure and total; the first rule that applies decides.
 * A WAIT always ends after `nowMs` and at the deadline at the latest; a READ is always inside the window and the quota.
 */
export function decide(state: State, nowMs: number): Decision {
  return settled(state) ?? underway(state, nowMs) ?? cancelled(state, nowMs) ?? outOfReads(state, nowMs) ?? scheduled(state, nowMs);
}

function settled(state: State): Decision | undefined {
  const verdict = concludedVerdict(state);
  return verdict && { kind: 'FINISH', verdict };
}

/** The read in flight decides, whatever else happened meanwhile. */
function underway(state: State, nowMs: number): Decision | undefined {
  const inFlight = state.reads.some(({ report }) => report === undefined);
  const untilMs = deadlineMs(state.assignment);
  return inFlight && nowMs < untilMs ? { kind: 'WAIT', untilMs, why: 'DEADLINE' } : undefined;
}

function cancelled(state: State, nowMs: number): Decision | undefined {
  if (!state.cancelled) return undefined;
  return { kind: 'FINISH', verdict: unjudged(['CANCELLED_BY_OPERATOR'], { state, atMs: nowMs }) };
}

function outOfReads(state: State, nowMs: number): Decision | undefined {
  const late = nowMs >= deadlineMs(state.assignment);
  const none = accountOf(state).left === 0;
  if (!late && !none) return undefined;
  return { kind: 'FINISH', verdict: endingVerdict(state, { limit: none ? 'QUOTA_EXHAUSTED' : 'WINDOW_PASSED', atMs: nowMs }) };
}

function scheduled(state: State, nowMs: number): Decision {
  const next = nextRead(state);
  if (next === undefined) return { kind: 'WAIT', untilMs: deadlineMs(state.assignment), why: 'DEADLINE' };
  if (next.atMs > nowMs) return { kind: 'WAIT', untilMs: next.atMs, why: next.why, nextReadAtMs: next.atMs };
  return { kind: 'READ', slot: accountOf(state).counted + 1, trigger: next.trigger };
}
