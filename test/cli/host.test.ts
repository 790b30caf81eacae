import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
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

it.each(SIGNALS)('%s fires the signal instead of ending the process', async (name) => {
  const signal = interruption();
  expect(signal.aborted).toBe(false);
  const aborted = once(signal, 'abort');
  process.emit(name, name);
  await aborted;
});

it('reads twice only what says the same again', async () => {
  const [file, socket] = [join(folder, 'file'), join(folder, 'socket')];
  await writeFile(file, '');
  const server = createServer().listen(socket);
  await once(server, 'listening');
  const answers = await Promise.all([file, socket, folder, join(folder, 'gone'), '-', '/dev/stdin'].map(isRepeatable));
  server.close();
  expect(answers).toEqual([true, false, false, false, false, false]);
});
