import { freePorts } from '../../src/localstack/free-port.ts';
import { startKafkaBroker } from '../../src/localstack/kafka-broker.ts';
import { makeRunDir, removeRunDir } from '../../src/localstack/run-dir.ts';
import { startTemporalServer } from '../../src/localstack/temporal-server.ts';
import type { ProcessTree } from '../measure/processes.ts';
import { startTemporalOnPostgres } from './postgres.ts';

export type Engines = {
  readonly kafkaBrokers: string;
  readonly temporalAddress: string;
  readonly kafka: ProcessTree;
  /** The server, and Postgres where it keeps its data there. */
  readonly temporal: readonly ProcessTree[];
  /** Prometheus text about the server. */
  readonly metricsUrl: string;
  stop(): Promise<void>;
};

type EngineOptions = {
  readonly localDir: string;
  /** A folder with `server` and `sql`: Temporal's server and its schema tool. Absent: the development server with SQLite. */
  readonly postgresTools?: string;
  readonly log: (line: string) => void;
};

/** Own processes always: their memory and CPU are measured. */
export async function startEngines({ localDir, postgresTools, log }: EngineOptions): Promise<Engines> {
  const runDir = await makeRunDir(localDir);
  const shared = { provisionDir: localDir, runDir, log };
  const [metricsPort = 0] = await freePorts(1);
  const [kafka, temporal] = await Promise.all([
    startKafkaBroker(shared),
    postgresTools === undefined
      ? startTemporalServer({ ...shared, ui: false, dynamicConfig: {}, metricsPort }).then(({ address, handle }) => ({
          address,
          handles: [handle],
        }))
      : startTemporalOnPostgres({ toolsDir: postgresTools, runDir, metricsPort }),
  ]);
  return {
    kafkaBrokers: kafka.brokers,
    temporalAddress: temporal.address,
    kafka: { root: kafka.handle.pid() },
    temporal: temporal.handles.map((handle) => ({ root: handle.pid() })),
    metricsUrl: `http://127.0.0.1:${metricsPort}/metrics`,
    async stop() {
      for (const handle of [kafka.handle, ...temporal.handles]) await handle.stop();
      await removeRunDir(runDir);
    },
  };
}
