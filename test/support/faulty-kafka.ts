import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { startOwnBroker } from './own-broker.ts';
import { type FaultyProxy, openFaultyProxy } from './faulty-proxy.ts';
import { freePort, pipelineEnv } from './pipeline.ts';
import { killAllProcesses, startProcess } from './process.ts';

export type FaultyKafka = {
  /** Everything goes through it, the test's own clients included. */
  readonly proxy: FaultyProxy;
  readonly brokers: string;
  /** The settings of a service on this broker and an emulator of its own. */
  readonly env: Readonly<Record<string, string>>;
  /** The emulator's log. */
  readonly logPath: string;
  /** Ends every process of this test file, then the broker. */
  close(): Promise<void>;
};

/** A broker of its own behind a proxy that can lose bytes, and an emulator that is ready. */
export async function startFaultyKafka(overrides: Readonly<Record<string, string>>): Promise<FaultyKafka> {
  const opened: FaultyProxy[] = [];
  const behind = async (port: number): Promise<number> => {
    const proxy = await openFaultyProxy(port);
    opened.push(proxy);
    return proxy.port;
  };
  const broker = await startOwnBroker({ behind });
  const [proxy] = opened;
  if (proxy === undefined) throw new Error('the broker was started without its proxy');
  const emulatorPort = await freePort();
  const logPath = join(mkdtempSync(join(tmpdir(), 'verdictflow-emulator-')), 'requests.ndjson');
  const env = pipelineEnv({
    kafkaBrokers: broker.brokers,
    temporalAddress: inject('temporalAddress'),
    emulatorPort,
    overrides: { VF_EMULATOR_PORT: String(emulatorPort), VF_EMULATOR_LOG: logPath, ...overrides },
  });
  await startProcess(['emulator'], env).ready();
  return {
    proxy,
    brokers: broker.brokers,
    env,
    logPath,
    async close() {
      killAllProcesses();
      proxy.close();
      await broker.stop();
    },
  };
}
