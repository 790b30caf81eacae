import type { ConsumerEvents, Hold, LossCause, ProducerEvents } from '../kafka/events.ts';
import type { EventContext } from './activity-events.ts';
import { safely } from './safely.ts';

const LOSS_TEXTS: Readonly<Record<LossCause, string>> = {
  TOPIC_RECREATED: 'the topic was deleted and made anew, and what was unread in the old one went with it',
  LOG_CUT: 'the partition ends before the place of the group; records that were acknowledged and not yet read may be gone',
  NO_POSITION:
    'the group has no place in this partition; if it is no new group, its offsets expired, and what was deleted since may be unread',
};

/** Events of the Kafka consumer. */
export function createConsumerEvents({ metrics, logger }: EventContext): ConsumerEvents {
  const happened = (event: string, joined?: boolean): void => {
    metrics.consumerEvents.inc({ event });
    if (joined !== undefined) metrics.consumerJoined.set(joined ? 1 : 0);
  };
  return {
    joined: (group) =>
      safely(logger, () => {
        logger.info({ event: 'group-joined', ...group }, 'joined the consumer group');
        happened('JOINED', true);
        // Partitions that moved away would keep their last value for ever.
        metrics.consumerLag.reset();
      }),
    rebalancing: () =>
      safely(logger, () => {
        logger.info({ event: 'rebalancing' }, 'the consumer group rebalances');
        happened('REBALANCING', false);
      }),
    crashed: (crash) =>
      safely(logger, () => {
        logger.error({ event: 'consumer-crashed', ...crash }, 'the consumer ended by itself and is built anew');
        happened('CRASHED', false);
      }),
    batchFailed: (batch) =>
      safely(logger, () => {
        logger.error({ event: 'batch-failed', ...batch }, 'a batch failed and will be read again');
        happened('BATCH_FAILED');
      }),
    batchHandled: ({ topic, partition, records, durationMs, lag }) =>
      safely(logger, () => {
        logger.debug({ event: 'batch-handled', topic, partition, records, durationMs, lag: String(lag) }, 'batch handled');
        metrics.consumerLag.set({ topic, partition: String(partition) }, Number(lag));
        metrics.batchDuration.observe(durationMs / 1_000);
      }),
    measured: ({ topic, partition, lag }) =>
      safely(logger, () => metrics.consumerLag.set({ topic, partition: String(partition) }, Number(lag))),
    held: (hold) =>
      safely(logger, () => {
        logger.error({ event: 'partition-held', ...printableHold(hold) }, 'a partition stands still; the others go on');
        metrics.partitionHeld.set(labelsOf(hold), 1);
      }),
    released: (hold) =>
      safely(logger, () => {
        logger.info({ event: 'partition-released', ...printableHold(hold) }, 'the partition moves again, or is no longer ours');
        metrics.partitionHeld.remove(labelsOf(hold));
      }),
    rewound: ({ topic }) =>
      safely(logger, () => {
        logger.warn(
          { event: 'rewound', topic },
          'a broker did not know the topic for a while, or it was made anew: it is read again from its beginning, which loses nothing',
        );
        happened('REWOUND');
      }),
    recordsLost: ({ topic, partition, position, begin, atMost }) =>
      safely(logger, () => {
        const fields = { topic, partition, position: String(position), begin: String(begin), atMost: String(atMost) };
        logger.error({ event: 'records-lost', ...fields }, 'records were deleted from the topic before they were read');
        metrics.consumerRecordsLost.inc({ topic, partition: String(partition) }, Number(atMost));
        happened('RECORDS_LOST');
      }),
    lossPossible: ({ position, begin, ...place }) =>
      safely(logger, () => {
        const offsets = { position: position?.toString(), begin: begin?.toString() };
        logger.error({ event: 'loss-possible', ...place, ...offsets }, `reading starts again at the beginning: ${LOSS_TEXTS[place.why]}`);
        happened('LOSS_POSSIBLE');
      }),
  };
}

function labelsOf({ topic, partition, why }: Hold): { topic: string; partition: string; why: string } {
  return { topic, partition: String(partition), why };
}

/** JSON knows no bigint. */
function printableHold({ sinceMs, offset, ...hold }: Hold): object {
  return { ...hold, offset: String(offset), since: new Date(sinceMs).toISOString() };
}

/** Events of the Kafka producer. */
export function createProducerEvents({ metrics, logger }: EventContext): ProducerEvents {
  return {
    sent: ({ topic, records, durationMs }) =>
      safely(logger, () => {
        logger.debug({ event: 'sent', topic, records, durationMs }, 'records acknowledged');
        metrics.producerSends.inc({ topic, result: 'OK' });
        metrics.producerRecords.inc({ topic }, records);
        metrics.producerDuration.observe(durationMs / 1_000);
      }),
    sendFailed: (send) =>
      safely(logger, () => {
        logger.warn({ event: 'send-failed', ...send }, 'Kafka did not acknowledge; the producer is thrown away');
        metrics.producerSends.inc({ topic: send.topic, result: 'FAILED' });
      }),
  };
}
