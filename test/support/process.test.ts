import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { isAlive } from '../../src/async/file-lock.ts';
import { until } from './until.ts';

const PROCESS = fileURLToPath(new URL('./process.ts', import.meta.url));

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
