import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { format } from 'node:util';
import { type Cost, measureCosts } from './measure.ts';

/** The figures that the documents show and a test holds. */
export const FIGURES = fileURLToPath(new URL('figures.json', import.meta.url));

const HEAD = ['kind', 'history writes', 'visibility', 'requests', 'events', 'bytes', 'actions', 'promises'];

function line({ kind, historyWrites, visibilityWrites, requests, events, bytes, actions, promises }: Cost): string {
  return row([kind, historyWrites, visibilityWrites, requests, events, bytes, actions, promises]);
}

function row(cells: readonly (string | number)[]): string {
  return cells.map((cell, index) => (index === 0 ? String(cell).padEnd(38) : String(cell).padStart(15))).join('');
}

process.stdout.write(
  `What one verification costs on Temporal, counted by the server itself, and its promises in the sandbox\n\n${row(HEAD)}\n`,
);
const costs = await measureCosts({ times: 6, onKind: (cost) => process.stdout.write(`${line(cost)}\n`) });
if (process.argv.includes('--write')) {
  await writeFile(FIGURES, `${JSON.stringify(costs, undefined, 2)}\n`);
  process.stdout.write(format('\nwritten to %s; now run npm run docs:generate\n', 'bench/cost/figures.json'));
}
