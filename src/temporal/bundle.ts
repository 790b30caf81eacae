import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

/** The entry of the workflows, in a checkout as in a build (which carries their bundle as well). */
export const WORKFLOWS_PATH = fileURLToPath(
  new URL(`../../workflows/index${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url),
);

/**
 * What the sandbox loads once instead of once per workflow, which costs about 0.8 ms of CPU each time: the SDK's own
 * modules and all of ours. Sound only while no module keeps state, which `test/workflows/module-state.test.ts` watches.
 */
export function preloadedModules(workflowsPath: string): string[] {
  return ['@temporalio/workflow', workflowsPath];
}

/**
 * Bundles the workflows into `file` (written whole or not at all) and returns its size in bytes. The bundle runs only
 * with exactly the SDK version that made it.
 */
export async function writeWorkflowBundle(file: string, workflowsPath: string = WORKFLOWS_PATH): Promise<number> {
  const { code } = await bundleWorkflowCode({
    workflowsPath,
    preloadModules: preloadedModules(workflowsPath),
    logger: new DefaultLogger('WARN'),
  });
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.part`, code);
  await rename(`${file}.part`, file);
  return Buffer.byteLength(code);
}
