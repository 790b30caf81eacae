import { randomBytes } from 'node:crypto';
import { type Consumer, type IHeaders, Kafka, logLevel, type Message, Partitioners, type Producer } from 'kafkajs';
import { freePorts } from '../../src/localstack/free-port.ts';

/** What a consumer outside the project sees of one outcome record. */
export type SeenOutcome = {
  readonly ceId: string;
  readonly key: string;
  readonly value: string;
  readonly raw: Buffer;
  readonly headers: IHeaders | undefined;
};

/** True if one outcome id came with two different bodies. */
export function hasSeveralBodies(seen: readonly SeenOutcome[]): boolean {
  return new Set(seen.map(({ ceId, value }) => `${ceId} ${value}`)).size > new Set(seen.map(({ ceId }) => ceId)).size;
}

export function testKafka(brokers: string): Kafka {
  return new Kafka({ brokers: brokers.split(','), clientId: 'verdictflow-test', logLevel: logLevel.NOTHING, retry: { retries: 8 } });
}

/** Settings of one isolated pipeline: own topics, group, task queue and emulator on shared engines. */
export function pipelineEnv(options: {
  readonly kafkaBrokers: string;
  readonly temporalAddress: string;
  readonly emulatorPort: number;
  readonly overrides?: Readonly<Record<string, string>>;
}): Record<string, string> {
  const name = `t${randomBytes(4).toString('hex')}`;
  return {
    VF_KAFKA_BROKERS: options.kafkaBrokers,
    VF_KAFKA_REQUEST_TOPIC: `${name}.requested.v1`,
    VF_KAFKA_HINT_TOPIC: `${name}.hint.v1`,
    VF_KAFKA_OUTCOME_TOPIC: `${name}.outcome.v1`,
    VF_KAFKA_DLQ_TOPIC: `${name}.requested.v1.dlq`,
    VF_KAFKA_AUDIT_TOPIC: `${name}.replay-audit.v1`,
    VF_KAFKA_GATE_TOPIC: `${name}.gate.v1`,
    // The gate is one of all tests on a server: what one of them plays must not hold the others.
    VF_GATE_DATA_SOURCE_ERRORS: '0',
    VF_GATE_REFUSALS: '0',
    VF_KAFKA_GROUP_ID: `${name}-group`,
    VF_TASK_QUEUE: `${name}-queue`,
    TEMPORAL_ADDRESS: options.temporalAddress,
    VF_FACEID_BASE_URL: `http://127.0.0.1:${options.emulatorPort}/faceid`,
    VF_FACEID_API_KEY: `key-${randomBytes(9).toString('hex')}`,
    VF_FACEID_API_SECRET: `secret-${randomBytes(18).toString('hex')}`,
    VF_TOKEN_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    VF_AUTO_SETUP: 'true',
    VF_ADMIN_PORT: '0',
    VF_STARTUP_TIMEOUT: '30s',
    ...options.overrides,
  };
}

export async function freePort(): Promise<number> {
  const [port = 0] = await freePorts(1);
  return port;
}

/** Reads a topic from its beginning with a group of its own; records keep arriving in `seen` until `stop`. */
export async function watchTopic(
  brokers: string,
  topic: string,
): Promise<{ seen: SeenOutcome[]; byId: () => Map<string, SeenOutcome[]>; stop: () => Promise<void> }> {
  const consumer: Consumer = testKafka(brokers).consumer({ groupId: `watch-${randomBytes(6).toString('hex')}`, maxWaitTimeInMs: 200 });
  const seen: SeenOutcome[] = [];
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ message }) => {
      seen.push({
        ceId: String(message.headers?.['ce_id'] ?? ''),
        key: message.key?.toString() ?? '',
        value: message.value?.toString() ?? '',
        raw: message.value ?? Buffer.alloc(0),
        headers: message.headers,
      });
      await Promise.resolve();
    },
  });
  const byId = (): Map<string, SeenOutcome[]> => {
    const groups = new Map<string, SeenOutcome[]>();
    for (const one of seen) groups.set(one.key, [...(groups.get(one.key) ?? []), one]);
    return groups;
  };
  return { seen, byId, stop: async () => await consumer.disconnect() };
}

/** Produces in batches and waits for the acknowledgements. */
export async function produce(brokers: string, topic: string, messages: readonly Message[]): Promise<void> {
  const producer: Producer = testKafka(brokers).producer({
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  for (let at = 0; at < messages.length; at += 200) await producer.send({ topic, acks: -1, messages: messages.slice(at, at + 200) });
  await producer.disconnect();
}
