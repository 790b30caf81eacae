import { fileURLToPath } from 'node:url';
import { DOCKER_KAFKA_BROKERS, DOCKER_TEMPORAL_ADDRESS, DOCKER_TEMPORAL_UI_URL, dockerDown, dockerUp, hasDockerEngine } from './docker.ts';
import { hostVariable, type LogLine } from './host.ts';
import { type KafkaBroker, startKafkaBroker } from './kafka-broker.ts';
import { makeRunDir, removeRunDir } from './run-dir.ts';
import type { EngineHandle } from './supervised.ts';
import { startTemporalServer, type TemporalServer } from './temporal-server.ts';

const PROJECT_DIR = fileURLToPath(new URL('../../', import.meta.url));

type LocalStackOptions = {
  /** Downloads stay here for the next time; data goes into a `run-…` folder that `stop` removes. */
  readonly dir: string;
  readonly ui?: boolean;
  readonly kafka?: boolean;
  readonly temporal?: boolean;
  /** Temporal's dynamic configuration; values are JSON, for example `{ 'frontend.WorkflowPauseEnabled': 'true' }`. */
  readonly dynamicConfig?: Readonly<Record<string, string>>;
  /** True: own processes always, never configured addresses or Docker. Fault tests need the handles. */
  readonly native?: boolean;
  /** For a Kafka of our own that lives for minutes and is asked little. */
  readonly brief?: boolean;
  readonly log: LogLine;
};

export type LocalStack = {
  /** Empty when Kafka was not asked for. */
  readonly kafkaBrokers: string;
  /** Empty when Temporal was not asked for. */
  readonly temporalAddress: string;
  readonly temporalUiUrl?: string | undefined;
  /** Empty unless the server is a process of ours. */
  readonly temporalDbFile: string;
  /** Present only for processes of ours. */
  readonly kafka?: EngineHandle | undefined;
  readonly temporal?: EngineHandle | undefined;
  stop(): Promise<void>;
};

/**
 * Finds or starts Kafka and Temporal, in this order: addresses already configured, a Docker engine, own
 * processes. Throws an error that says what to install. Own processes end with this process, even after kill -9.
 */
export async function startLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  if (options.native !== true) {
    const found = configuredStack() ?? (await dockerStack(options));
    if (found !== undefined) return found;
  }
  return nativeStack(options);
}

function configuredStack(): LocalStack | undefined {
  const kafkaBrokers = hostVariable('VF_KAFKA_BROKERS');
  const temporalAddress = hostVariable('TEMPORAL_ADDRESS');
  if (kafkaBrokers === undefined || temporalAddress === undefined) return undefined;
  return { kafkaBrokers, temporalAddress, temporalDbFile: '', stop: () => Promise.resolve() };
}

async function dockerStack(options: LocalStackOptions): Promise<LocalStack | undefined> {
  // Dynamic configuration is a start option of the server, which the compose file fixes.
  if (options.dynamicConfig !== undefined || !(await hasDockerEngine())) return undefined;
  options.log('starting Kafka and Temporal with Docker …');
  try {
    await dockerUp(PROJECT_DIR);
  } catch (error) {
    options.log(`Docker did not start them, using processes instead: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
  return {
    kafkaBrokers: DOCKER_KAFKA_BROKERS,
    temporalAddress: DOCKER_TEMPORAL_ADDRESS,
    temporalUiUrl: DOCKER_TEMPORAL_UI_URL,
    temporalDbFile: '',
    stop: () => dockerDown(PROJECT_DIR),
  };
}

async function nativeStack(options: LocalStackOptions): Promise<LocalStack> {
  const runDir = await makeRunDir(options.dir);
  const shared = { provisionDir: options.dir, runDir, log: options.log };
  const [kafka, temporal] = await Promise.allSettled([
    options.kafka === false
      ? undefined
      : timed('Kafka', { log: options.log, start: () => startKafkaBroker({ ...shared, brief: options.brief === true }) }),
    options.temporal === false
      ? undefined
      : timed('Temporal', {
          log: options.log,
          start: () => startTemporalServer({ ...shared, ui: options.ui ?? false, dynamicConfig: options.dynamicConfig ?? {} }),
        }),
  ]);
  const broker = kafka.status === 'fulfilled' ? kafka.value : undefined;
  const server = temporal.status === 'fulfilled' ? temporal.value : undefined;
  const stop = async (): Promise<void> => {
    await Promise.all([broker?.handle.stop(), server?.handle.stop()]);
    await removeRunDir(runDir);
  };
  if (kafka.status === 'rejected' || temporal.status === 'rejected') {
    await stop();
    throw startErrors([kafka, temporal]);
  }
  return nativeResult(broker, server, { stop });
}

function nativeResult(broker: KafkaBroker | undefined, server: TemporalServer | undefined, { stop }: Pick<LocalStack, 'stop'>): LocalStack {
  return {
    kafkaBrokers: broker?.brokers ?? '',
    temporalAddress: server?.address ?? '',
    temporalDbFile: server?.dbFile ?? '',
    temporalUiUrl: server?.uiUrl,
    kafka: broker?.handle,
    temporal: server?.handle,
    stop,
  };
}

async function timed<T>(name: string, options: { readonly log: LogLine; start(): Promise<T> }): Promise<T> {
  const startedAtMs = Date.now();
  const result = await options.start();
  options.log(`${name} is up (${((Date.now() - startedAtMs) / 1_000).toFixed(1)} s)`);
  return result;
}

function startErrors(results: readonly PromiseSettledResult<unknown>[]): Error {
  const reasons: unknown[] = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  const texts = reasons.map((reason) => (reason instanceof Error ? reason.message : String(reason)));
  return new AggregateError(reasons, `the local stack did not start:\n${texts.join('\n')}`);
}
