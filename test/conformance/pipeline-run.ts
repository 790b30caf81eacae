import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { verificationIdOf } from '../../src/contracts/wire/token-identity.ts';
import { freePort, pipelineEnv, produce, type SeenOutcome, watchTopic } from '../support/pipeline.ts';
import { type ServiceProcess, startProcess } from '../support/process.ts';
import { until } from '../support/until.ts';
import { type MixedToken, requestOf } from './scenario-mix.ts';

/** The compressed clock of the conformance tests: a window of seconds instead of a day. */
export const COMPRESSED = {
  VF_POLICY_PROFILE: 'demo',
  VF_WINDOW: '60s',
  VF_POLICY_MIN_GAP: '500ms',
  VF_POLICY_ERROR_BACKOFF: '1s',
  VF_FACEID_TIMEOUT: '1500ms',
  // A killed member blocks its group for a session: with the default, longer than the compressed window.
  VF_KAFKA_SESSION_TIMEOUT: '6s',
  VF_LOG_LEVEL: 'info',
};

export type PipelineRun = {
  readonly env: Readonly<Record<string, string>>;
  readonly logPath: string;
  readonly emulatorUrl: string;
  /** Starts (another) service process; settings may be overridden. */
  serve(role?: string, overrides?: Readonly<Record<string, string>>): ServiceProcess;
  submit(tokens: readonly MixedToken[]): Promise<void>;
  outcomes(): Map<string, SeenOutcome[]>;
  deadLetters(): SeenOutcome[];
  /** Waits until every token has an outcome. */
  allDecided(tokens: readonly { readonly token: string }[], timeoutMs: number): Promise<void>;
  close(): Promise<void>;
};

/** An isolated pipeline on the shared real engines, with an emulator process of its own. */
export async function openPipeline(overrides: Readonly<Record<string, string>> = {}): Promise<PipelineRun> {
  const kafkaBrokers = inject('kafkaBrokers');
  const emulatorPort = await freePort();
  const logPath = join(mkdtempSync(join(tmpdir(), 'verdictflow-emulator-')), 'requests.ndjson');
  const env = pipelineEnv({
    kafkaBrokers,
    temporalAddress: inject('temporalAddress'),
    emulatorPort,
    overrides: { ...COMPRESSED, VF_EMULATOR_PORT: String(emulatorPort), VF_EMULATOR_LOG: logPath, ...overrides },
  });
  const emulator = startProcess(['emulator'], env);
  await emulator.ready();
  const started: ServiceProcess[] = [];
  const topics = {
    request: env['VF_KAFKA_REQUEST_TOPIC'] ?? '',
    outcome: env['VF_KAFKA_OUTCOME_TOPIC'] ?? '',
    dlq: env['VF_KAFKA_DLQ_TOPIC'] ?? '',
  };
  // The topics are made by the first service; watching them needs them to exist.
  const first = startProcess(['all'], env);
  started.push(first);
  await first.ready();
  const outcomes = await watchTopic(kafkaBrokers, topics.outcome);
  const deadLetters = await watchTopic(kafkaBrokers, topics.dlq);
  let firstTaken = false;
  return {
    env,
    logPath,
    emulatorUrl: `http://127.0.0.1:${emulatorPort}`,
    serve: (role = 'all', more = {}) => {
      if (role === 'all' && !firstTaken) {
        firstTaken = true;
        return first;
      }
      const service = startProcess([role], { ...env, ...more });
      started.push(service);
      return service;
    },
    submit: (tokens) => produce(kafkaBrokers, topics.request, tokens.map(requestOf)),
    outcomes: outcomes.byId,
    deadLetters: () => deadLetters.seen,
    allDecided: async (tokens, timeoutMs) => {
      const ids = tokens.map(({ token }) => verificationIdOf(token));
      const missing = (): string[] => {
        const seen = outcomes.byId();
        return ids.filter((id) => !seen.has(id));
      };
      await until(() => missing().length === 0, { timeoutMs, everyMs: 250, what: `an outcome for each of ${ids.length} tokens` }).catch(
        (cause: unknown) => {
          throw new Error(`${missing().length} of ${ids.length} tokens have no outcome, e.g. ${missing().slice(0, 5).join(', ')}`, {
            cause,
          });
        },
      );
    },
    close: async () => {
      await outcomes.stop();
      await deadLetters.stop();
      for (const service of [...started, emulator]) service.kill('SIGKILL');
    },
  };
}
