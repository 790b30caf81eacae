import type { Kafka } from 'kafkajs';
import type { Config } from '../src/config/config.ts';
import { createKafka } from '../src/kafka/client.ts';
import type { Logger } from '../src/observability/logger.ts';

const CLIENT_ID = 'verdictflow';

/** A client with the configured brokers and credentials. It connects only when used. */
export function kafkaOf({ kafka }: Config, logger: Logger, options: { readonly retries?: number } = {}): Kafka {
  const { brokers, ssl, sasl } = kafka;
  return createKafka({
    brokers,
    clientId: CLIENT_ID,
    ssl,
    ...(sasl === undefined ? {} : { sasl: { mechanism: sasl.mechanism, username: sasl.username, password: sasl.password.reveal() } }),
    logger,
    ...options,
  });
}
