/** `npm run build`: compiles to `dist/` and bundles the workflows, unless nothing has changed since the last time. */
import { existsSync } from 'node:fs';
import { cp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bootstrap } from './bootstrap.mjs';
import { sourceHash } from './support/source-hash.mjs';
import { isMain, ROOT, runTool } from './support/steps.mjs';

const DIST = join(ROOT, 'dist');
const HASH_FILE = '.source-hash';

/** True when `dist/` is what the sources say. Built beside it and renamed, so a process never sees half a build. */
export async function build() {
  const hash = sourceHash();
  if ((await readFile(join(DIST, HASH_FILE), 'utf8').catch(() => '')) === hash) {
    console.log('dist/ is up to date');
    return true;
  }
  const part = `${DIST}.part-${process.pid}`;
  try {
    if (!(await compile(part))) return false;
    await writeFile(join(part, HASH_FILE), hash);
    await replaceDist(part);
    return true;
  } finally {
    await rm(part, { recursive: true, force: true });
  }
}

async function compile(part) {
  if ((await runTool('typescript/bin/tsc', ['-p', 'tsconfig.build.json', '--outDir', part])) !== 0) return false;
  // The compiler leaves plain JavaScript where it is.
  await cp(join(ROOT, 'src/localstack/guardian.mjs'), join(part, 'src/localstack/guardian.mjs'));
  const { writeWorkflowBundle } = await import(pathToFileURL(join(part, 'src/temporal/bundle.js')).href);
  const bytes = await writeWorkflowBundle(join(part, 'workflow-bundle.js'), join(part, 'workflows/index.js'));
  console.log(`dist/workflow-bundle.js: ${(bytes / 1_000_000).toFixed(1)} MB`);
  return true;
}

/** Two builds may end at the same time: the later one replaces the earlier one's folder. */
async function replaceDist(part) {
  for (let attempt = 1; ; attempt += 1) {
    const old = `${part}-old${attempt}`;
    try {
      if (existsSync(DIST)) await rename(DIST, old);
      await rename(part, DIST);
      return;
    } catch (error) {
      if (attempt === 5 || !['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(error.code)) throw error;
    } finally {
      await rm(old, { recursive: true, force: true });
    }
  }
}

if (isMain(import.meta.url)) {
  await bootstrap();
  if (!(await build())) process.exit(1);
}
