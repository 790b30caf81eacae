import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import type { BenchOptions } from './options.ts';

const NAIVE_DIR = '.local/bench/naive';

/**
 * Makes both systems run from compiled JavaScript and a ready workflow bundle. Throws if a compiler finds an error; its
 * output goes to standard error, so that a report on standard output stays clean.
 */
export async function buildSystems(
  { systems, distDir }: Pick<BenchOptions, 'systems' | 'distDir'>,
  { root }: { root: string },
): Promise<void> {
  if (systems.includes('ours') && distDir === undefined)
    execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: root, stdio: ['ignore', 2, 2] });
  if (systems.includes('naive')) await buildNaive(root);
}

async function buildNaive(root: string): Promise<void> {
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [compiler, '-p', 'bench/naive/tsconfig.json'], { cwd: root, stdio: ['ignore', 2, 2] });
  const workflowsPath = join(root, NAIVE_DIR, 'workflows.js');
  const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('WARN') });
  await writeFile(join(root, NAIVE_DIR, 'workflow-bundle.cjs'), code);
}
