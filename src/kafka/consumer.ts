import type { Kafka } from 'kafkajs';
import { whenAborted } from '../async/abort.ts';
import { backoffMs } from '../async/backoff.ts';
import { sleep } from '../async/sleep.ts';
import { withTimeout } from '../async/timeout.ts';
import { type StartupLimit, withinText } from '../async/until-open.ts';
import { DependencyUnavailableError, missingText } from '../contracts/errors.ts';
import type { Logger } from '../contracts/logger.ts';
import type { InboundBatch } from '../ingress/ports.ts';
import { missingTopics } from './admin.ts';
import { type ConsumerTuning, createSession, type Session } from './consumer-session.ts';
import { describeKafkaError, GivenUpError, protocolTypeOf } from './errors.ts';
import type { ConsumerEvents, Hold } from './events.ts';
import { createHolds, type Holds } from './holds.ts';
import { onStanding, type Standing } from './patches/fetch-answers.ts';
import { onUnknownTopic } from './patches/fetch-failures.ts';
import { onOutOfRange } from './patches/out-of-range.ts';
import { onPositionNews } from './patches/topic-identity.ts';
import { createRewinds, type Rewinds } from './rewinds.ts';

export type ConsumerOptions = ConsumerTuning & {
  readonly kafka: Kafka;
  readonly groupId: string;
  /** All topics of the group: two consumers of one group with different topics leave partitions unread. */
  readonly topics: readonly string[];
  readonly onBatch: (batch: InboundBatch) => Promise<void>;
  readonly events: ConsumerEvents;
  readonly logger: Logger;
  /** How long `start` tries before it gives up. */
  readonly startupLimit: StartupLimit;
  /** How long a topic may be unknown at start, while the brokers still spread the news of its creation. */
  readonly topicGraceMs?: number;
  readonly rebuildBackoffMs?: { readonly first: number; readonly longest: number };
};

export type SupervisedConsumer = {
  /**
   * Resolves when the group is joined.
   * @throws DependencyUnavailableError when topics are missing, or at the end of `startupLimit`.
   */
  start(): Promise<void>;
  /** Lets batches under way finish, leaves the group and disconnects. May be called at any time, any number of times. */
  stop(): Promise<void>;
  isJoined(): boolean;
  /** Partitions that stand still although the group is joined. */
  holds(): readonly Hold[];
};

type Supervision = {
  readonly options: ConsumerOptions;
  readonly stopping: AbortController;
  /** Resolves when stopping begins. */
  readonly stopped: Promise<undefined>;
  readonly rewinds: Rewinds;
  readonly holds: Holds;
  current: Session | undefined;
  failures: number;
  hasJoined: boolean;
};

/** A kafkajs consumer that is built anew whenever it ends by itself, one at a time, until it is stopped. */
export function createConsumer(options: ConsumerOptions): SupervisedConsumer {
  const stopping = new AbortController();
  const stopped = new Promise<undefined>((resolve) => void whenAborted(stopping.signal, () => resolve(undefined)));
  const [rewinds, holds] = [createRewinds(), createHolds(options.events)];
  const state: Supervision = { options, stopping, stopped, rewinds, holds, current: undefined, failures: 0, hasJoined: false };
  const deafen = listen(state);
  let running: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    state.stopping.abort();
    await state.current?.close();
    await running?.catch(() => undefined);
    deafen();
    holds.keep(() => false);
  };
  return {
    async start() {
      if (running) throw new Error('the consumer was started already');
      const first = firstJoin(state);
      running = first.then(async (session) => await supervise(state, session));
      // Reported to whoever awaits `start` or `stop`; without this a failed start would also count as unhandled.
      running.catch(() => undefined);
      try {
        await first;
      } catch (error) {
        await stop();
        throw error;
      }
    },
    stop,
    isJoined: () => state.current?.isJoined() ?? false,
    holds: () => holds.list(),
  };
}

/** What kafkajs does to the positions of this group. Returns the way to stop listening. */
function listen(state: Supervision): () => void {
  const { groupId, events } = state.options;
  const ends = [
    onStanding((standing) => {
      if (standing.groupId === groupId) look(state, standing);
    }),
    onUnknownTopic((failure) => {
      if (failure.groupId === groupId) leaveUnknownTopic(state);
    }),
    onOutOfRange(({ groupId: whose, topic, partition, position, begin, end }) => {
      if (whose !== groupId) return;
      const found = { topic, partition, position, begin };
      if (position < begin) events.recordsLost({ ...found, atMost: begin - position });
      else if (position > end) events.lossPossible({ ...found, why: 'LOG_CUT' });
    }),
    onPositionNews((news) => {
      if (news.groupId !== groupId) return;
      const { topic, partition } = news;
      if (news.kind === 'NO_POSITION') events.lossPossible({ topic, partition: news.partition, begin: news.begin, why: news.kind });
      else if (partition !== undefined) events.lossPossible({ topic, partition, why: news.kind });
      else leave(state, { topics: [topic], reason: `topic ${topic} was created anew` });
    }),
  ];
  return () => ends.forEach((end) => end());
}

/** A partition is read up to the beginning of its oldest open transaction and no further, whoever wrote what lies behind. */
function look({ options, holds }: Supervision, standing: Standing): void {
  const { topic, partition, position, highWatermark, lastStableOffset } = standing;
  options.events.measured({ topic, partition, lag: highWatermark - position });
  if (position < lastStableOffset || lastStableOffset >= highWatermark) return holds.release(standing, 'OPEN_TRANSACTION');
  const detail = 'a producer has left a transaction open, and everything behind it waits for its end: let it end, or abort it';
  holds.meet(standing, { why: 'OPEN_TRANSACTION', offset: lastStableOffset, detail });
}

/**
 * kafkajs would retry, and if the topic is there again by then, read on at its old position and skip what lies before:
 * this consumer is given up, and its successor begins at the beginning.
 */
function leaveUnknownTopic(state: Supervision): void {
  // The error does not name the topic; reading one again that is unchanged is harmless.
  leave(state, { topics: state.options.topics, reason: 'a topic or partition was unknown to a broker' });
}

function leave(state: Supervision, { topics, reason }: { topics: readonly string[]; reason: string }): void {
  if (!state.hasJoined) return;
  state.rewinds.suspect(topics);
  state.current?.giveUp(new GivenUpError(reason));
}

/** Tries until the group is joined for the first time. Undefined: stopped before that. */
async function firstJoin(state: Supervision): Promise<Session | undefined> {
  const { groupId, startupLimit, topicGraceMs = 5000 } = state.options;
  const startedAtMs = Date.now();
  for (;;) {
    const { session, error } = await tryOpen(state);
    if (session || state.stopping.signal.aborted) return session;
    const triedForMs = Date.now() - startedAtMs;
    if (protocolTypeOf(error) === 'UNKNOWN_TOPIC_OR_PARTITION' && triedForMs >= topicGraceMs) await assertTopics(state.options);
    if (triedForMs >= startupLimit.startupTimeoutMs) {
      const why = `group "${groupId}" (VF_KAFKA_GROUP_ID) was not joined ${withinText(startupLimit)}: ${describeKafkaError(error)}`;
      throw new DependencyUnavailableError('kafka', why, { cause: error });
    }
    await sleep(500, state.stopping.signal);
  }
}

/** Names the topics that are missing. Where nobody can tell, the join is tried again, and its own error ends it. */
async function assertTopics({ kafka, topics, logger }: ConsumerOptions): Promise<void> {
  const missing = await missingTopics(kafka, topics).catch((error: unknown) => {
    logger.warn({ error: describeKafkaError(error) }, 'which topics are missing is unknown');
    return [];
  });
  if (missing.length > 0) throw new DependencyUnavailableError('kafka', missingText(missing.map((topic) => `topic ${topic}`)));
}

async function supervise(state: Supervision, first: Session | undefined): Promise<void> {
  let session = first;
  let reason: unknown;
  while (!state.stopping.signal.aborted) {
    if (session) {
      reason = await Promise.race([session.ended, state.stopped]);
      if (state.stopping.signal.aborted) break;
    }
    ({ session, reason } = await rebuild(state, { reason, old: session }));
  }
  if (session) await closeQuietly(session, state);
}

async function rebuild(
  state: Supervision,
  { reason, old }: { reason: unknown; old: Session | undefined },
): Promise<{ session: Session | undefined; reason: unknown }> {
  const { first = 500, longest = 30_000 } = state.options.rebuildBackoffMs ?? {};
  if (protocolTypeOf(reason) === 'UNKNOWN_TOPIC_OR_PARTITION' && state.hasJoined) state.rewinds.suspect(state.options.topics);
  const rebuildInMs = backoffMs(state.failures + 1, { firstMs: first, longestMs: longest, random: Math.random });
  state.failures += 1;
  state.holds.keep(() => false);
  state.options.events.crashed({ error: describeKafkaError(reason), rebuildInMs });
  if (old) await closeQuietly(old, state);
  await sleep(rebuildInMs, state.stopping.signal);
  if (state.stopping.signal.aborted) return { session: undefined, reason: undefined };
  const { session, error } = await tryOpen(state);
  return { session, reason: error };
}

/** Opens a session. When it cannot be opened, nothing of it is left. */
async function tryOpen(state: Supervision): Promise<{ session?: Session; error?: unknown }> {
  const { options } = state;
  const onGoodBatch = (): void => {
    state.failures = 0;
  };
  const session = createSession({
    ...options,
    tuning: options,
    rewinds: state.rewinds,
    holds: state.holds,
    onGoodBatch,
    onUnknownTopic: () => leaveUnknownTopic(state),
  });
  state.current = session;
  try {
    await session.open();
    // kafkajs reports a failed join as a crash, not as a failed `run`.
    if (session.isJoined()) {
      state.hasJoined = true;
      return { session };
    }
    const error = await Promise.race([session.ended, state.stopped]);
    await closeQuietly(session, state);
    return { error };
  } catch (error) {
    await closeQuietly(session, state);
    return { error };
  }
}

const CLOSE_TIMEOUT_MS = 15_000;

/** A consumer that does not close in time is left behind: it is told to end, hands out no batch and leaves when it can. */
async function closeQuietly(session: Session, { options, stopping }: Supervision): Promise<void> {
  const closed = session.close().then(
    () => true,
    (error: unknown) => {
      options.logger.warn({ groupId: options.groupId, error: describeKafkaError(error) }, 'closing a consumer failed');
      return true;
    },
  );
  const inTime = stopping.signal.aborted ? await closed : await withTimeout(closed, CLOSE_TIMEOUT_MS);
  if (inTime !== true) options.logger.error({ groupId: options.groupId }, 'a consumer did not close and was left behind');
}
