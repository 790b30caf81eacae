import type { CliIo } from './io.ts';

const CELLS = 30;
const EVERY_MS = 100;

export type Progress = { update(done: number): void; end(): void };

/** A bar on standard error that redraws itself; silent if that is no terminal. */
export function createProgress(io: CliIo, total: number): Progress {
  if (!io.interactive) return { update: () => undefined, end: () => undefined };
  let drawnAtMs = Number.NEGATIVE_INFINITY;
  let drawn = false;
  const beganAtMs = io.now();
  return {
    update(done) {
      if (done < total && io.now() - drawnAtMs < EVERY_MS) return;
      drawnAtMs = io.now();
      drawn = true;
      io.stderr(`\r${bar(done, total)}${speed(done, { total, elapsedMs: io.now() - beganAtMs })}`);
    },
    end() {
      if (drawn) io.stderr('\n');
    },
  };
}

function bar(done: number, total: number): string {
  const filled = total === 0 ? CELLS : Math.round((done / total) * CELLS);
  return `[${'#'.repeat(filled)}${'.'.repeat(CELLS - filled)}] ${done} of ${total}`;
}

/** Rate since the beginning, and how long the rest takes at that rate; padded, so that nothing of the last one stays. */
function speed(done: number, { total, elapsedMs }: { readonly total: number; readonly elapsedMs: number }): string {
  if (done === 0 || elapsedMs <= 0) return ''.padEnd(30);
  const perSecond = (done * 1_000) / elapsedMs;
  const leftS = Math.ceil((total - done) / perSecond);
  const left = leftS >= 60 ? `${Math.floor(leftS / 60)} min ${leftS % 60} s` : `${leftS} s`;
  return `, ${perSecond.toFixed(1)} a second, ${left} left`.padEnd(30);
}
