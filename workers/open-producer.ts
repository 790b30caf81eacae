import type { Kafka } from 'kafkajs';
import { createRecordProducer, type RecordProducer } from '../src/kafka/outcome-producer.ts';
import { createProducerEvents } from '../src/observability/kafka-events.ts';
import type { RoleContext } from './context.ts';

/** The one producer of the process. Ready unless its last send failed: it connects by itself when there is something to send. */
export function openProducer(context: RoleContext, kafka: Kafka): RecordProducer {
  const { lifecycle, logger } = context;
  const events = createProducerEvents(context);
  let failure: string | undefined;
  const producer = createRecordProducer({
    kafka,
    logger,
    events: {
      sent: (send) => {
        failure = undefined;
        events.sent(send);
      },
      sendFailed: (send) => {
        failure = send.error;
        events.sendFailed(send);
      },
    },
  });
  lifecycle.onStop('producer', () => producer.close());
  lifecycle.watch({
    name: 'producer',
    state: () => (failure === undefined ? { ready: true } : { ready: false, reason: `the last send failed: ${failure}` }),
  });
  return producer;
}
