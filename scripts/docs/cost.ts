import { readFileSync } from 'node:fs';
import type { Cost } from '../../bench/cost/measure.ts';
import { markdownTable } from './tables.ts';

const FIGURES = new URL('../../bench/cost/figures.json', import.meta.url);

/** The figures that `npm run cost -- --write` has counted. */
export function costFigures(): readonly Cost[] {
  return JSON.parse(readFileSync(FIGURES, 'utf8'));
}

/** What one verification of each kind costs on Temporal. */
export function costTable(): string {
  const rows = costFigures().map(({ kind, historyWrites, visibilityWrites, requests, events, bytes, actions, promises }) => [
    kind,
    ...[historyWrites, visibilityWrites, requests, events].map(String),
    `${(bytes / 1_000).toFixed(1)} K`,
    String(actions),
    String(promises),
  ]);
  return markdownTable(
    ['One verification', 'History writes', 'Visibility writes', 'Requests', 'Events', 'Bytes of history', 'Billed actions', 'Promises'],
    rows,
  );
}
