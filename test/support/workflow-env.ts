import { Client } from '@temporalio/client';
import { msToTs, tsToMs } from '@temporalio/common/lib/time.js';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, makeTelemetryFilterString, type NativeConnection, Runtime } from '@temporalio/worker';
import { afterAll, beforeAll, inject } from 'vitest';
import { SEARCH_ATTRIBUTES } from '../../src/contracts/workflow.ts';
import { leaveSandboxesUnwatched } from './unwatched.ts';

const INDEXED_VALUE_TYPES = { KEYWORD: 2, INT: 3, DATETIME: 6 } as const;

/** Scripted failures, workers of half the work, and what the test server lacks. */
const EXPECTED_WARNINGS = /^(Activity failed|Workflow failed|No (activities|workflows) registered)|activity_failure_include_heartbeat/;

/** The time-skipping server as one test file sees it. Its clock is virtual: never compare it with `Date.now()`. */
export type VirtualServer = {
  readonly client: Client;
  readonly native: NativeConnection;
  nowMs(): Promise<number>;
  /** Lets the virtual clock run ahead by `durationMs`. */
  advance(durationMs: number): Promise<void>;
  /** Lets the virtual clock skip whatever `work` waits for. */
  skipping<T>(work: Promise<T>): Promise<T>;
};

/** Starts a server of its own before the first test of the file, since a skip concerns everything on it, and stops it after the last. */
export function useVirtualServer(): () => VirtualServer {
  let server: (VirtualServer & { close(): Promise<void> }) | undefined;
  beforeAll(async () => {
    server = await start(inject('timeSkippingServerPath'));
  });
  afterAll(() => server?.close());
  return () => {
    if (server === undefined) throw new Error('the virtual server is there only inside tests');
    return server;
  };
}

async function start(path: string): Promise<VirtualServer & { close(): Promise<void> }> {
  // Failed workflow tasks show up as a test that hangs; their warning is what explains it, so warnings stay on.
  Runtime.install({
    logger: new DefaultLogger('WARN', ({ level, message, meta }) => {
      if (!EXPECTED_WARNINGS.test(message)) console.error(level, message, meta);
    }),
    telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }), forward: {} } },
    shutdownSignals: [],
  });
  leaveSandboxesUnwatched();
  const environment = await TestWorkflowEnvironment.createTimeSkipping({ server: { executable: { type: 'existing-path', path } } });
  const { connection, nativeConnection: native } = environment;
  const { testService } = connection;
  if (testService === undefined) throw new Error('the connection offers no test service');
  // An upsert of an unregistered attribute fails the workflow task for ever, which stops the skipping of time.
  const searchAttributes = Object.fromEntries(Object.values(SEARCH_ATTRIBUTES).map(({ name, type }) => [name, INDEXED_VALUE_TYPES[type]]));
  await connection.operatorService.addSearchAttributes({ namespace: 'default', searchAttributes });
  return {
    client: new Client({ connection, identity: 'rig' }),
    native,
    async nowMs() {
      const { time } = await testService.getCurrentTime({});
      return tsToMs(time);
    },
    async advance(durationMs) {
      await testService.unlockTimeSkippingWithSleep({ duration: msToTs(durationMs) });
    },
    async skipping(work) {
      // It may fail while the clock is being unlocked, when nobody listens yet; who waits for it below hears of it.
      work.catch(() => undefined);
      await testService.unlockTimeSkipping({});
      try {
        return await work;
      } finally {
        await testService.lockTimeSkipping({});
      }
    },
    close: async () => await environment.teardown(),
  };
}
