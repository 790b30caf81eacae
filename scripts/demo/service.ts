import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Engine, startEngine } from '../../src/localstack/engine.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const READY_TIMEOUT_MS = 60_000;

/** Starts one role as a process of its own that cannot outlive the demo, and waits for its ready line. */
export async function startRole(
  role: string,
  options: { readonly settings: Readonly<Record<string, string>>; readonly logPath: string },
): Promise<Engine> {
  const engine = await startEngine({
    name: `verdictflow ${role}`,
    command: process.execPath,
    args: ['--import', 'tsx', `${root}workers/main.ts`, role],
    logPath: options.logPath,
    variables: options.settings,
  });
  const deadlineMs = Date.now() + READY_TIMEOUT_MS;
  while (!(await readFile(options.logPath, 'utf8')).includes('"event":"ready"')) {
    if (engine.ended() !== undefined || Date.now() > deadlineMs) {
      const tail = (await readFile(options.logPath, 'utf8')).split('\n').slice(-12).join('\n');
      await engine.stop();
      throw new Error(`verdictflow ${role} did not become ready (log: ${options.logPath}):\n${tail}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return engine;
}
