import type { PlanCode, PlanLine } from './plan-line.ts';

/** Why, in plain words for whoever reads the plan. */
export function whyText(line: PlanLine): string {
  const { code, reads, window, present, next, doubt, problem } = line;
  const left = reads === undefined ? '' : `${reads.left} of ${reads.limit} reads left`;
  const texts: Readonly<Record<PlanCode, string>> = {
    VERDICT_UNCHANGED: 'the reads say what was emitted: the same record again',
    EMISSION_UNCONFIRMED: 'decided, but Kafka never confirmed it: the same record again',
    OTHER_VERDICT: `the reads now say ${saidText(next)}: the next revision`,
    NO_OUTCOME_YET: `it ended without an outcome; the reads say ${saidText(next)}`,
    NO_VERDICT: `no verdict yet, ${left}`,
    NOT_FOUND: 'never started here, or past the retention of the namespace',
    STILL_RUNNING: 'it is still running',
    NO_LONGER_SELECTED: `its outcome is ${saidText(present)} by now`,
    QUOTA_EXHAUSTED: 'no verdict, and every read is used: ask for a new token, or review it by hand',
    WINDOW_PASSED: `no verdict, and no time is left for a read${window === undefined ? '' : ` (window ${window.endsAt})`}: ask for a new token`,
    RESULT_DESTROYED: 'the vendor has destroyed the result: ask for a new token',
    LEDGER_UNKNOWN: `nobody can say how many reads were made${doubt === undefined ? '' : ` (${doubt})`}`,
    UNREADABLE: `it cannot be read${problem === undefined ? '' : ` (${problem})`}`,
  };
  return texts[code];
}

export function saidText(said: { readonly outcome: string; readonly reasons: readonly string[] } | undefined): string {
  return said === undefined ? '–' : [said.outcome, ...said.reasons.slice(0, 1)].join(' ');
}
