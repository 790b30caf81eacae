import type { StartupLimit } from '../src/async/until-open.ts';
import type { Config } from '../src/config/config.ts';
import type { Secret } from '../src/config/redact.ts';
import { ConfigurationError } from '../src/contracts/errors.ts';
import type { KafkaSettings } from '../src/kafka/connect.ts';
import { createTokenSeal } from '../src/temporal/token-seal.ts';

// What adapters take, made of the configuration: they know nothing of it, and secrets are revealed no earlier.

/** Where Kafka is and how to log in. */
export function kafkaSettingsOf({ kafka: { brokers, ssl, sasl } }: Config): KafkaSettings {
  if (sasl === undefined) return { brokers, ssl };
  const { mechanism, username, password } = sasl;
  return { brokers, ssl, sasl: { mechanism, username, password: password.reveal() } };
}

/** How long to wait for Kafka and Temporal, `atMostMs` at most. The setting is named only if it is what ends the wait. */
export function startupLimitOf({ startupTimeoutMs }: Config, atMostMs = Number.POSITIVE_INFINITY): StartupLimit {
  return startupTimeoutMs <= atMostMs ? { startupTimeoutMs, limitSetting: 'VF_STARTUP_TIMEOUT' } : { startupTimeoutMs: atMostMs };
}

/** The value of a secret that the role's configuration check already demanded; absent means a defect in that check. */
export function revealed(secret: Secret | undefined, name: string): string {
  if (secret === undefined) throw new ConfigurationError([`${name}: missing; set ${name}`]);
  return secret.reveal();
}

export function tokenSealOf({ tokenKeys }: Config): ReturnType<typeof createTokenSeal> {
  return createTokenSeal(tokenKeys.map(({ id, key }) => ({ id, key: key.reveal() })));
}
