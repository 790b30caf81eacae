import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

/** The entry of the workflows, in a checkout as in a build (which carries their bundle as well). */
export const WORKFLOWS_PATH = fileURLToPath(
  new URL(`../../workflows/index${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url),
);

/**
 * Bundles the workflows into `file` (written whole or not at all) and returns its size in bytes. The bundle runs only
 * with exactly the SDK version that made it.
 */
export async function writeWorkflowBundle(file: string, workflowsPath: string = WORKFLOWS_PATH): Promise<number> {
  const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('WARN') });
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.part`, code);
  await rename(`${file}.part`, file);
  return Buffer.byteLength(code);
}
