import type { OutcomeSink } from '../../activities/ports.ts';
import { outcomeHeaders } from '../contracts/wire/outcome-headers.ts';
import type { RecordProducer } from './outcome-producer.ts';

/** Emits outcomes as CloudEvents in Kafka binary mode. Key, headers and value follow from the event: repetitions are equal. */
export function createOutcomeSink(options: {
  readonly producer: RecordProducer;
  readonly topic: string;
  readonly source: string;
}): OutcomeSink {
  const { producer, topic, source } = options;
  return {
    async publish(event, trace = {}) {
      const headers = Object.entries(outcomeHeaders(event, { source, ...trace })).map(([name, text]) => [name, [text]] as const);
      return await producer.publish({
        topic,
        key: event.verificationId,
        value: Buffer.from(JSON.stringify(event), 'utf8'),
        headers: new Map(headers),
      });
    },
  };
}
