import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { interruption, isRepeatable } from '../../src/cli/host.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

let folder = '';
let before = new Map<string, readonly unknown[]>();
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'verdictflow-host-'));
  before = new Map(SIGNALS.map((name) => [name, process.listeners(name)]));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
  for (const name of SIGNALS) {
    for (const listener of process.listeners(name)) if (before.get(name)?.includes(listener) !== true) process.off(name, listener);
  }
});

it.each(SIGNALS)('%s fires the signal instead of ending the process', (name) => {
  const signal = interruption();
  expect(signal.aborted).toBe(false);
  process.emit(name, name);
  expect(signal.aborted).toBe(true);
});

it('reads twice only what says the same again', async () => {
  const [file, pipe] = [join(folder, 'file'), join(folder, 'pipe')];
  await writeFile(file, '');
  expect(spawnSync('mkfifo', [pipe]).status).toBe(0);
  const answers = await Promise.all([file, pipe, folder, join(folder, 'gone'), '-', '/dev/stdin'].map(isRepeatable));
  expect(answers).toEqual([true, false, false, false, false, false]);
});
