import type { CliIo } from './io.ts';

const MOST_CELLS = 30;
/** A shorter bar says nothing. */
const FEWEST_CELLS = 5;
const EVERY_MS = 100;

export type Progress = {
  update(done: number): void;
  /** Writes lines of their own, never onto the bar. */
  aside(write: () => void): void;
  end(): void;
};

/** A bar on standard error that redraws itself; silent if that is no terminal. Without a total it only counts. */
export function createProgress(io: Pick<CliIo, 'stderr' | 'interactive' | 'columns' | 'monotonicMs'>, total?: number): Progress {
  if (!io.interactive) return { update: () => undefined, aside: (write) => write(), end: () => undefined };
  const beganAtMs = io.monotonicMs();
  let drawnAtMs = Number.NEGATIVE_INFINITY;
  let drawn = '';
  const draw = (line: string): void => {
    io.stderr(`\r${line.padEnd(drawn.length)}`);
    drawn = line;
  };
  return {
    update(done) {
      const nowMs = io.monotonicMs();
      if (done !== total && nowMs - drawnAtMs < EVERY_MS) return;
      drawnAtMs = nowMs;
      draw(progressLine(done, { total, elapsedMs: nowMs - beganAtMs, columns: io.columns() }));
    },
    aside(write) {
      const line = drawn;
      if (line === '') return write();
      draw('');
      io.stderr('\r');
      write();
      draw(line);
    },
    end() {
      if (drawn !== '') io.stderr('\n');
    },
  };
}

type Measured = { readonly total: number | undefined; readonly elapsedMs: number; readonly columns: number };

/** Bar, count, rate and rest as far as one line holds them: a terminal that wraps it cannot redraw it. */
function progressLine(done: number, { total, elapsedMs, columns }: Measured): string {
  const room = columns - 1;
  const text = `${done}${total === undefined ? '' : ` of ${total}`}${speed(done, { total, elapsedMs })}`;
  const cells = Math.min(MOST_CELLS, room - text.length - '[] '.length);
  if (total === undefined || cells < FEWEST_CELLS) return text.slice(0, Math.max(0, room));
  const filled = total === 0 ? cells : Math.round((done / total) * cells);
  return `[${'#'.repeat(filled)}${'.'.repeat(cells - filled)}] ${text}`;
}

/** Rate since the beginning, and how long the rest takes at that rate. */
function speed(done: number, { total, elapsedMs }: Omit<Measured, 'columns'>): string {
  if (done === 0 || elapsedMs <= 0) return '';
  const perSecond = (done * 1_000) / elapsedMs;
  const rate = `, ${perSecond.toFixed(1)} a second`;
  return total === undefined ? rate : `${rate}, ${durationText(Math.ceil((total - done) / perSecond))} left`;
}

function durationText(seconds: number): string {
  return seconds >= 60 ? `${Math.floor(seconds / 60)} min ${seconds % 60} s` : `${seconds} s`;
}
