import { Client, Connection } from '@temporalio/client';
import type { InternalConnectionOptions } from '@temporalio/client/lib/connection.js';
import { InternalConnectionOptionsSymbol } from '@temporalio/client/lib/connection.js';
import { msToTs, tsToMs } from '@temporalio/common/lib/time.js';
import { DefaultLogger, makeTelemetryFilterString, NativeConnection, Runtime } from '@temporalio/worker';
import { afterAll, beforeAll, inject } from 'vitest';

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

/** Connects before the first test of the file and disconnects after the last. */
export function useVirtualServer(): () => VirtualServer {
  let server: (VirtualServer & { close(): Promise<void> }) | undefined;
  beforeAll(async () => {
    server = await connect(inject('timeSkippingAddress'));
  });
  afterAll(() => server?.close());
  return () => {
    if (server === undefined) throw new Error('the virtual server is there only inside tests');
    return server;
  };
}

async function connect(address: string): Promise<VirtualServer & { close(): Promise<void> }> {
  // Failed workflow tasks show up as a test that hangs; their warning is what explains it, so warnings stay on.
  Runtime.install({
    logger: new DefaultLogger('WARN', ({ level, message, meta }) => {
      if (!EXPECTED_WARNINGS.test(message)) console.error(level, message, meta);
    }),
    telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }), forward: {} } },
    shutdownSignals: [],
  });
  // The SDK's own environment can only start such a server, not share one: hence its internal switch.
  const options: InternalConnectionOptions = { address, [InternalConnectionOptionsSymbol]: { supportsTestService: true } };
  const connection = await Connection.connect(options);
  const native = await NativeConnection.connect({ address });
  const { testService } = connection;
  if (testService === undefined) throw new Error('the connection offers no test service');
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
      await testService.unlockTimeSkipping({});
      try {
        return await work;
      } finally {
        await testService.lockTimeSkipping({});
      }
    },
    async close() {
      await connection.close();
      await native.close();
    },
  };
}
