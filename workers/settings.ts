import type { PayloadCodec } from '@temporalio/common';
import type { StartupLimit } from '../src/async/until-open.ts';
import type { Config, SaslConfig, TlsConfig } from '../src/config/config.ts';
import type { LiveConfig } from '../src/config/live-config.ts';
import { packageVersion } from '../src/config/package-version.ts';
import type { Secret } from '../src/config/redact.ts';
import { markOf } from '../src/config/token-keys.ts';
import { ConfigurationError } from '../src/contracts/errors.ts';
import type { ProcessMark } from '../src/contracts/process-mark.ts';
import { defined } from '../src/domain/defined.ts';
import type { KafkaSettings } from '../src/kafka/connect.ts';
import { bizKeys } from '../src/temporal/biz-key.ts';
import { createPayloadCodec, type PayloadKeys } from '../src/temporal/payload-codec.ts';
import type { SettingsSource } from '../src/temporal/settings.ts';
import { type SaslSettings, saslOptions } from '../src/kafka/sasl.ts';
import { createTokenSeal, TokenKeyUnknownError, type TokenSeal } from '../src/temporal/token-seal.ts';

// What adapters take, made of the configuration: they know nothing of it, and secrets are revealed no earlier.

/** Where Kafka is and how to log in, each connection as the files say by then. */
export function kafkaSettingsOf(current: () => Config): KafkaSettings {
  const { brokers, ssl, sasl, saslWithoutTls } = current().kafka;
  return {
    brokers,
    ssl: ssl && tlsOptions(() => current().kafka.tls),
    saslWithoutTls,
    ...(sasl === undefined ? {} : { sasl: saslOptions(() => inClear(current().kafka.sasl ?? sasl)) }),
  };
}

/** kafkajs copies the fields for each connection, and with them what the getters give by then. */
function tlsOptions(tls: () => TlsConfig) {
  return {
    get ca() {
      return tls().ca;
    },
    get cert() {
      return tls().cert;
    },
    get key() {
      return tls().key?.reveal();
    },
    ...defined({ servername: tls().serverName }),
  };
}

function inClear(sasl: SaslConfig): SaslSettings {
  switch (sasl.mechanism) {
    case 'aws-msk-iam':
      return sasl;
    case 'oauthbearer':
      return { ...sasl, clientSecret: sasl.clientSecret.reveal() };
    default:
      return { ...sasl, password: sasl.password.reveal() };
  }
}

/** What a connection to Temporal needs beside the variables that envconfig reads itself. */
export function temporalSourceOf(current: () => Config): SettingsSource {
  const { profilesPath } = current().temporal;
  return { apiKey: () => current().temporal.apiKey?.reveal(), ...defined({ profilesPath }) };
}

/** How long to wait for Kafka and Temporal, `atMostMs` at most. The setting is named only if it is what ends the wait. */
export function startupLimitOf({ startupTimeoutMs }: Config, atMostMs = Number.POSITIVE_INFINITY): StartupLimit {
  return startupTimeoutMs <= atMostMs ? { startupTimeoutMs, limitSetting: 'VF_STARTUP_TIMEOUT' } : { startupTimeoutMs: atMostMs };
}

/** What makes business numbers searchable, with the sealing key of the moment; nothing unless `VF_BIZNO_SEARCHABLE` is set. */
export function bizKeysOf(current: () => Config): { readonly bizKeyOf?: (bizNo: string) => string | undefined } {
  if (!current().bizNoSearchable) return {};
  return { bizKeyOf: (bizNo) => bizKeys(bizNo, sealingKeysOf(current()))[0] };
}

/** The sealing keys in clear, in their order. */
export function sealingKeysOf({ tokenKeys }: Config): readonly Buffer[] {
  return tokenKeys.map(({ key }) => key.reveal());
}

/** The value of a secret that the role's configuration check already demanded; absent means a defect in that check. */
export function revealed(secret: Secret | undefined, name: string): string {
  if (secret === undefined) throw new ConfigurationError([`${name}: missing; set ${name}`]);
  return secret.reveal();
}

/** Seals and opens with the keys of the moment. A key that is unknown may be in a newer file: that is looked at before it is said. */
export function tokenSealOf(live: LiveConfig): TokenSeal {
  const seals = new WeakMap<Config, TokenSeal>();
  const now = (): TokenSeal => {
    const config = live.current();
    const seal = seals.get(config) ?? createTokenSeal(config.tokenKeys.map(({ id, key }) => ({ id, key: key.reveal() })));
    seals.set(config, seal);
    return seal;
  };
  // Keys that cannot be used are to be seen at start.
  now();
  return {
    seal: (token, verificationId) => now().seal(token, verificationId),
    open(sealedToken, verificationId) {
      try {
        return now().open(sealedToken, verificationId);
      } catch (error) {
        if (!(error instanceof TokenKeyUnknownError)) throw error;
        live.refresh();
        return now().open(sealedToken, verificationId);
      }
    },
  };
}

/** Encrypts and decrypts payloads with the keys of the moment. */
export function payloadCodecOf({ current, refresh }: Pick<LiveConfig, 'current' | 'refresh'>): PayloadCodec {
  const known = new WeakMap<Config, PayloadKeys>();
  return createPayloadCodec({
    current() {
      const config = current();
      const keys = known.get(config) ?? payloadKeysOf(config);
      known.set(config, keys);
      return keys;
    },
    refresh,
  });
}

function payloadKeysOf({ payloads }: Config): PayloadKeys {
  return { keys: payloads.keys.map(({ id, key }) => ({ id, key: key.reveal() })), encrypts: payloads.encrypts };
}

/** What this process says of itself to whoever examines the installation. */
export function processMarkOf({ tokenKeys, tokenKeysInFile, payloads }: Config): ProcessMark {
  const mark = { version: packageVersion(), keys: tokenKeys.map(markOf), fromFile: tokenKeysInFile };
  if (payloads.keys.length === 0) return mark;
  return { ...mark, payloads: { keys: payloads.keys.map(markOf), fromFile: payloads.inFile, encrypts: payloads.encrypts } };
}
