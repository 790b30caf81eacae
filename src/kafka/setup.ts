import type { Kafka } from 'kafkajs';
import { untilSettled } from '../async/until-settled.ts';
import { DependencyUnavailableError } from '../contracts/errors.ts';
import { areLoopback } from '../contracts/loopback.ts';
import type { Made, SetupPort } from '../operator/ports.ts';
import { ensureTopics, largestMessageBytes, missingTopics, SPREADS } from './admin.ts';
import { describeKafkaError, protocolTypeOf } from './errors.ts';
import { DEAD_LETTER_OVERHEAD_BYTES } from './sinks.ts';
import { topicFacts, topicWarnings, type TopicUse, untoldWarning } from './topic-checks.ts';
import { explainTopicRefusal, type WantedTopic } from './topic-refusal.ts';

export type TopicSettings = {
  readonly brokers: readonly string[];
  readonly topics: Readonly<Record<TopicUse, string>>;
  /** What a topic gets that is made here. */
  readonly partitions: number;
  readonly replicationFactor: number;
  /** How long requests must be kept. */
  readonly windowMs: number;
};

/** The topics of the service. Existing ones stay as they are; what is wrong with them is warned of. */
export function kafkaSetup(kafka: Kafka, settings: TopicSettings): SetupPort {
  const what = 'topic';
  const names = Object.values(settings.topics);
  const reported = async (missing: readonly string[], result: 'made' | 'missing'): Promise<readonly Made[]> => {
    const existing = result === 'made' ? names : names.filter((name) => !missing.includes(name));
    const warnings = await warningsOf(kafka, { settings, existing });
    return names.map((name) => ({ what, name, result: missing.includes(name) ? result : 'kept', warnings: warnings.get(name) ?? [] }));
  };
  return {
    what,
    inspect: async () => await explained('listed', async () => await reported(await missingTopics(kafka, names), 'missing')),
    make: async () =>
      await explained('created', async () => {
        const before = await missingTopics(kafka, names);
        await make(kafka, { settings, missing: before });
        return await reported(before, 'made');
      }),
  };
}

const VARIABLES: Readonly<Record<TopicUse, string>> = {
  requests: 'VF_KAFKA_REQUEST_TOPIC',
  hints: 'VF_KAFKA_HINT_TOPIC',
  outcomes: 'VF_KAFKA_OUTCOME_TOPIC',
  deadLetters: 'VF_KAFKA_DLQ_TOPIC',
  audit: 'VF_KAFKA_AUDIT_TOPIC',
  gate: 'VF_KAFKA_GATE_TOPIC',
};

/** The dead-letter topic last: its size follows from the others. */
async function make(
  kafka: Kafka,
  { settings, missing }: { readonly settings: TopicSettings; readonly missing: readonly string[] },
): Promise<void> {
  const uses: readonly TopicUse[] = ['requests', 'hints', 'outcomes', 'audit', 'gate', 'deadLetters'];
  for (const use of uses) {
    const topic = settings.topics[use];
    if (!missing.includes(topic)) continue;
    const { partitions, replicationFactor } = settings;
    const size = use === 'deadLetters' ? await deadLetterConfig(kafka, settings) : {};
    const spec = {
      topic,
      variable: VARIABLES[use],
      partitions,
      replicationFactor,
      config: { ...size, ...inSyncConfig(replicationFactor) },
    };
    await refusalsExplained(spec, async () => {
      await untilSpread(() => ensureTopics(kafka, [spec]));
      // One that was there, but that the user may not see, is not made either.
      await untilSpread(() => topicFacts(kafka, [topic]));
    });
  }
}

/** With three replicas one broker may be lost, and a record that was acknowledged is on another one. */
function inSyncConfig(replicationFactor: number): Record<string, string> {
  return replicationFactor >= 3 ? { 'min.insync.replicas': '2' } : {};
}

async function refusalsExplained(spec: WantedTopic, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const why = explainTopicRefusal(error, spec);
    throw why === undefined ? error : new DependencyUnavailableError('kafka', why, { cause: error });
  }
}

/** By name of the topic, each beginning with what it is about. */
async function warningsOf(
  kafka: Kafka,
  { settings, existing }: { readonly settings: TopicSettings; readonly existing: readonly string[] },
): Promise<ReadonlyMap<string, readonly string[]>> {
  const { topics, brokers } = settings;
  const facts = await untilSpread(() => topicFacts(kafka, existing));
  const byUse = Object.fromEntries(
    Object.entries(topics).map(([use, topic]) => {
      const unmade = { topic, partitions: settings.partitions, replicas: settings.replicationFactor };
      return [use, facts.find((one) => one.topic === topic) ?? unmade];
    }),
  );
  const warnings = topicWarnings(byUse, { ...settings, isLocal: areLoopback(brokers) });
  const untold = untoldWarning(facts);
  return new Map(
    Object.entries(topics).map(([use, topic]) => {
      const texts = warnings.flatMap(([of, text]) => (of === use ? [text] : []));
      return [topic, untold !== undefined && topic === facts[0]?.topic ? [...texts, untold] : texts];
    }),
  );
}

/** A dead letter is the record plus our headers: with the limit of its own topic the largest bad record would never fit. */
async function deadLetterConfig(kafka: Kafka, { topics }: TopicSettings): Promise<Record<string, string>> {
  const largest = (await untilSpread(() => largestMessageBytes(kafka, [topics.requests, topics.hints]))) ?? 0;
  return { 'max.message.bytes': String(Math.max(DEFAULT_MAX_MESSAGE_BYTES, largest) + DEAD_LETTER_OVERHEAD_BYTES) };
}

/** Kafka's own default of `max.message.bytes`. */
const DEFAULT_MAX_MESSAGE_BYTES = 1_048_588;

/** A broker may not know a topic yet that another one has just created: kafkajs then fails although the topic is there. */
async function untilSpread<T>(work: () => Promise<T>): Promise<T> {
  const isPassing = (error: unknown): boolean => SPREADS.includes(protocolTypeOf(error) ?? '');
  return await untilSettled(work, { isPassing, everyMs: 500, atMostMs: 15_000 });
}

async function explained<T>(verb: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DependencyUnavailableError) throw error;
    throw new DependencyUnavailableError(
      'kafka',
      `the topics cannot be ${verb} (${describeKafkaError(error)}); check VF_KAFKA_BROKERS and the rights of the user`,
      { cause: error },
    );
  }
}
