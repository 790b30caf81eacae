import { board, type Row } from './board.ts';

export type Screen = { show(rows: readonly Row[]): void; close(rows: readonly Row[]): void };

/** On a terminal a table that redraws itself; elsewhere one line per outcome, so that a log stays readable. */
export function openScreen(options: { readonly total: number; readonly startedAtMs: number }): Screen {
  return process.stdout.isTTY ? terminalScreen(options) : plainScreen(options);
}

function terminalScreen({ total, startedAtMs }: { readonly total: number; readonly startedAtMs: number }): Screen {
  let drawn = 0;
  const show = (rows: readonly Row[]): void => {
    const height = Math.max(8, (process.stdout.rows ?? 30) - 2);
    const lines = board(rows, { height, elapsedMs: Date.now() - startedAtMs, total });
    const width = process.stdout.columns ?? 120;
    // Colour codes take no width; 20 covers the one coloured word of a line.
    const cut = lines.map((line) => (line.length > width + 20 ? line.slice(0, width) : line));
    process.stdout.write(`${drawn > 0 ? `\u001b[${drawn}A` : ''}${cut.map((line) => `\u001b[2K${line}\n`).join('')}`);
    drawn = Math.max(drawn, cut.length);
  };
  return { show, close: show };
}

function plainScreen({ total, startedAtMs }: { readonly total: number; readonly startedAtMs: number }): Screen {
  const told = new Set<string>();
  const show = (rows: readonly Row[]): void => {
    for (const row of rows) {
      if (row.outcome === '' || told.has(row.verificationId)) continue;
      told.add(row.verificationId);
      const seconds = ((Date.now() - startedAtMs) / 1_000).toFixed(1).padStart(5);
      const what = `${row.verificationId}  ${row.scenario.padEnd(24)} ${row.reads} of 3 reads  ${row.outcome} ${row.reason}`.trimEnd();
      process.stdout.write(`${seconds} s  ${String(told.size).padStart(3)}/${total}  ${what}\n`);
    }
  };
  return { show, close: show };
}
