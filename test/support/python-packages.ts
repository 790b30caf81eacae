import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findOnPath } from '../../src/localstack/host.ts';
import { provision } from '../../src/localstack/provision.ts';
import { runOrThrow } from '../../src/localstack/run-command.ts';

const LOCAL_DIR = fileURLToPath(new URL('../../.local', import.meta.url));

export type Python = { readonly program: string; readonly path: string };

/** Python with one pinned package in a folder of its own, or why it cannot be had here. Fetched once, and kept. */
export async function pythonWith(requirement: string): Promise<Python | { readonly missing: string }> {
  const program = findOnPath(['python3', 'python']);
  if (program === undefined) return { missing: 'no python3 on PATH' };
  const options = ['--quiet', '--disable-pip-version-check', '--only-binary', ':all:', '--no-deps'];
  try {
    const path = await provision({
      target: join(LOCAL_DIR, `python-${requirement.replace('==', '-')}`),
      what: requirement,
      log: console.log,
      build: async (emptyDir) => {
        await runOrThrow(program, ['-m', 'pip', 'install', ...options, '--target', emptyDir, requirement], {
          timeoutMs: 60_000,
          remedy: 'pip could not install it.',
        });
      },
    });
    return { program, path };
  } catch (error) {
    return { missing: String(error) };
  }
}
