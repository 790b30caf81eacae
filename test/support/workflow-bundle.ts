import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { writeWorkflowBundle } from '../../src/temporal/bundle.ts';
import { isBuilt } from './built.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The workflow bundle of these sources. */
    workflowBundlePath: string;
  }
}

const BUILT = fileURLToPath(new URL('../../dist/workflow-bundle.js', import.meta.url));

/**
 * Provides one bundle for every file of a project, which would else take 2 s of CPU for each worker: that of the build, or
 * a new one. Resolves with what removes it.
 */
export async function provideWorkflowBundle(project: TestProject): Promise<() => Promise<void>> {
  if (isBuilt) {
    project.provide('workflowBundlePath', BUILT);
    return async () => await Promise.resolve();
  }
  const folder = await mkdtemp(join(tmpdir(), 'verdictflow-bundle-'));
  const path = join(folder, 'workflow-bundle.js');
  await writeWorkflowBundle(path);
  project.provide('workflowBundlePath', path);
  return async () => await rm(folder, { recursive: true });
}
