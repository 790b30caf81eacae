import type { HeardHint, Hint, State } from '../state.ts';
import { countedReads } from './slots.ts';

/**
 * True if the hint came before: one of its kind, trusted as much, was recorded then or later. Kafka delivers records again
 * after a rewind or a lost answer, perhaps long after the read that they brought about. The price is that the second of two
 * hints recorded in the same millisecond counts only if it says something else, or is the first that is trusted.
 */
export function isRepeated({ heard }: State, { kind, trusted, recordedAtMs }: Hint): boolean {
  if (recordedAtMs === undefined) return false;
  return heard.some((one) => one.kind === kind && (one.trusted || !trusted) && one.recordedAtMs >= recordedAtMs);
}

/** What was heard, with `hint` in the place of the last one of its kind and trust. Not for a repeated one. */
export function hear({ heard }: State, { kind, trusted, recordedAtMs }: Hint): readonly HeardHint[] {
  if (recordedAtMs === undefined) return heard;
  return [...heard.filter((one) => one.kind !== kind || one.trusted !== trusted), { kind, trusted, recordedAtMs }];
}

/** True until a read that counts was scheduled after the hint came. */
export function hintIsOpen(state: State): boolean {
  const { hint } = state;
  if (hint === undefined) return false;
  return countedReads(state).every(({ record }) => record.scheduledAtMs < hint.receivedAtMs);
}
