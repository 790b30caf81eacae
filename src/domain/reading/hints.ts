import type { HeardHint, Hint, State } from '../state.ts';

/**
 * True if the hint came before: one of its kind, trusted as much, was recorded then or later. Records are delivered again
 * after a rewind or a lost answer, long after the read they brought about. Of two hints of one millisecond the second thus
 * counts only if it says something else, or is the first that is trusted.
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
