import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from '../../src/localstack/run-command.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const inProject = (path: string): string => join(ROOT, path);

/** Asks for the tests that build and run images: they take minutes and the host's ports. `npm run docker` sets it. */
const ASKED = process.env['VF_TEST_DOCKER'] === 'true';

/** Why the images cannot be run here; undefined if they can. */
export async function whyNoDocker(): Promise<string | undefined> {
  if (!ASKED) return 'not asked for: npm run docker';
  const { code, output } = await runCommand('docker', ['info'], { timeoutMs: 10_000 });
  if (code !== 0) return `no Docker engine answers: ${output.trim().split('\n').at(-1)}`;
  return (await composeCommand()) === undefined ? 'neither "docker compose" nor "docker-compose" is installed' : undefined;
}

/** `docker compose`, else `docker-compose` 1.29. */
export async function composeCommand(): Promise<readonly [string, ...string[]] | undefined> {
  const candidates = [['docker', 'compose'] as const, ['docker-compose'] as const];
  for (const [command, ...args] of candidates) {
    if ((await runCommand(command, [...args, 'version'], { timeoutMs: 10_000 })).code === 0) return [command, ...args];
  }
  return undefined;
}

/** What a command that must succeed wrote, its last 4,000 characters. */
export async function run(command: string, ...args: readonly string[]): Promise<string> {
  const { code, output } = await runCommand(command, args, { cwd: ROOT });
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${output}`);
  return output.trim();
}

export const docker = (...args: readonly string[]): Promise<string> => run('docker', ...args);
