import { fileURLToPath } from 'node:url';
import { type KafkaBroker, startKafkaBroker } from '../../src/localstack/kafka-broker.ts';
import { makeRunDir, removeRunDir } from '../../src/localstack/run-dir.ts';

const LOCAL_DIR = fileURLToPath(new URL('../../.local', import.meta.url));

export type OwnBrokerOptions = Omit<Parameters<typeof startKafkaBroker>[0], 'provisionDir' | 'runDir' | 'log' | 'brief'>;

/** A broker of one test file, which may be set up as no other wants it; `stop` leaves nothing of it. */
export type OwnBroker = KafkaBroker & { stop(): Promise<void> };

export async function startOwnBroker(options: OwnBrokerOptions = {}): Promise<OwnBroker> {
  const runDir = await makeRunDir(LOCAL_DIR);
  const broker = await startKafkaBroker({ ...options, provisionDir: LOCAL_DIR, runDir, brief: true, log: () => undefined });
  return {
    ...broker,
    async stop() {
      await broker.handle.stop();
      await removeRunDir(runDir);
    },
  };
}
