import type { Kafka } from 'kafkajs';
import { RecordRefusedError } from '../contracts/errors.ts';
import type { EmissionReceipt } from '../contracts/workflow.ts';
import { defined } from '../domain/defined.ts';
import type { RedriveTargets, SentAgain, Target } from '../operator/dlq/ports.ts';
import { missingTopics, settingNumber } from './admin.ts';
import { protocolTypeOf } from './errors.ts';
import type { RecordProducer } from './producer.ts';
import { topicFacts } from './topic-checks.ts';

/** The topics to which records are sent again. */
export function createRedriveTargets(kafka: Kafka, producer: RecordProducer): RedriveTargets {
  return {
    async facts(topics) {
      const missing = await missingTopics(kafka, topics);
      const facts = await topicFacts(
        kafka,
        topics.filter((topic) => !missing.includes(topic)),
      );
      return new Map(
        facts.map(
          ({ topic, partitions, settings }) =>
            [topic, { partitions, datesRecords: settings?.['message.timestamp.type'] !== 'CreateTime', ...retentionOf(settings) }] as const,
        ),
      );
    },
    async send(record) {
      try {
        return await publish(producer, record);
      } catch (error) {
        const nowMs = Date.now();
        const isTooOld = protocolTypeOf(error) === 'INVALID_TIMESTAMP' && record.timestampMs < nowMs;
        if (!(error instanceof RecordRefusedError) || !isTooOld || !record.mayBeDatedNow) throw error;
        return await publish(producer, { ...record, timestampMs: nowMs });
      }
    },
  };
}

async function publish(
  producer: RecordProducer,
  { timestampMs, partition, mayBeDatedNow: _dated, ...record }: SentAgain,
): Promise<EmissionReceipt> {
  return await producer.publish({ ...record, timestamp: String(timestampMs), ...defined({ partition }) });
}

/** Negative: for ever. */
function retentionOf(settings: Readonly<Record<string, string>> | undefined): Pick<Target, 'retentionMs'> {
  const retentionMs = settingNumber(settings?.['retention.ms']) ?? -1;
  const isDeleted = settings?.['cleanup.policy']?.includes('delete') === true;
  return isDeleted && retentionMs >= 0 ? { retentionMs } : {};
}
