import type { CliIo } from './io.ts';

/** Writes one block after another: in place on a terminal, else as lines. */
export type Screen = { draw(lines: readonly string[]): void; end(): void };

const ENTER = '\u001B[?1049h\u001B[?25l';
const LEAVE = '\u001B[?25h\u001B[?1049l';
/** Terminals that know it show all of it at once; the others ignore it. */
const BEGIN = '\u001B[?2026h';
const DONE = '\u001B[?2026l';
const HOME = '\u001B[H';
const CLEAR_LINE = '\u001B[K';
const CLEAR_BELOW = '\u001B[J';

/**
 * On a terminal each block goes over the one before, line by line and in one write, so that nothing flickers; it has a
 * screen of its own, and what was last drawn stays behind. Elsewhere blocks are lines with an empty one between.
 */
export function createScreen(io: Pick<CliIo, 'stdout' | 'screen'>): Screen {
  const isTerminal = io.screen() !== undefined;
  let last: readonly string[] | undefined;
  return {
    draw(lines) {
      if (isTerminal) io.stdout(`${last === undefined ? ENTER : ''}${BEGIN}${HOME}${fitting(lines, io.screen())}${CLEAR_BELOW}${DONE}`);
      else io.stdout(`${last === undefined ? '' : '\n'}${text(lines)}`);
      last = lines;
    },
    end() {
      if (isTerminal && last !== undefined) io.stdout(`${LEAVE}${text(last)}`);
    },
  };
}

function fitting(lines: readonly string[], size: ReturnType<CliIo['screen']>): string {
  const { columns, rows } = size ?? { columns: 80, rows: 24 };
  const shown = lines.slice(0, Math.max(1, rows - 1));
  return shown.map((line) => `${[...line].slice(0, Math.max(1, columns - 1)).join('')}${CLEAR_LINE}\n`).join('');
}

function text(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}
