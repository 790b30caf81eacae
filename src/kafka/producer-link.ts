import { type ICustomPartitioner, type Kafka, type Message, Partitioners, type Producer, type RecordMetadata } from 'kafkajs';
import { LATE, withTimeout } from '../async/timeout.ts';
import type { Logger } from '../contracts/logger.ts';
import type { EmissionReceipt } from '../contracts/workflow.ts';
import { refuseUnsilencedTracing, untraced } from '../tracing/untraced.ts';
import { describeKafkaError, GivenUpError, NotConnectedError } from './errors.ts';

export type ProducerLink = {
  /** Sends to one topic; receipts in the order of `messages`. After any rejection the producer object is thrown away. */
  send(topic: string, messages: readonly Message[]): Promise<EmissionReceipt[]>;
  /** Resolves when nothing of this link holds a connection any more. */
  close(): Promise<void>;
};

type Live = { readonly producer: Producer; readonly choice: PartitionChoice };
type LinkOptions = { readonly kafka: Kafka; readonly logger: Logger; readonly sendTimeoutMs: number };

/**
 * One kafkajs producer at a time. Not idempotent: kafkajs 2.2.4 takes its sequence number back after a failed produce and
 * gives it to the next record, which the broker then acknowledges without writing. Plain `acks: -1` may write a record
 * twice after a failure, and never loses one it acknowledged. Throws `ConfigurationError` in a process that would trace records.
 */
export function createProducerLink(options: LinkOptions): ProducerLink {
  refuseUnsilencedTracing();
  let live: Live | undefined;
  const retiring = new Set<Promise<void>>();

  function retire({ producer }: Live, sending: Promise<unknown>): void {
    live = undefined;
    const retired = retireProducer(producer, { sending, logger: options.logger }).finally(() => retiring.delete(retired));
    retiring.add(retired);
  }

  async function connected(): Promise<Live> {
    if (live) return live;
    const choice = createPartitionChoice();
    const fresh = { producer: build(options.kafka, choice), choice };
    const connecting = fresh.producer.connect();
    try {
      await inTime(connecting, { timeoutMs: options.sendTimeoutMs, what: 'connection' });
    } catch (error) {
      retire(fresh, connecting);
      throw new NotConnectedError(describeKafkaError(error), { cause: error });
    }
    live = fresh;
    return fresh;
  }

  return {
    async send(topic, messages) {
      const link = await connected();
      const sending = untraced(async () => await link.producer.send({ topic, messages: [...messages], acks: -1, timeout: 10_000 }));
      try {
        return receiptsOf(await inTime(sending, { timeoutMs: options.sendTimeoutMs, what: 'acknowledgement' }), {
          messages,
          choice: link.choice,
        });
      } catch (error) {
        retire(link, sending);
        throw error;
      }
    },
    async close() {
      await live?.producer.disconnect();
      live = undefined;
      await Promise.all(retiring);
    },
  };
}

function build(kafka: Kafka, choice: PartitionChoice): Producer {
  return kafka.producer({
    allowAutoTopicCreation: false,
    idempotent: false,
    maxInFlightRequests: 1,
    createPartitioner: choice.createPartitioner,
    retry: { initialRetryTime: 200, maxRetryTime: 2000, retries: 3 },
  });
}

/** `disconnect` does not wait for a send, and a retrying send connects again afterwards (kafkajs#1174): disconnect last. */
async function retireProducer(producer: Producer, { sending, logger }: { sending: Promise<unknown>; logger: Logger }): Promise<void> {
  try {
    await sending.catch(() => undefined);
    await producer.disconnect();
  } catch (error) {
    logger.warn({ error: describeKafkaError(error) }, 'disconnecting a discarded producer failed');
  }
}

async function inTime<T>(work: Promise<T>, { timeoutMs, what }: { readonly timeoutMs: number; readonly what: string }): Promise<T> {
  const answer = await withTimeout(work, timeoutMs);
  if (answer === LATE) throw new GivenUpError(`no ${what} within ${timeoutMs} ms`);
  return answer;
}

/** The n-th record of a send in a partition has the answer's base offset plus n. */
function receiptsOf(
  answers: readonly RecordMetadata[],
  sent: { messages: readonly Message[]; choice: PartitionChoice },
): EmissionReceipt[] {
  const next = new Map(answers.map(({ partition, baseOffset }) => [partition, BigInt(baseOffset ?? '-1')] as const));
  const topic = answers[0]?.topicName;
  return sent.messages.map((message) => {
    const partition = sent.choice.partitionOf(message);
    const offset = partition === undefined ? undefined : next.get(partition);
    if (topic === undefined || partition === undefined || offset === undefined || offset < 0n)
      throw new Error('the brokers acknowledged a send without its offsets');
    next.set(partition, offset + 1n);
    return { topic, partition, offset: offset.toString() };
  });
}

/**
 * kafkajs's Java-compatible partitioner, remembering its choices: from them follows each record's offset, and a retry
 * must not move a keyless record that a broker may have written already to another partition.
 */
type PartitionChoice = { readonly createPartitioner: ICustomPartitioner; partitionOf(message: Message): number | undefined };

function createPartitionChoice(): PartitionChoice {
  const chosen = new WeakMap<Message, number>();
  return {
    createPartitioner: () => {
      const partitioner = Partitioners.DefaultPartitioner();
      return (args) => {
        const partition = chosen.get(args.message) ?? partitioner(args);
        chosen.set(args.message, partition);
        return partition;
      };
    },
    partitionOf: (message) => chosen.get(message),
  };
}
