import { afterEach, inject } from 'vitest';
import type { InboundBatch, InboundRecord } from '../../../src/ingress/ports.ts';
import { type ConsumerOptions, createConsumer, type SupervisedConsumer } from '../../../src/kafka/consumer.ts';
import { produce } from '../../support/pipeline.ts';
import { consumerEvents, ourKafka } from './broker.ts';
import { silentLogger } from '../../support/silent-logger.ts';

const brokers = inject('kafkaBrokers');
/** Consumers of the running test, stopped after it. */
export const open: SupervisedConsumer[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map(async (one) => await one.stop()));
});

export type Handler = (batch: InboundBatch) => Promise<void>;

export function consumer(options: { topic: string; groupId: string; onBatch: Handler } & Partial<ConsumerOptions>) {
  const events = consumerEvents();
  const one = createConsumer({
    kafka: ourKafka(brokers),
    topics: [options.topic],
    events,
    logger: silentLogger,
    startupLimit: { startupTimeoutMs: 60_000 },
    maxWaitMs: 200,
    sessionTimeoutMs: 10_000,
    heartbeatIntervalMs: 500,
    rebuildBackoffMs: { first: 200, longest: 1000 },
    ...options,
  });
  open.push(one);
  return { consumer: one, events };
}

/** Takes every record and commits the batch. */
export function taking(seen: InboundRecord[]): Handler {
  return async (batch) => {
    seen.push(...batch.records);
    await batch.heartbeat();
    await batch.commit(batch.endOffset);
  };
}

export async function produceMany(topic: string, values: readonly string[], partition = 0): Promise<void> {
  await produce(
    brokers,
    topic,
    values.map((value) => ({ key: null, value, partition })),
  );
}

export function numbers(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, index) => String(from + index));
}

export function values(records: readonly InboundRecord[]): string[] {
  return records.map(({ value }) => String(value));
}
