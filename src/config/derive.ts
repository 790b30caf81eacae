import { defined } from '../domain/defined.ts';
import type { PolicySettings } from '../domain/reading/plan.ts';
import { vendorRegionOf } from '../faceid/base-url.ts';
import type { Config, EmulatorConfig, FaceIdConfig, KafkaConfig } from './config.ts';
import type { Env } from './env.ts';
import { evidenceConfig } from './evidence-rules.ts';
import { type FileContents, saslConfig } from './kafka-security.ts';
import { secretOf } from './redact.ts';
import type { Role } from './roles.ts';

const IMAGES = { '0': 0, '1': 1, '2': 2 } as const;

/** Pure derivation: names of the environment become the shape the composition roots use. */
export function deriveConfig(env: Env, { role, files }: { readonly role: Role; readonly files: FileContents }): Config {
  return {
    role,
    logLevel: env.VF_LOG_LEVEL,
    adminHost: env.VF_ADMIN_HOST,
    adminPort: env.VF_ADMIN_PORT,
    autoSetup: env.VF_AUTO_SETUP,
    startupTimeoutMs: env.VF_STARTUP_TIMEOUT,
    shutdownTimeoutMs: env.VF_SHUTDOWN_TIMEOUT,
    maxInProgress: env.VF_MAX_IN_PROGRESS,
    bizNoSearchable: env.VF_BIZNO_SEARCHABLE,
    trustHints: env.VF_TRUST_HINTS,
    returnImage: IMAGES[env.VF_RETURN_IMAGE],
    kafka: kafkaConfig(env, files),
    temporal: {
      taskQueue: env.VF_TASK_QUEUE,
      retentionMs: env.VF_NAMESPACE_RETENTION,
      ...defined({ uiUrl: env.VF_TEMPORAL_UI_URL, apiKey: files.temporalApiKey, maxCachedWorkflows: env.VF_MAX_CACHED_WORKFLOWS }),
    },
    faceId: faceIdConfig(env),
    gate: { dataSourceErrors: env.VF_GATE_DATA_SOURCE_ERRORS, windowMs: env.VF_GATE_WINDOW, refusals: env.VF_GATE_REFUSALS },
    policy: { profile: env.VF_POLICY_PROFILE, settings: policySettings(env) },
    tokenKeys: env.VF_TOKEN_KEYS ?? [],
    tokenKeysInFile: env.VF_TOKEN_KEYS_FILE !== undefined,
    ...defined({ evidence: evidenceConfig(env) }),
    erasure: { sweepEveryMs: env.VF_EVIDENCE_SWEEP_EVERY, tombstones: env.VF_ERASE_TOMBSTONE },
    payloads: {
      keys: env.VF_PAYLOAD_KEYS ?? [],
      inFile: env.VF_PAYLOAD_KEYS_FILE !== undefined,
      encrypts: env.VF_PAYLOAD_ENCRYPT,
    },
    scores: env.VF_SCORES,
    codec: {
      host: env.VF_CODEC_HOST,
      port: env.VF_CODEC_PORT,
      origins: env.VF_CODEC_ORIGINS ?? [],
      namespaces: env.VF_CODEC_NAMESPACES ?? [],
      tokens: env.VF_CODEC_TOKENS ?? [],
      ...defined({ tls: files.codecTls }),
    },
    emulator: emulatorConfig(env),
  };
}

export function policySettings(env: Env): PolicySettings {
  return {
    maxReads: env.VF_MAX_CALLS,
    windowMs: env.VF_WINDOW,
    minGapMs: env.VF_POLICY_MIN_GAP,
    errorBackoffMs: env.VF_POLICY_ERROR_BACKOFF,
    requiredFar: env.VF_REQUIRED_FAR,
    countRefused: env.VF_COUNT_REFUSED,
    ...defined({ customOffsetsMs: env.VF_POLICY_CUSTOM_OFFSETS }),
  };
}

function kafkaConfig(env: Env, files: FileContents): KafkaConfig {
  return {
    brokers: env.VF_KAFKA_BROKERS,
    ssl: env.VF_KAFKA_SSL,
    tls: { ...files.tls, ...defined({ serverName: env.VF_KAFKA_SSL_SERVER_NAME }) },
    ...defined({ sasl: saslConfig(env, files.tokenCa) }),
    saslWithoutTls: env.VF_KAFKA_SASL_WITHOUT_TLS,
    groupId: env.VF_KAFKA_GROUP_ID,
    sessionTimeoutMs: env.VF_KAFKA_SESSION_TIMEOUT,
    topics: {
      requests: env.VF_KAFKA_REQUEST_TOPIC,
      hints: env.VF_KAFKA_HINT_TOPIC,
      outcomes: env.VF_KAFKA_OUTCOME_TOPIC,
      deadLetters: env.VF_KAFKA_DLQ_TOPIC,
      audit: env.VF_KAFKA_AUDIT_TOPIC,
      gate: env.VF_KAFKA_GATE_TOPIC,
    },
    partitions: env.VF_KAFKA_PARTITIONS,
    replicationFactor: env.VF_KAFKA_REPLICATION_FACTOR,
  };
}

function faceIdConfig(env: Env): FaceIdConfig {
  return {
    baseUrl: env.VF_FACEID_BASE_URL,
    region: vendorRegionOf(env.VF_FACEID_BASE_URL),
    timeoutMs: env.VF_FACEID_TIMEOUT,
    ...defined({
      apiKey: secretOf(env.VF_FACEID_API_KEY),
      apiSecret: secretOf(env.VF_FACEID_API_SECRET),
      maxReadsPerSecond: env.VF_FACEID_MAX_CALLS_PER_SECOND,
      maxConcurrent: env.VF_FACEID_MAX_CONCURRENT,
    }),
  };
}

function emulatorConfig(env: Env): EmulatorConfig {
  return {
    port: env.VF_EMULATOR_PORT,
    host: env.VF_EMULATOR_HOST,
    ...defined({ scenario: env.VF_EMULATOR_SCENARIO }),
    acceptUnknown: env.VF_EMULATOR_ACCEPT_UNKNOWN,
    latencyMs: env.VF_EMULATOR_LATENCY,
    ...defined({ logPath: env.VF_EMULATOR_LOG }),
    countMode: env.VF_EMULATOR_COUNT_MODE,
    windowStart: env.VF_EMULATOR_WINDOW_START,
    maxCalls: env.VF_EMULATOR_MAX_CALLS ?? env.VF_MAX_CALLS,
    windowMs: env.VF_EMULATOR_WINDOW ?? env.VF_WINDOW,
  };
}
