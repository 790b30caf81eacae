import { VENDOR_KEY, VENDOR_SECRET } from '../vendor/account.ts';
import type { System } from './system.ts';

/** The baseline of `bench/naive`. Its outcome carries the token itself as the key, as a first version would. */
export const naive: System = {
  name: 'naive',
  args: ['.local/bench/naive/service.js'],
  environment: (place) => ({
    NAIVE_KAFKA_BROKERS: place.kafkaBrokers,
    NAIVE_TEMPORAL_ADDRESS: place.temporalAddress,
    NAIVE_GROUP_ID: place.runId,
    NAIVE_TASK_QUEUE: place.runId,
    NAIVE_REQUEST_TOPIC: place.topics.request,
    NAIVE_OUTCOME_TOPIC: place.topics.outcome,
    NAIVE_VENDOR_URL: place.vendorBaseUrl,
    NAIVE_API_KEY: VENDOR_KEY,
    NAIVE_API_SECRET: VENDOR_SECRET,
    KAFKAJS_NO_PARTITIONER_WARNING: '1',
  }),
  request: (token) => ({ value: JSON.stringify({ token }), outcomeKey: token }),
};
