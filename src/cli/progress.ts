import type { CliIo } from './io.ts';

const CELLS = 30;
const EVERY_MS = 100;

export type Progress = { update(done: number): void; end(): void };

/** A bar on standard error that redraws itself; silent if that is no terminal. */
export function createProgress(io: CliIo, total: number): Progress {
  if (!io.interactive) return { update: () => undefined, end: () => undefined };
  let drawnAtMs = Number.NEGATIVE_INFINITY;
  let drawn = false;
  return {
    update(done) {
      if (done < total && io.now() - drawnAtMs < EVERY_MS) return;
      drawnAtMs = io.now();
      drawn = true;
      io.stderr(`\r${bar(done, total)}`);
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
