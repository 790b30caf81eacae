import type { ReadRecord, State } from '../state.ts';
import { lateJitterMs } from './jitter.ts';
import type { ReadReport } from './report.ts';
import { countedReads, readFates, type FatedRead, isCounted } from './slots.ts';

/**
 * Reads given back in a row wait twice as long each time, up to ten times `errorBackoffMs` or the 288th part of the
 * window (5 min of 24 h), whichever is longer: a closed gate costs some hundred dispatches at most, so a short history.
 */
const LONGEST_BACKOFFS = 10;
const WAITS_PER_WINDOW = 288;

/** Earliest instant (epoch ms) at which the next read may be scheduled, after those that were; undefined: no limit. */
export function earliestNextReadMs(state: State): number | undefined {
  const { minGapMs, errorBackoffMs } = state.assignment.policy;
  const limits: number[] = countedReads(state).map(({ record }) => endMs(record) + minGapMs);
  const last = readFates(state).at(-1);
  if (last !== undefined) {
    const givenBack = givenBackInARow(state);
    if (givenBack > 0) limits.push(endMs(last.record) + givenBackWaitMs(state, givenBack));
    else if (failed(last)) limits.push(endMs(last.record) + errorBackoffMs);
  }
  return limits.length === 0 ? undefined : Math.max(...limits);
}

/** True if the read brought nothing understandable, so that asking again makes sense. */
export function failed({ record: { report }, fate }: FatedRead): boolean {
  if (report === undefined) return false;
  return fate === 'UNCERTAIN' || report.kind === 'MALFORMED' || report.kind === 'VENDOR_ERROR' || hasInternalError(report);
}

/** The vendor's INTERNAL_ERROR inside a 200 answer: "please make another request" (seed, `verify_result`). */
export function hasInternalError(report: ReadReport): boolean {
  return report.kind === 'ANSWER' && report.answer.verifyError === 'INTERNAL_ERROR';
}

/** The vendor's refusal speaks of this very token: it has no result for it, or does not take it for one of its tokens. */
export function deniesToken(report: ReadReport): boolean {
  if (report.kind !== 'VENDOR_ERROR') return false;
  return report.error === 'RESULT_NOT_FOUND' || report.error === 'INVALID_TOKEN' || report.about === 'TOKEN';
}

function givenBackInARow(state: State): number {
  const fates = readFates(state);
  const lastCounted = fates.findLastIndex(({ fate }) => isCounted(fate));
  return fates.length - 1 - lastCounted;
}

function givenBackWaitMs(state: State, times: number): number {
  const { policy, verificationId } = state.assignment;
  const longestMs = Math.max(policy.errorBackoffMs * LONGEST_BACKOFFS, Math.ceil(policy.windowMs / WAITS_PER_WINDOW));
  const waitMs = Math.min(policy.errorBackoffMs * 2 ** (times - 1), longestMs);
  return waitMs + lateJitterMs(`${verificationId}:again:${state.reads.length}`, { waitMs });
}

/** When the read was over, epoch ms; of one in flight, when it was scheduled. */
export function endMs(record: ReadRecord): number {
  return record.endedAtMs ?? record.scheduledAtMs;
}
