import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { isAlive } from '../../src/async/file-lock.ts';
import { killAllProcesses, startNode } from './process.ts';
import { until } from './until.ts';

const PROCESS = fileURLToPath(new URL('./process.ts', import.meta.url));

afterAll(killAllProcesses);

it('ends the processes of a test run that is killed with -9', async () => {
  const code = `import { startNode } from ${JSON.stringify(PROCESS)};
    console.log(startNode(['-e', 'setInterval(() => {}, 1000)'], {}).pid);
    setInterval(() => {}, 1000);`;
  const run = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  run.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await until(() => output.endsWith('\n'), { timeoutMs: 20_000, what: 'a run has started its process' });
  const pid = Number(output);
  expect(isAlive(pid)).toBe(true);
  run.kill('SIGKILL');
  await until(() => !isAlive(pid), { timeoutMs: 10_000, what: 'its process has ended' });
});

it('says at once what a process wrote that ended before it was ready, and in the end what one wrote that never was', async () => {
  const failing = startNode(['-e', 'console.error("no luck")'], {});
  await expect(failing.ready()).rejects.toThrow('ended before it was ready:\nno luck');
  const hanging = startNode(['-e', 'console.error("still waiting"); setInterval(() => {}, 1000)'], {});
  await until(() => hanging.output() !== '', { timeoutMs: 20_000, what: 'its output' });
  await expect(hanging.ready(1)).rejects.toThrow(/not within 1 ms: .* is ready; it wrote:\nstill waiting/);
}, 20_000);
