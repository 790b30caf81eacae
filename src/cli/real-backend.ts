import { openEvidenceVault } from '../../workers/evidence.ts';
import { bizKeysOf, kafkaSettingsOf, payloadCodecOf, startupLimitOf, temporalSourceOf } from '../../workers/settings.ts';
import { leaveAtOnce } from '../../workers/signals.ts';
import type { Config } from '../config/config.ts';
import type { Logger } from '../contracts/logger.ts';
import { openKafka } from '../kafka/connect.ts';
import { openLag } from '../kafka/lag.ts';
import { createRecordProducer } from '../kafka/producer.ts';
import { createRedriveTargets } from '../kafka/redrive-targets.ts';
import { kafkaSetup } from '../kafka/setup.ts';
import { createRecordPublisher } from '../kafka/sinks.ts';
import { createTopicSource } from '../kafka/topic-source.ts';
import { tellingErased } from '../operator/evidence/erased-cases.ts';
import { connectTemporal } from '../temporal/connect.ts';
import { createGatePort } from '../temporal/gate/port.ts';
import { createHintSender } from '../temporal/hint-sender.ts';
import { createHistoryLedger } from '../temporal/history/ledger.ts';
import { createHistorySource } from '../temporal/history/source.ts';
import { createCounter, createProgressReader } from '../temporal/history/progress.ts';
import { createVerificationReader } from '../temporal/history/verification-reader.ts';
import { createReplayCases, createReplayRuns } from '../temporal/replays.ts';
import { temporalSetup } from '../temporal/setup.ts';
import type { CliBackend } from './backend.ts';

/** A person waits: long enough for a restart of a broker, shorter than a service would wait. */
const MAX_WAIT_MS = 10_000;
/** Whoever watches asks again, and is not kept waiting when he leaves. */
const LAG_WAIT_MS = 2_500;

/** A command is short: what its files hold at its start is what it uses. */
function frozen(config: Config) {
  return { current: () => config, refresh: () => undefined };
}

function vaultOf(config: Config): ReturnType<typeof openEvidenceVault> {
  return openEvidenceVault(frozen(config));
}

function codecOf(config: Config) {
  return payloadCodecOf(frozen(config));
}

/** The command line against the configured Kafka and Temporal. */
export function createRealBackend(logger: Logger): CliBackend {
  const waiting = (config: Config) => ({ ...startupLimitOf(config, MAX_WAIT_MS), logger });
  const toTemporal = (config: Config) => ({ ...waiting(config), ...temporalSourceOf(() => config), codec: codecOf(config) });
  return {
    async temporal(config) {
      const link = await connectTemporal({ ...toTemporal(config), native: false });
      return {
        reader: createVerificationReader({ client: link.client }),
        ...createCounter({ client: link.client }),
        ...createProgressReader({ client: link.client }),
        hints: createHintSender({ client: link.client }),
        close: () => link.close(),
      };
    },
    async replay(config) {
      const { client, close } = await connectTemporal({ ...toTemporal(config), native: false });
      const ledger = createHistoryLedger({ source: createHistorySource({ client }), logger });
      const { taskQueue } = config.temporal;
      const cases = createReplayCases({ client, ledger });
      const vault = config.evidence === undefined ? undefined : vaultOf(config);
      return {
        reader: createVerificationReader({ client }),
        cases: vault === undefined ? cases : tellingErased(cases, vault),
        runs: createReplayRuns({ client, taskQueue, ...bizKeysOf(() => config) }),
        close: async () => void (await Promise.all([close(), vault?.close()])),
      };
    },
    async gate(config) {
      const { client, close } = await connectTemporal({ ...toTemporal(config), native: false });
      return { gate: createGatePort({ client, region: config.faceId.region, taskQueue: config.temporal.taskQueue }), close };
    },
    async publisher(config) {
      const kafka = await openKafka({ ...kafkaSettingsOf(() => config), ...waiting(config) });
      const producer = createRecordProducer({ kafka, logger, events: { sent: () => undefined, sendFailed: () => undefined } });
      return {
        publisher: createRecordPublisher(producer),
        close: () => producer.close(),
      };
    },
    async lag(config) {
      const kafka = await openKafka({ ...kafkaSettingsOf(() => config), ...startupLimitOf(config, LAG_WAIT_MS), logger });
      const { groupId, topics } = config.kafka;
      return await openLag(kafka, { groupId, topics: [topics.requests, topics.hints] });
    },
    async deadLetters(config) {
      const kafka = await openKafka({ ...kafkaSettingsOf(() => config), ...waiting(config) });
      const producer = createRecordProducer({ kafka, logger, events: { sent: () => undefined, sendFailed: () => undefined } });
      const source = createTopicSource(kafka);
      return {
        source,
        targets: createRedriveTargets(kafka, producer),
        publisher: createRecordPublisher(producer),
        close: async () => {
          await Promise.all([source.close(), producer.close()]);
        },
      };
    },
    async vault(config) {
      const { close, ...vault } = vaultOf(config);
      return await Promise.resolve({ vault, close });
    },
    async setup(config) {
      const [kafka, link] = await Promise.all([
        openKafka({ ...kafkaSettingsOf(() => config), ...waiting(config) }),
        connectTemporal({ ...toTemporal(config), native: false, requireNamespace: false }),
      ]);
      const { connection, namespace } = link;
      const { windowMs } = config.policy.settings;
      const temporal = temporalSetup({ connection, namespace, retentionMs: config.temporal.retentionMs, windowMs });
      return { ports: [kafkaSetup(kafka, { ...config.kafka, windowMs }), ...temporal], close: () => link.close() };
    },
    // Loaded on demand: what these two bring is a fifth of what starting any other command takes.
    sights: async (config) => (await import('./doctor/sights.ts')).openSights(config, logger),
    async emulator(env) {
      const { runRole } = await import('../../workers/run-role.ts');
      return await runRole('emulator', {
        env,
        starter: async () => (await import('../../workers/emulator.ts')).startEmulatorRole,
        source: process,
        forceExit: leaveAtOnce,
        stdout: (text) => void process.stdout.write(text),
        stderr: (text) => void process.stderr.write(text),
      });
    },
  };
}
