import type { Scores } from '../domain/judging/minimise.ts';
import type { PolicyProfile } from '../domain/policy.ts';
import type { PolicySettings } from '../domain/reading/plan.ts';
import type { VendorRegion } from '../faceid/base-url.ts';
import type { CodecToken } from './codec-tokens.ts';
import type { LogLevel } from './env-service.ts';
import type { Secret } from './redact.ts';
import type { Role } from './roles.ts';
import type { ProxyConfig } from './vendor-proxy.ts';
import type { TokenKey } from './token-keys.ts';

/** What the composition roots work with: derived, cross-checked, frozen. Durations in milliseconds. */
export type Config = {
  readonly role: Role;
  readonly logLevel: LogLevel;
  readonly adminHost: string;
  readonly adminPort: number;
  readonly autoSetup: boolean;
  readonly startupTimeoutMs: number;
  /** Limit of each shutdown phase. */
  readonly shutdownTimeoutMs: number;
  readonly maxInProgress: number;
  readonly bizNoSearchable: boolean;
  /** Hints from Kafka may call themselves trusted. */
  readonly trustHints: boolean;
  readonly kafka: KafkaConfig;
  readonly temporal: TemporalConfig;
  readonly faceId: FaceIdConfig;
  readonly gate: GateConfig;
  readonly policy: { readonly profile: PolicyProfile; readonly settings: PolicySettings };
  /** The first one seals, all open. Empty for roles that do not need it. */
  readonly tokenKeys: readonly TokenKey[];
  /** They come from VF_TOKEN_KEYS_FILE, which may change while the process runs. */
  readonly tokenKeysInFile: boolean;
  /** What a verification asks for whose request says nothing of it. */
  readonly returnImage: 0 | 1 | 2;
  /** Absent: nothing is kept. */
  readonly evidence?: EvidenceConfig;
  readonly erasure: ErasureConfig;
  /** Whole payloads are encrypted with the first key, if `encrypts`; all decrypt. Empty: they are not. */
  readonly payloads: { readonly keys: readonly TokenKey[]; readonly inFile: boolean; readonly encrypts: boolean };
  /** What is kept of the vendor's figures. */
  readonly scores: Scores;
  readonly codec: CodecConfig;
  readonly emulator: EmulatorConfig;
};

/** The codec server, which decrypts payloads for the Temporal UI and CLI. */
export type CodecConfig = {
  readonly host: string;
  readonly port: number;
  /** Web origins of Temporal UIs. */
  readonly origins: readonly string[];
  readonly namespaces: readonly string[];
  /** Who may ask. Empty: everybody on this machine. */
  readonly tokens: readonly CodecToken[];
  /** PEM. Absent: plain HTTP, on loopback addresses alone. */
  readonly tls?: { readonly cert: string; readonly key: Secret };
};

export type KafkaConfig = {
  readonly brokers: readonly string[];
  readonly ssl: boolean;
  /** Only what its files hold; empty for Node's own authorities and no certificate of ours. */
  readonly tls: TlsConfig;
  readonly sasl?: SaslConfig;
  /** SASL without TLS to brokers elsewhere. */
  readonly saslWithoutTls: boolean;
  readonly groupId: string;
  readonly sessionTimeoutMs: number;
  readonly topics: Readonly<Record<'requests' | 'hints' | 'outcomes' | 'deadLetters' | 'audit' | 'gate', string>>;
  readonly partitions: number;
  readonly replicationFactor: number;
};

/** PEM texts. */
export type TlsConfig = { readonly ca?: string; readonly cert?: string; readonly key?: Secret; readonly serverName?: string };

export type SaslConfig =
  | { readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'; readonly username: string; readonly password: Secret }
  | {
      readonly mechanism: 'oauthbearer';
      readonly tokenUrl: string;
      readonly clientId: string;
      readonly clientSecret: Secret;
      readonly scope?: string;
      readonly extensions?: Readonly<Record<string, string>>;
      /** Authorities of the token endpoint, PEM. */
      readonly ca?: string;
    }
  | { readonly mechanism: 'aws-msk-iam'; readonly region: string };

/** Address, namespace and credentials come from `@temporalio/envconfig`, the ecosystem's way; it knows no file for an API key. */
type TemporalConfig = {
  readonly taskQueue: string;
  readonly retentionMs: number;
  readonly uiUrl?: string;
  readonly apiKey?: Secret;
  /** What `TEMPORAL_CONFIG_FILE` names. */
  readonly profilesPath?: string;
  readonly maxCachedWorkflows?: number;
};

export type FaceIdConfig = {
  readonly baseUrl: string;
  /** Of the vendor host; goes to the outcome. */
  readonly region: VendorRegion;
  readonly apiKey?: Secret;
  readonly apiSecret?: Secret;
  /** Not of the `VF_*` variables but of those that every program knows. */
  readonly proxy?: ProxyConfig;
  readonly timeoutMs: number;
  readonly maxReadsPerSecond?: number;
  readonly maxConcurrent?: number;
};

/** What makes a worker hold the gate by itself; 0: never. */
export type GateConfig = { readonly dataSourceErrors: number; readonly windowMs: number; readonly refusals: number };

export type EvidenceConfig = {
  readonly store: StoreConfig;
  /** Those who keep evidence have one. */
  readonly keyStore?: StoreConfig;
  /** The first one wraps, all unwrap. */
  readonly keys: readonly TokenKey[];
  readonly ttlMs: number;
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly memoryBytes: number;
  /** The vendor's answer itself too. */
  readonly keepAnswer: boolean;
  /** Plain HTTP to servers elsewhere is allowed. */
  readonly s3WithoutTls: boolean;
};

export type StoreConfig =
  | { readonly kind: 'folder'; readonly path: string }
  | {
      readonly kind: 's3';
      readonly endpoint: string;
      readonly region: string;
      readonly bucket: string;
      readonly prefix: string;
      readonly accessKeyId?: Secret;
      readonly secretAccessKey?: Secret;
      readonly sessionToken?: Secret;
      /** For errors: how the names of the settings begin that its credentials come from, and the one of its region. */
      readonly serverSetting: string;
      readonly regionSetting: string;
    };

/** `tombstones`: erasing takes the outcome back, too. */
export type ErasureConfig = { readonly sweepEveryMs: number; readonly tombstones: boolean };

export type EmulatorConfig = {
  readonly port: number;
  readonly host: string;
  readonly scenario?: string;
  readonly acceptUnknown: boolean;
  readonly latencyMs: number;
  readonly logPath?: string;
  readonly countMode: 'all' | 'ok' | 'terminal';
  readonly windowStart: 'issue' | 'completion';
  readonly maxCalls: number;
  readonly windowMs: number;
};
