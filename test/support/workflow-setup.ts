import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { resolveTestServerBinary } from '../../src/localstack/test-server-binary.ts';
import { writeWorkflowBundle } from '../../src/temporal/bundle.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The program of the time-skipping test server. */
    timeSkippingServerPath: string;
    /** The workflow bundle of these sources. */
    workflowBundlePath: string;
  }
}

const LOCAL_DIR = fileURLToPath(new URL('../../.local', import.meta.url));
/** Finds the time-skipping server and makes one bundle for every file of the project `workflow`. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const path = await resolveTestServerBinary({ dir: LOCAL_DIR, log: (line) => console.log(`[test server] ${line}`) });
  const folder = await mkdtemp(join(tmpdir(), 'verdictflow-bundle-'));
  const bundlePath = join(folder, 'workflow-bundle.js');
  await writeWorkflowBundle(bundlePath);
  project.provide('timeSkippingServerPath', path);
  project.provide('workflowBundlePath', bundlePath);
  return async () => await rm(folder, { recursive: true });
}
