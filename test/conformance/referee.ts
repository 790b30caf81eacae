/** Rules by which all referees judge; none of them comes from the code under test. */

/** What the vendor allows of one token. */
export const MAX_READS = 3;

/** The other outcomes say that nothing is known. */
export function isVerdict(outcome: string): boolean {
  return outcome !== 'EXPIRED' && outcome !== 'ERROR';
}

/** True if in order of revisions anything else comes after a verdict. */
export function takesBack(told: readonly { readonly outcome: string; readonly revision: number }[]): boolean {
  const ordered = told.toSorted((one, other) => one.revision - other.revision);
  const first = ordered.findIndex(({ outcome }) => isVerdict(outcome));
  return first >= 0 && ordered.slice(first).some(({ outcome }) => outcome !== ordered[first]?.outcome);
}
