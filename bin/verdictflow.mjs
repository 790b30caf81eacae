#!/usr/bin/env node
/** The command line: the built one, or in a checkout whose sources are newer the sources themselves. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const built = join(root, 'dist/src/cli/main.js');
const source = join(root, 'src/cli/main.ts');

function sourcesAreNewer() {
  const builtAtMs = statSync(built).mtimeMs;
  return readdirSync(join(root, 'src'), { recursive: true }).some((file) => statSync(join(root, 'src', file)).mtimeMs > builtAtMs);
}

if (existsSync(source) && (!existsSync(built) || sourcesAreNewer())) {
  const { runTypeScript } = await import('../scripts/support/run-typescript.mjs');
  await runTypeScript('src/cli/main.ts');
} else {
  await import(pathToFileURL(built).href);
}
