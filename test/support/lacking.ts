/**
 * True if something is missing on this machine: for `skipIf` and `context.skip`, which it tells, and it prints which tests that costs, since none is
 * skipped in silence (CONTRIBUTING.md, Tests); the last line of a run counts them.
 */
export function lacking(missing: string | undefined, { tests }: { readonly tests: string }): boolean {
  if (missing !== undefined) console.log(`SKIPPED: ${tests}: ${missing}`);
  return missing !== undefined;
}
