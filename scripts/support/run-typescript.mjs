import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bootstrap } from '../bootstrap.mjs';
import { ROOT } from './steps.mjs';

/**
 * Runs a TypeScript program of the project in this very process, after installing what is missing: signals and the exit
 * code need no forwarding, and the program sees the arguments it would see on its own.
 */
export async function runTypeScript(file) {
  await bootstrap();
  const { register } = await import('tsx/esm/api');
  register();
  process.argv[1] = join(ROOT, file);
  await import(pathToFileURL(process.argv[1]).href);
}
