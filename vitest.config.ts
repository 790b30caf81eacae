import { defineConfig } from 'vitest/config';
import { testLanes } from './test/support/lanes.ts';
import { LongestFirst } from './test/support/longest-first.ts';

const shared = {
  clearMocks: true,
  restoreMocks: true,
  // Files share processes and what these have loaded: it takes a second of CPU to load Temporal's SDK and this code anew.
  isolate: false,
  // A larger nursery: what properties and the explorer make dies young, and a tenth of their CPU went into sweeping it.
  execArgv: ['--max-semi-space-size=64'],
};

export default defineConfig({
  test: {
    // Most of the time tests wait for real engines, on one and the same pair of them: every test has topics and a task queue of its own.
    maxWorkers: testLanes(),
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          ...shared,
          name: 'unit',
          // Properties over thousands of cases, on a machine that has other work to do.
          testTimeout: 30_000,
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.workflow.test.ts', 'test/**/*.integration.test.ts', 'test/**/*.docker.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          ...shared,
          name: 'workflow',
          include: ['test/**/*.workflow.test.ts'],
          globalSetup: ['test/support/workflow-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          ...shared,
          name: 'integration',
          include: ['test/**/*.integration.test.ts'],
          globalSetup: ['test/support/integration-setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
      {
        extends: true,
        // Engines of its own, in containers.
        test: { ...shared, name: 'docker', include: ['test/**/*.docker.test.ts'] },
      },
    ],
  },
});
