import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { verificationIdOf } from '../../src/contracts/wire/token-identity.ts';
import { VENDOR_KEY, VENDOR_SECRET } from '../vendor/account.ts';
import type { System } from './system.ts';

/**
 * The service as it ships, in one process (role `all`), every setting but the addresses at its default. Profile
 * `completed` makes the first read due at admission, as the baseline's is.
 */
export function ours({ distDir }: { distDir: string }): System {
  return {
    name: 'ours',
    args: [join(distDir, 'workers/main.js'), 'all'],
    environment: (place) => ({
      TEMPORAL_ADDRESS: place.temporalAddress,
      TEMPORAL_NAMESPACE: 'default',
      VF_KAFKA_BROKERS: place.kafkaBrokers,
      VF_KAFKA_REQUEST_TOPIC: place.topics.request,
      VF_KAFKA_HINT_TOPIC: place.topics.hint,
      VF_KAFKA_OUTCOME_TOPIC: place.topics.outcome,
      VF_KAFKA_DLQ_TOPIC: place.topics.deadLetter,
      VF_KAFKA_GROUP_ID: place.runId,
      VF_TASK_QUEUE: place.runId,
      VF_FACEID_BASE_URL: place.vendorBaseUrl,
      VF_FACEID_API_KEY: VENDOR_KEY,
      VF_FACEID_API_SECRET: VENDOR_SECRET,
      VF_TOKEN_KEYS: `bench:${randomBytes(32).toString('base64')}`,
      VF_POLICY_PROFILE: 'completed',
      VF_AUTO_SETUP: 'true',
    }),
    request: (token) => ({ value: JSON.stringify({ token }), outcomeKey: verificationIdOf(token) }),
  };
}
