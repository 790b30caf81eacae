import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startEngine } from '../../src/localstack/engine.ts';
import { isAlive } from '../../src/async/file-lock.ts';
import { until } from '../support/until.ts';

const ENGINE = fileURLToPath(new URL('../../src/localstack/engine.ts', import.meta.url));

let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'vf-guardian-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

function node(script: string) {
  return { name: 'Test engine', command: process.execPath, args: ['-e', script], logPath: join(dir, 'engine.log') };
}

const FOREVER = 'setInterval(() => {}, 1000)';

/** A parent process that starts one engine, writes its pid, and lives on. */
async function parentWithEngine(script: string): Promise<{ parentPid: number; enginePid: number }> {
  const code = `import { startEngine } from ${JSON.stringify(ENGINE)};
    const engine = await startEngine(${JSON.stringify(node(script))});
    console.log(engine.pid);
    ${FOREVER};`;
  const parent = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  parent.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await until(() => output.endsWith('\n'), { timeoutMs: 20_000, what: 'the parent has started its engine' });
  return { parentPid: parent.pid ?? 0, enginePid: Number(output) };
}

async function written(text: string): Promise<void> {
  await until(async () => (await readFile(join(dir, 'engine.log'), 'utf8')).includes(text), {
    timeoutMs: 10_000,
    what: `log says ${text}`,
  });
}

describe('an engine', () => {
  it('ends with its parent after kill -9 of the parent', { timeout: 40_000 }, async () => {
    const { parentPid, enginePid } = await parentWithEngine(FOREVER);
    expect(isAlive(enginePid)).toBe(true);
    process.kill(parentPid, 'SIGKILL');
    await until(() => !isAlive(enginePid), { timeoutMs: 5_000, what: 'the engine is gone' });
  });

  it('ends after kill -9 of the parent even if it ignores SIGTERM', { timeout: 40_000 }, async () => {
    const { parentPid, enginePid } = await parentWithEngine(`process.on('SIGTERM', () => {}); console.log('deaf'); ${FOREVER}`);
    await written('deaf');
    process.kill(parentPid, 'SIGKILL');
    await until(() => !isAlive(enginePid), { timeoutMs: 10_000, what: 'the deaf engine is gone' });
  });

  it('gets SIGTERM first, so that it can close its files', async () => {
    const engine = await startEngine(
      node(`process.on('SIGTERM', () => { console.log('bye'); process.exit(0); }); console.log('up'); ${FOREVER}`),
    );
    await written('up');
    await engine.stop();
    await written('bye');
    expect(engine.ended()).toBe('code 0');
  });

  it('leads a process group of its own, so that Ctrl-C in the terminal does not reach it', async () => {
    const engine = await startEngine(node(FOREVER));
    // A negative id asks for the group; there is none of this id unless the engine leads it.
    expect(process.kill(-engine.pid, 0)).toBe(true);
    await engine.stop();
  });

  it('that cannot be started gives its name and what it wrote', async () => {
    await expect(startEngine({ ...node(''), command: '/nowhere/engine' })).rejects.toThrow('Test engine did not start');
  });
});
