import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import type { TestProject } from 'vitest/node';
import { resolveTestServerBinary } from '../../src/localstack/test-server-binary.ts';
import { writeWorkflowBundle } from '../../src/temporal/bundle.ts';
import { SEARCH_ATTRIBUTES } from '../../src/contracts/workflow.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** `host:port` of the time-skipping test server. */
    timeSkippingAddress: string;
    /** The workflow bundle of these sources. */
    workflowBundlePath: string;
  }
}

const LOCAL_DIR = fileURLToPath(new URL('../../.local', import.meta.url));
const INDEXED_VALUE_TYPES = { KEYWORD: 2, INT: 3, DATETIME: 6 } as const;

/** Starts one time-skipping server and makes one bundle for every file of the project `workflow`. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const path = await resolveTestServerBinary({ dir: LOCAL_DIR, log: (line) => console.log(`[test server] ${line}`) });
  const folder = await mkdtemp(join(tmpdir(), 'verdictflow-bundle-'));
  const bundlePath = join(folder, 'workflow-bundle.js');
  const [environment] = await Promise.all([
    TestWorkflowEnvironment.createTimeSkipping({ server: { executable: { type: 'existing-path', path } } }),
    writeWorkflowBundle(bundlePath),
  ]);
  // An upsert of an unregistered attribute fails the workflow task for ever, which stops the skipping of time.
  const searchAttributes = Object.fromEntries(Object.entries(SEARCH_ATTRIBUTES).map(([name, type]) => [name, INDEXED_VALUE_TYPES[type]]));
  await environment.connection.operatorService.addSearchAttributes({ namespace: 'default', searchAttributes });
  project.provide('timeSkippingAddress', environment.address);
  project.provide('workflowBundlePath', bundlePath);
  return async () => {
    await environment.teardown();
    await rm(folder, { recursive: true });
  };
}
