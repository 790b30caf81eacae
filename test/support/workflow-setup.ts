import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { resolveTestServerBinary } from '../../src/localstack/test-server-binary.ts';
import { provideWorkflowBundle } from './workflow-bundle.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The program of the time-skipping test server. */
    timeSkippingServerPath: string;
  }
}

const LOCAL_DIR = fileURLToPath(new URL('../../.local', import.meta.url));

/** Finds the time-skipping server and makes the bundle for every file of the project `workflow`. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const path = await resolveTestServerBinary({ dir: LOCAL_DIR, log: (line) => console.log(`[test server] ${line}`) });
  project.provide('timeSkippingServerPath', path);
  return await provideWorkflowBundle(project);
}
