import type { GateSink, OutcomeSink } from '../../activities/ports.ts';
import { gateEventHeaders, gateEventOf } from '../contracts/wire/gate-event.ts';
import { outcomeHeaders } from '../contracts/wire/outcome-headers.ts';
import { defined } from '../domain/defined.ts';
import type { DeadLetterSink } from '../ingress/ports.ts';
import type { RecordPublisher } from '../operator/ports.ts';
import type { RecordProducer } from './producer.ts';

/** Emits outcomes as CloudEvents in Kafka binary mode. Key, headers and value follow from the event: repetitions are equal. */
export function createOutcomeSink(options: {
  readonly producer: RecordProducer;
  readonly topic: string;
  readonly source: string;
}): OutcomeSink {
  const { topic, source } = options;
  const publisher = createRecordPublisher(options.producer);
  return {
    publish: async (event, trace = {}) =>
      await publisher.publish({
        topic,
        key: event.verificationId,
        value: JSON.stringify(event),
        headers: outcomeHeaders(event, { source, ...trace }),
      }),
  };
}

/** Announces changes of the gate; the key is the region, so that they stay in order. */
export function createGateSink(options: { readonly producer: RecordProducer; readonly topic: string; readonly source: string }): GateSink {
  const publisher = createRecordPublisher(options.producer);
  return {
    async publish(change) {
      const record = gateEventOf(change);
      const headers = gateEventHeaders(record, options);
      return await publisher.publish({ topic: options.topic, key: record.region, value: JSON.stringify(record), headers });
    },
  };
}

/** Writes records of text. */
export function createRecordPublisher(producer: RecordProducer): RecordPublisher {
  return {
    publish: async ({ topic, key, value, headers }) =>
      await producer.publish({
        topic,
        key,
        value: value === null ? null : Buffer.from(value, 'utf8'),
        headers: new Map(Object.entries(headers).map(([name, text]) => [name, [text]] as const)),
      }),
  };
}

/** Room that a dead-letter topic needs above its source's `max.message.bytes`, for the headers that are added. */
export const DEAD_LETTER_OVERHEAD_BYTES = 8 * 1024;

/** Writes dead letters: key, value and headers byte for byte. */
export function createDeadLetterSink(options: {
  readonly producer: RecordProducer;
  readonly topic: string;
  /** The topic's `max.message.bytes`, if that is known. */
  readonly maxBytes?: number;
}): DeadLetterSink {
  const { producer, topic, maxBytes } = options;
  return {
    ...defined({ maxBytes }),
    async publish({ key, value, headers, headerList }) {
      await producer.publish({ topic, key, value, headers, ...defined({ headerList }) });
    },
  };
}
