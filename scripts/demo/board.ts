/** What is known of one verification while the demo runs. */
export type Row = {
  readonly verificationId: string;
  readonly scenario: string;
  stage: string;
  reads: number;
  outcome: string;
  reason: string;
  changedAtMs: number;
};

const OUTCOME_COLOUR: Readonly<Record<string, number>> = {
  PASSED: 32,
  FAILED: 31,
  NEEDS_REVIEW: 33,
  NOT_COMPLETED: 36,
  EXPIRED: 35,
  ERROR: 91,
};

export function paint(text: string, colour: number | undefined): string {
  return colour === undefined ? text : `\u001b[${colour}m${text}\u001b[0m`;
}

export function progressBar(done: number, total: number, width: number): string {
  const filled = total === 0 ? 0 : Math.round((done / total) * width);
  return `${'█'.repeat(filled)}${'░'.repeat(width - filled)} ${done}/${total}`;
}

/** The live table: what changed last is on top; `height` lines at most. */
export function board(
  rows: readonly Row[],
  view: { readonly height: number; readonly elapsedMs: number; readonly total: number },
): string[] {
  const decided = rows.filter(({ outcome }) => outcome !== '').length;
  const head = [
    `${progressBar(decided, view.total, 32)} decided · ${rows.reduce((sum, { reads }) => sum + reads, 0)} reads · ${(view.elapsedMs / 1_000).toFixed(0)} s`,
    '',
    `${'verification'.padEnd(28)}${'vendor plays'.padEnd(26)}${'stage'.padEnd(10)}${'reads'.padEnd(8)}outcome`,
  ];
  const newestFirst = rows.toSorted((a, b) => b.changedAtMs - a.changedAtMs).slice(0, Math.max(0, view.height - head.length));
  return [...head, ...newestFirst.map(line)];
}

function line(row: Row): string {
  const result = row.outcome === '' ? '' : paint(row.outcome, OUTCOME_COLOUR[row.outcome]) + (row.reason === '' ? '' : ` ${row.reason}`);
  return `${row.verificationId.padEnd(28)}${row.scenario.padEnd(26)}${row.stage.padEnd(10)}${`${row.reads} of 3`.padEnd(8)}${result}`;
}
