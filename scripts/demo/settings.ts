import { randomBytes } from 'node:crypto';

export const DEMO_WINDOW_MS = 30_000;

/** A day of 30 seconds. Keys are invented anew for every run. */
export function demoSettings(addresses: {
  readonly kafkaBrokers: string;
  readonly temporalAddress: string;
  readonly temporalUiUrl?: string;
  readonly emulatorPort: number;
  readonly emulatorLog: string;
}): Record<string, string> {
  // Own names: several demos can share engines that were already configured.
  const name = `demo-${randomBytes(3).toString('hex')}`;
  return {
    VF_KAFKA_BROKERS: addresses.kafkaBrokers,
    VF_KAFKA_GROUP_ID: name,
    VF_KAFKA_REQUEST_TOPIC: `${name}.faceid.verification.requested.v1`,
    VF_KAFKA_HINT_TOPIC: `${name}.faceid.verification.hint.v1`,
    VF_KAFKA_OUTCOME_TOPIC: `${name}.faceid.verification.outcome.v1`,
    VF_KAFKA_DLQ_TOPIC: `${name}.faceid.verification.requested.v1.dlq`,
    VF_TASK_QUEUE: name,
    TEMPORAL_ADDRESS: addresses.temporalAddress,
    VF_FACEID_BASE_URL: `http://127.0.0.1:${addresses.emulatorPort}/faceid`,
    VF_FACEID_API_KEY: `demo-key-${randomBytes(6).toString('hex')}`,
    VF_FACEID_API_SECRET: `demo-secret-${randomBytes(12).toString('hex')}`,
    VF_FACEID_TIMEOUT: '1s',
    VF_TOKEN_KEYS: `demo:${randomBytes(32).toString('base64')}`,
    VF_POLICY_PROFILE: 'demo',
    VF_WINDOW: `${DEMO_WINDOW_MS}ms`,
    VF_POLICY_MIN_GAP: '500ms',
    VF_POLICY_ERROR_BACKOFF: '1s',
    VF_AUTO_SETUP: 'true',
    VF_EMULATOR_PORT: String(addresses.emulatorPort),
    VF_EMULATOR_LOG: addresses.emulatorLog,
    ...(addresses.temporalUiUrl === undefined ? {} : { VF_TEMPORAL_UI_URL: addresses.temporalUiUrl }),
  };
}
