import type { RunKind, RunSeen } from './ports.ts';

const NAMES: Readonly<Record<RunKind, string>> = {
  HOME: 'run of ingress',
  RESET: 'reset run',
  REPLAY: 'replay',
  DECISION: 'decision by hand',
  BY_HAND: 'run started by hand',
};

/** A run with the letter that stands for it beside its lines. */
export type LetteredRun = RunSeen & { readonly letter: string; readonly name: string };

/** Oldest first: A, B, … Z, AA. */
export function lettered(runs: readonly RunSeen[]): readonly LetteredRun[] {
  return runs.map((run, index) => ({ ...run, letter: letterOf(index), name: NAMES[run.kind] }));
}

function letterOf(index: number): string {
  const letter = String.fromCodePoint(65 + (index % 26));
  return index < 26 ? letter : `${letterOf(Math.floor(index / 26) - 1)}${letter}`;
}
