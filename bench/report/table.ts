import type { Comparison } from './compare.ts';
import { METRICS } from './metrics.ts';
import type { Spread } from './statistics.ts';

const HEADER = ['metric', 'ours', '(min–max)', 'naive', '(min–max)', 'ours/naive', ''];

/** A plain-text table of one workload, columns aligned, one trailing word a row: ahead, level or behind. */
export function renderTable(title: string, rows: readonly Comparison[]): string {
  const cells = [HEADER, ...rows.map(rowCells)];
  const widths = HEADER.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  const lines = cells.map((row) =>
    row
      .map((cell, column) => pad(cell, { width: widths[column] ?? 0, left: column === 0 }))
      .join('  ')
      .trimEnd(),
  );
  return [title, ...lines.map((line) => `  ${line}`)].join('\n');
}

function rowCells(row: Comparison): string[] {
  const { label, decimals } = METRICS[row.metric];
  const ratio = row.ratio === undefined ? '–' : row.ratio.toFixed(2);
  return [
    label,
    ...spreadCells(row.ours, decimals),
    ...spreadCells(row.naive, decimals),
    ratio,
    row.standing === 'unknown' ? '' : row.standing,
  ];
}

function spreadCells(spread: Spread | undefined, decimals: number): [string, string] {
  if (!spread) return ['–', ''];
  return [spread.median.toFixed(decimals), `(${spread.min.toFixed(decimals)}–${spread.max.toFixed(decimals)})`];
}

function pad(text: string, { width, left }: { width: number; left: boolean }): string {
  return left ? text.padEnd(width) : text.padStart(width);
}
