import { type Assignment, deadlineMs, type ReadRecord, type State, type WaitReason } from '../state.ts';
import { lateJitterMs } from './jitter.ts';
import { isAnswered, isGateClosed, type ReadReport } from './report.ts';
import { countedReads, readFates, type FatedRead, isCounted } from './slots.ts';

/**
 * Whatever repeats itself waits twice as long each time, up to ten times `errorBackoffMs` or a share of the window,
 * whichever is longer. So the window alone bounds the number of repetitions, and with it the length of the history. Reads
 * that are given back may follow each other every 5 min of 24 h. Between two recoveries that struck reads off all slots can
 * be used up once more, so these wait up to 30 min.
 */
const LONGEST_BACKOFFS = 10;
const GIVEN_BACK_PER_WINDOW = 288;
const STRUCK_OFF_PER_WINDOW = 48;
const FIRST_HELD_MS = 1_000;

/** The next read may not be scheduled before this instant (epoch ms), and why. */
export type NotBefore = { readonly atMs: number; readonly why: Extract<WaitReason, 'BACKOFF' | 'LEDGER_AWAY' | 'STRUCK_OFF' | 'HELD'> };

/** The latest limit that the reads so far put on the next one; undefined: none. */
export function notBefore(state: State): NotBefore | undefined {
  const { minGapMs } = state.assignment.policy;
  const gaps = countedReads(state).map(({ record }): NotBefore => ({ atMs: endMs(record) + minGapMs, why: 'BACKOFF' }));
  return [...gaps, ...afterLastRead(state), ...afterStruckOff(state)].reduce<NotBefore | undefined>(
    (latest, limit) => (latest === undefined || limit.atMs > latest.atMs ? limit : latest),
    undefined,
  );
}

/** True while Temporal cannot say which reads were made. No request was made, and the next time may be another matter. */
export function isLedgerAway({ reads }: State): boolean {
  const last = reads.at(-1)?.report;
  return last !== undefined && isPassingDoubt(last);
}

/** True of a read that was withheld for want of an answer by Temporal. */
export function isPassingDoubt(report: ReadReport): boolean {
  return report.kind === 'WITHHELD' && (report.doubt === 'SERVER_UNAVAILABLE' || report.doubt === 'GRANT_UNCONFIRMED');
}

/** True if the read brought nothing understandable, so that asking again makes sense. */
export function failed({ record: { report }, fate }: FatedRead): boolean {
  if (report === undefined) return false;
  return fate === 'UNCERTAIN' || report.kind === 'MALFORMED' || report.kind === 'VENDOR_ERROR' || hasInternalError(report);
}

/** The vendor's INTERNAL_ERROR inside a 200 answer: "please make another request" (docs/vendor.md, "Error playbook"). */
export function hasInternalError(report: ReadReport): boolean {
  return report.kind === 'ANSWER' && report.answer.verifyError === 'INTERNAL_ERROR';
}

/** The vendor's refusal speaks of this very token: it has no result for it, or does not take it for one of its tokens. */
export function deniesToken(report: ReadReport): boolean {
  if (report.kind !== 'VENDOR_ERROR') return false;
  return report.error === 'RESULT_NOT_FOUND' || report.error === 'INVALID_TOKEN' || report.about === 'TOKEN';
}

/** When the read was over, epoch ms; of one in flight, when it was scheduled. */
export function endMs(record: ReadRecord): number {
  return record.endedAtMs ?? record.scheduledAtMs;
}

/** When an answered read was over by its own report, never before it was scheduled; else as {@link endMs}. Epoch ms. */
export function reportedAtMs(record: ReadRecord): number {
  const { report, scheduledAtMs } = record;
  return report !== undefined && isAnswered(report) ? Math.max(scheduledAtMs, Date.parse(report.answeredAt)) : endMs(record);
}

function afterLastRead(state: State): readonly NotBefore[] {
  const { assignment, reads } = state;
  const last = readFates(state).at(-1);
  if (last === undefined) return [];
  const endedAtMs = endMs(last.record);
  const times = givenBackInARow(state);
  if (times === 0) return failed(last) ? [{ atMs: endedAtMs + assignment.policy.errorBackoffMs, why: 'BACKOFF' }] : [];
  const seed = `again:${reads.length}`;
  if (isGateClosed(last.record.report)) {
    const waitMs = heldMs(state);
    return waitMs === 0 ? [] : [{ atMs: endedAtMs + jittered(assignment, { waitMs, seed }), why: 'HELD' }];
  }
  const waitMs = doubledMs(assignment, { times, perWindow: GIVEN_BACK_PER_WINDOW });
  if (!isLedgerAway(state)) return [{ atMs: endedAtMs + jittered(assignment, { waitMs, seed }), why: 'BACKOFF' }];
  // Near the deadline more often again: a read that could still be made then would otherwise be lost to a long pause.
  const halfMs = Math.max(assignment.policy.errorBackoffMs, (deadlineMs(assignment) - endedAtMs) / 2);
  const shortMs = Math.floor(Math.min(waitMs, halfMs));
  return [{ atMs: endedAtMs + jittered(assignment, { waitMs: shortMs, seed }), why: 'LEDGER_AWAY' }];
}

/**
 * A read that met the closed gate goes at once where it waits without being asked again. From there the nearest deadlines come
 * first and may meet a gate that has just chosen another one to try the vendor, so they are not made to wait long. But if the
 * server lets them all go on and on, because somebody took its limit away, histories must not fill up.
 */
function heldMs({ assignment, reads }: State): number {
  const lastOther = reads.findLastIndex(({ report, parked }) => !isGateClosed(report) || parked !== true);
  const times = reads.length - 1 - lastOther;
  return times === 0 ? 0 : doubledMs(assignment, { times, perWindow: GIVEN_BACK_PER_WINDOW, firstMs: FIRST_HELD_MS });
}

function givenBackInARow(state: State): number {
  const fates = readFates(state);
  const lastCounted = fates.findLastIndex(({ fate }) => isCounted(fate));
  return fates.length - 1 - lastCounted;
}

/** Reads that fail at once and never ask the vendor would otherwise be made as fast as they fail, until the history is full. */
function afterStruckOff({ assignment, struckOff }: State): readonly NotBefore[] {
  if (struckOff === undefined) return [];
  const { times, lastAtMs } = struckOff;
  const waitMs = doubledMs(assignment, { times, perWindow: STRUCK_OFF_PER_WINDOW });
  return [{ atMs: lastAtMs + jittered(assignment, { waitMs, seed: `struck-off:${times}` }), why: 'STRUCK_OFF' }];
}

type Doubling = { readonly times: number; readonly perWindow: number; readonly firstMs?: number };

function doubledMs({ policy }: Assignment, { times, perWindow, firstMs = policy.errorBackoffMs }: Doubling): number {
  const longestMs = Math.max(policy.errorBackoffMs * LONGEST_BACKOFFS, Math.ceil(policy.windowMs / perWindow));
  return Math.min(firstMs * 2 ** (times - 1), longestMs);
}

function jittered({ verificationId }: Assignment, { waitMs, seed }: { readonly waitMs: number; readonly seed: string }): number {
  return waitMs + lateJitterMs(`${verificationId}:${seed}`, { waitMs });
}
