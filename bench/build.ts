import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleWorkflowCode } from '@temporalio/worker';
import type { SystemName } from './systems/system.ts';

const NAIVE_DIR = '.local/bench/naive';

/**
 * Makes both systems run from compiled JavaScript and a ready workflow bundle. Ours is built by `npm run build` if it
 * is missing or `rebuild` says so. Throws with the compiler's output on failure.
 */
export async function buildSystems(systems: readonly SystemName[], { root }: { root: string }): Promise<void> {
  if (systems.includes('ours')) execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: root, stdio: 'inherit' });
  if (systems.includes('naive')) await buildNaive(root);
}

async function buildNaive(root: string): Promise<void> {
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [compiler, '-p', 'bench/naive/tsconfig.json'], { cwd: root, stdio: 'inherit' });
  const workflowsPath = join(root, NAIVE_DIR, 'workflows.js');
  if (!existsSync(workflowsPath)) throw new Error(`the compiler left no ${workflowsPath}`);
  const { code } = await bundleWorkflowCode({ workflowsPath });
  await writeFile(join(root, NAIVE_DIR, 'workflow-bundle.cjs'), code);
}
