import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { startLocalStack } from '../../src/localstack/stack.ts';
import { provideWorkflowBundle } from './workflow-bundle.ts';

declare module 'vitest' {
  interface ProvidedContext {
    kafkaBrokers: string;
    temporalAddress: string;
    /** Empty when the server has no UI that we know of. */
    temporalUiUrl: string;
  }
}

const LOCAL_DIR = fileURLToPath(new URL('../../.local', import.meta.url));

/** Starts Kafka and Temporal and makes the bundle, once for every file of the project `integration`. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const log = (line: string): void => console.log(`[local stack] ${line}`);
  const stack = await startLocalStack({ dir: LOCAL_DIR, brief: true, log });
  const removeBundle = await provideWorkflowBundle(project);
  project.provide('kafkaBrokers', stack.kafkaBrokers);
  project.provide('temporalAddress', stack.temporalAddress);
  project.provide('temporalUiUrl', stack.temporalUiUrl ?? '');
  return async () => {
    const startedAtMs = Date.now();
    await Promise.all([stack.stop(), removeBundle()]);
    log(`stopped (${((Date.now() - startedAtMs) / 1_000).toFixed(1)} s)`);
  };
}
