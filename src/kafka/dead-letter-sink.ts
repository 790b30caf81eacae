import type { DeadLetterSink } from '../ingress/ports.ts';
import type { RecordProducer } from './outcome-producer.ts';

/** Room that a dead-letter topic needs above its source's `max.message.bytes`, for the headers that are added. */
export const DEAD_LETTER_OVERHEAD_BYTES = 8 * 1024;

/** Writes dead letters: key, value and headers byte for byte (kafkajs cannot write a null header value: it becomes empty). */
export function createDeadLetterSink({ producer, topic }: { readonly producer: RecordProducer; readonly topic: string }): DeadLetterSink {
  return {
    async publish({ key, value, headers }) {
      await producer.publish({ topic, key, value, headers });
    },
  };
}
