import type { Consumer, ConsumerGroupJoinEvent, EachBatchPayload, Kafka } from 'kafkajs';
import { sleep } from '../async/sleep.ts';
import { untraced } from '../tracing/untraced.ts';
import type { InboundBatch } from '../ingress/ports.ts';
import { describeKafkaError, GivenUpError, isKafkaError, protocolTypeOf } from './errors.ts';
import type { ConsumerEvents } from './events.ts';
import type { Holds } from './holds.ts';
import { inboundRecord } from './inbound-record.ts';
import { markedAssigner } from './marked-assigner.ts';
import { type StandIn, standInOf } from './patches/fetch-answers.ts';
import type { Rewinds } from './rewinds.ts';

/** Durations in milliseconds. */
export type ConsumerTuning = {
  readonly sessionTimeoutMs?: number;
  readonly heartbeatIntervalMs?: number;
  readonly rebalanceTimeoutMs?: number;
  /** How long a broker holds an empty fetch. Data ends the wait at once; stopping, heartbeats and rebalances wait for it. */
  readonly maxWaitMs?: number;
  readonly metadataMaxAgeMs?: number;
  readonly maxBytesPerPartition?: number;
  readonly partitionsConsumedConcurrently?: number;
  /** Pause after an unexpected error of the handler. */
  readonly batchBackoffMs?: number;
  /** What the membership in the group says of this process; asked for at each join. */
  readonly mark?: () => string;
  /** How long a partition that cannot be read is left alone before it is tried again. */
  readonly unreadableRetryMs?: number;
};

export type SessionOptions = {
  readonly kafka: Kafka;
  readonly groupId: string;
  readonly topics: readonly string[];
  readonly onBatch: (batch: InboundBatch) => Promise<void>;
  readonly events: ConsumerEvents;
  readonly tuning: ConsumerTuning;
  readonly rewinds: Rewinds;
  readonly holds: Holds;
  readonly onGoodBatch: () => void;
  /** A broker did not know a topic or partition when its offsets were committed. */
  readonly onUnknownTopic: () => void;
};

/** The life of one kafkajs consumer: it is never restarted, only replaced. */
export type Session = {
  /** Connects and joins. Rejects when it cannot; the session is then to be closed. */
  open(): Promise<void>;
  /** Resolves with the reason when the consumer has ended by itself, or is to be given up. */
  readonly ended: Promise<unknown>;
  /** Gives the consumer up: it is to be closed and replaced. */
  giveUp(reason: GivenUpError): void;
  /** True while the coordinator counts us as a member. */
  isJoined(): boolean;
  close(): Promise<void>;
};

type Life = {
  generation: number;
  joined: boolean;
  closed: boolean;
  /** Its successor may be told to read from the beginning: nothing of what this one read may be committed any more. */
  givenUp: boolean;
  lastSignAtMs: number;
  end: (reason: unknown) => void;
};

/**
 * Each empty fetch costs the broker CPU, so an idle consumer asks seldom; kafkajs's own 5 s would delay every stop as much.
 * Of a short session it takes a sixth at most, and heartbeats another one, because kafkajs sends them between fetches: so there is
 * one in each third of it.
 */
const MAX_WAIT_MS = 2000;

/** No heartbeat for this many session time-outs: kafkajs hangs, or sits out its back-offs long after we were evicted. */
const STALLED_SESSIONS = 2;

export function createSession(options: SessionOptions): Session {
  const { tuning } = options;
  const sessionTimeout = tuning.sessionTimeoutMs ?? 10_000;
  let end: (reason: unknown) => void = () => undefined;
  const ended = new Promise<unknown>((resolve) => {
    end = resolve;
  });
  const life: Life = { generation: 0, joined: false, closed: false, givenUp: false, lastSignAtMs: Date.now(), end };
  const consumer = options.kafka.consumer({
    groupId: options.groupId,
    sessionTimeout,
    heartbeatInterval: tuning.heartbeatIntervalMs ?? Math.min(3000, sessionTimeout / 6),
    rebalanceTimeout: tuning.rebalanceTimeoutMs ?? 60_000,
    maxWaitTimeInMs: tuning.maxWaitMs ?? Math.min(MAX_WAIT_MS, sessionTimeout / 6),
    metadataMaxAge: tuning.metadataMaxAgeMs ?? 60_000,
    maxBytesPerPartition: tuning.maxBytesPerPartition ?? 256 * 1024,
    allowAutoTopicCreation: false,
    partitionAssigners: [markedAssigner(tuning.mark)],
    readUncommitted: false,
    // kafkajs restarting itself can race with `stop` and leave a second consumer (kafkajs#1593): the supervisor alone rebuilds.
    retry: { initialRetryTime: 300, maxRetryTime: 5000, retries: 5, restartOnFailure: async () => await Promise.resolve(false) },
  });
  watch(consumer, { ...options, life });
  const silentForMs = (): number => (life.joined ? Date.now() - life.lastSignAtMs : 0);
  const watchdog = setInterval(() => {
    if (silentForMs() > STALLED_SESSIONS * sessionTimeout) end(new GivenUpError('no heartbeat got through'));
  }, sessionTimeout / 4).unref();
  let opening: Promise<void> | undefined;
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    life.closed = true;
    life.joined = false;
    clearInterval(watchdog);
    // Stopping in the midst of a join would leave a consumer that fetches for ever: `stop` does nothing before it runs.
    await opening?.catch(() => undefined);
    await consumer.disconnect();
  };
  return {
    open: async () => await (opening ??= open(consumer, { ...options, life })),
    ended,
    giveUp(reason) {
      life.givenUp = true;
      end(reason);
    },
    isJoined: () => life.joined && silentForMs() < sessionTimeout,
    close: async () => await (closing ??= close()),
  };
}

type Living = SessionOptions & { readonly life: Life };

async function open(consumer: Consumer, options: Living): Promise<void> {
  const { life } = options;
  await consumer.connect();
  // A new group, or one whose offsets expired, must not skip what is there already.
  await consumer.subscribe({ topics: [...options.topics], fromBeginning: true });
  if (life.closed) return;
  const running = {
    autoCommit: false,
    eachBatchAutoResolve: false,
    partitionsConsumedConcurrently: options.tuning.partitionsConsumedConcurrently ?? 8,
    eachBatch: async (payload: EachBatchPayload) => await handle(payload, options),
  };
  await untraced(async () => await consumer.run(running));
}

function watch(consumer: Consumer, options: Living): void {
  const { life, events } = options;
  const sign = (): void => {
    life.lastSignAtMs = Date.now();
  };
  // Not `consumer.fetch`: kafkajs emits it for failed fetches as well.
  consumer.on('consumer.heartbeat', sign);
  consumer.on('consumer.rebalancing', () => {
    life.joined = false;
    events.rebalancing();
  });
  consumer.on('consumer.group_join', ({ payload }: ConsumerGroupJoinEvent) => {
    sign();
    life.generation += 1;
    // kafkajs may rejoin by itself before it is closed: the rewinds are its successor's.
    if (life.closed || life.givenUp) return;
    life.joined = true;
    rewind(consumer, { ...options, assignment: payload.memberAssignment });
    options.holds.keep(({ topic, partition }) => payload.memberAssignment[topic]?.includes(partition) ?? false);
    events.joined({ generation: life.generation, assignment: payload.memberAssignment });
  });
  consumer.on('consumer.crash', ({ payload }) => {
    life.joined = false;
    life.end(payload.error);
  });
}

/** Offset 0 may be gone already: kafkajs then gets OFFSET_OUT_OF_RANGE, and reading goes on at the first one there is. */
function rewind(consumer: Consumer, options: Living & { assignment: Readonly<Record<string, readonly number[]>> }): void {
  const places = options.rewinds.at(options.assignment);
  for (const place of places) consumer.seek({ ...place, offset: '0' });
  for (const topic of new Set(places.map((place) => place.topic))) options.events.rewound({ topic });
}

/** A fetch that went wrong on its way is better the next time; what is broken on disk costs a fetch as often. */
const UNREADABLE_RETRY_MS = 15_000;

/**
 * Leaves a partition alone whose next batch cannot be read, without waiting for it: kafkajs fetches nothing of a broker before
 * all that came of it is handled. Others go on, nothing is committed, nothing skipped.
 */
function holdBack(payload: EachBatchPayload, { standIn, options }: { standIn: StandIn & { kind: 'UNREADABLE' }; options: Living }): void {
  const { topic, partition, messages } = payload.batch;
  const skipped = standIn.nextOffset === undefined ? 'past it' : `past it, to offset ${standIn.nextOffset}`;
  const detail = `a batch cannot be read (${standIn.error}): mend that, or save what is there and move the group ${skipped}`;
  options.holds.meet({ topic, partition }, { why: 'UNREADABLE', offset: BigInt(messages[0]?.offset ?? 0), detail });
  setTimeout(payload.pause(), options.tuning.unreadableRetryMs ?? UNREADABLE_RETRY_MS).unref();
}

/** Lets only kafkajs's own errors escape: any other would use up its retries or end it for good. */
async function handle(payload: EachBatchPayload, options: Living): Promise<void> {
  const { life, events, rewinds } = options;
  if (life.givenUp) return;
  const { topic, partition } = payload.batch;
  const [first] = payload.batch.messages;
  const standIn = first && standInOf(first);
  if (standIn?.kind === 'UNREADABLE') return holdBack(payload, { standIn, options });
  options.holds.release({ topic, partition });
  const { generation } = life;
  const startedAtMs = Date.now();
  const isOurs = (): boolean => life.generation === generation && !life.givenUp && !rewinds.isSuspect(topic);
  const batch = inboundBatch(payload, {
    isOurs,
    isCurrent: () => isOurs() && !life.closed,
    onCommitted: () => rewinds.committed({ topic, partition }),
  });
  try {
    await options.onBatch(batch);
    options.onGoodBatch();
    events.batchHandled({
      topic,
      partition,
      records: batch.records.length,
      durationMs: Date.now() - startedAtMs,
      lag: BigInt(payload.batch.offsetLag()),
    });
  } catch (error) {
    if (error instanceof StaleBatchError) return;
    if (protocolTypeOf(error) === 'UNKNOWN_TOPIC_OR_PARTITION') options.onUnknownTopic();
    if (isKafkaError(error)) throw error;
    events.batchFailed({ topic, partition, error: describeKafkaError(error) });
    await sleep(options.tuning.batchBackoffMs ?? 2000);
    if (batch.isCurrent()) await payload.heartbeat();
  }
}

/** The group was joined anew since the batch was fetched: its partition may be another member's. */
class StaleBatchError extends Error {
  override readonly name = 'StaleBatchError';
}

type Ownership = {
  /** False once the offsets of the partition may be another member's, or count in another topic. */
  isOurs(): boolean;
  /** False once no further record is to be begun. */
  isCurrent(): boolean;
  onCommitted(): void;
};

/**
 * A kafkajs batch behind our port. Commits go through the callback of the batch alone: `consumer.commitOffsets` wraps a
 * rebalance error so that kafkajs no longer knows it, and the consumer dies for good (kafkajs#1712).
 */
function inboundBatch(payload: EachBatchPayload, { isOurs, isCurrent, onCommitted }: Ownership): InboundBatch {
  const { topic, partition } = payload.batch;
  return {
    topic,
    partition,
    records: payload.batch.messages.filter((one) => !standInOf(one)).map((message) => inboundRecord(message, { topic, partition })),
    endOffset: BigInt(payload.batch.lastOffset()) + 1n,
    async commit(nextOffset) {
      // A late handler must not touch the offsets of a new generation (kafkajs#558: a TypeError that ends the consumer).
      if (!isOurs()) throw new StaleBatchError();
      await payload.commitOffsetsIfNecessary({ topics: [{ topic, partitions: [{ partition, offset: nextOffset.toString() }] }] });
      if (!isOurs()) return;
      payload.resolveOffset((nextOffset - 1n).toString());
      onCommitted();
    },
    async heartbeat() {
      if (!isOurs()) throw new StaleBatchError();
      await payload.heartbeat();
    },
    isCurrent: () => isCurrent() && payload.isRunning() && !payload.isStale(),
  };
}
