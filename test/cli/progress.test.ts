import { expect, it } from 'vitest';
import { createProgress } from '../../src/cli/progress.ts';
import { runFakeCli } from './fake-cli.ts';
import { IDS, RUN, world } from './replay-world.ts';

/** What a terminal of that width shows: lines, the last one under the cursor. */
function terminal(columns: number) {
  let screen = [''];
  let column = 0;
  let nowMs = 0;
  const write = (text: string): void => {
    for (const character of text) {
      if (character === '\r') column = 0;
      else if (character === '\n' || column === columns) {
        screen = [...screen, ''];
        column = 0;
      }
      if (character === '\r' || character === '\n') continue;
      const line = screen.at(-1) ?? '';
      screen = [...screen.slice(0, -1), `${line.slice(0, column)}${character}${line.slice(column + 1)}`];
      column += 1;
    }
  };
  const io = { stderr: write, interactive: true, columns: () => columns, monotonicMs: () => nowMs };
  return { io, write, pass: (ms: number) => void (nowMs += ms), lines: () => screen.map((line) => line.trimEnd()) };
}

it.each([80, 60, 40, 20])('keeps the bar on one line of %d columns', (columns) => {
  const { io, lines, pass } = terminal(columns);
  const progress = createProgress(io, 100_000);
  for (const done of [1, 12_000, 99_999, 100_000]) {
    pass(1_234_567);
    progress.update(done);
    expect(lines()).toHaveLength(1);
  }
  expect(lines().join('')).toContain('100000 of 100000');
  expect(lines().join('').startsWith('[')).toBe(columns > 40);
});

it('writes lines of their own beside the bar, which goes on after them', () => {
  const { io, write, lines, pass } = terminal(80);
  const progress = createProgress(io, 4);
  progress.aside(() => write('before\n'));
  pass(1_000);
  progress.update(1);
  progress.aside(() => write('an-id  skipped\n'));
  expect(lines()).toEqual(['before', 'an-id  skipped', expect.stringMatching(/^\[#+\.+\] 1 of 4, 1\.0 a second, 3 s left$/)]);
  progress.end();
  expect(lines()).toHaveLength(4);
});

it('counts what has no total', () => {
  const { io, lines, pass } = terminal(80);
  const progress = createProgress(io);
  pass(2_000);
  progress.update(50);
  expect(lines()).toEqual(['50, 25.0 a second']);
});

it('is shown while a run plans, too', async () => {
  const { replay } = world();
  const ran = await runFakeCli([...RUN, ...IDS], { replay, terminal: true });
  expect(ran.err.split('Start 12')[0]).toContain('12 of 12');
});
