import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { defined } from '../../src/domain/defined.ts';

const SHORTEST_DAY_MS = 30_000;
const LONGEST_DAY_MS = 120_000;
/** What starting a process takes on a machine that can keep up with a day of 30 seconds. */
const BRISK_START_MS = 600;

/** How long the vendor's day lasts in this demo: 30 seconds, longer on a slow or busy machine so that it keeps up. */
export function demoDayMs(): number {
  const startedAtMs = performance.now();
  spawnSync(process.execPath, ['--import', 'tsx', '-e', '0']);
  const slowness = (performance.now() - startedAtMs) / BRISK_START_MS;
  return Math.round(Math.min(LONGEST_DAY_MS, Math.max(SHORTEST_DAY_MS, SHORTEST_DAY_MS * slowness)) / 1_000) * 1_000;
}

/** Keys are invented anew for every run. */
export function demoSettings(addresses: {
  readonly kafkaBrokers: string;
  readonly temporalAddress: string;
  readonly temporalUiUrl?: string;
  readonly emulatorPort: number;
  readonly emulatorLog: string;
  readonly dayMs: number;
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
    VF_KAFKA_AUDIT_TOPIC: `${name}.faceid.verification.replay-audit.v1`,
    VF_KAFKA_GATE_TOPIC: `${name}.faceid.verification.gate.v1`,
    VF_TASK_QUEUE: name,
    TEMPORAL_ADDRESS: addresses.temporalAddress,
    VF_FACEID_BASE_URL: `http://127.0.0.1:${addresses.emulatorPort}/faceid`,
    VF_FACEID_API_KEY: `demo-key-${randomBytes(6).toString('hex')}`,
    VF_FACEID_API_SECRET: `demo-secret-${randomBytes(12).toString('hex')}`,
    VF_FACEID_TIMEOUT: '1s',
    VF_TOKEN_KEYS: `demo:${randomBytes(32).toString('base64')}`,
    VF_POLICY_PROFILE: 'demo',
    VF_WINDOW: `${addresses.dayMs}ms`,
    VF_POLICY_MIN_GAP: '500ms',
    VF_POLICY_ERROR_BACKOFF: '1s',
    VF_AUTO_SETUP: 'true',
    VF_EMULATOR_PORT: String(addresses.emulatorPort),
    VF_EMULATOR_LOG: addresses.emulatorLog,
    ...defined({ VF_TEMPORAL_UI_URL: addresses.temporalUiUrl }),
  };
}
