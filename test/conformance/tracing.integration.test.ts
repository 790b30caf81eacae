import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { IHeaders } from 'kafkajs';
import { afterAll, expect, inject, it } from 'vitest';
import { PROCESS_ROLES } from '../../src/config/roles.ts';
import { verificationIdOf } from '../../src/contracts/wire/token-identity.ts';
import { IMAGE_MARK } from '../../src/emulator/jpeg.ts';
import { mintToken } from '../../src/emulator/mint-token.ts';
import { freePort, pipelineEnv, produce, type SeenOutcome, watchTopic } from '../support/pipeline.ts';
import { killAllProcesses, startProcess } from '../support/process.ts';
import { until } from '../support/until.ts';

afterAll(killAllProcesses);

const INSTRUMENTATIONS = fileURLToPath(new URL('../support/tracing.mjs', import.meta.url));

type Span = {
  readonly scope: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parent?: string;
  readonly state?: string;
  readonly attributes: Readonly<Record<string, unknown>>;
};

type Asked = { readonly token: string; readonly key: string; readonly traceId: string; readonly parentId: string };

function asked(): Asked {
  const hex = (bytes: number): string => randomBytes(bytes).toString('hex');
  return {
    token: mintToken({ scenario: 'ready-pass', issuedAtMs: Date.now() }),
    key: `key-${hex(12)}`,
    traceId: hex(16),
    parentId: hex(8),
  };
}

/** One with the headers of W3C, one with the attributes of CloudEvents, and one that is put aside. */
function recordsOf([plain, event, bad]: readonly [Asked, Asked, Asked]): { key: string; value: string; headers: Record<string, string> }[] {
  const parentOf = ({ traceId, parentId }: Asked): string => `00-${traceId}-${parentId}-01`;
  const bizNo = `biz-${plain.key}`;
  return [
    {
      key: plain.key,
      value: JSON.stringify({ token: plain.token, bizNo }),
      headers: { traceparent: parentOf(plain), tracestate: 'shop=cart7' },
    },
    {
      key: event.key,
      value: JSON.stringify({ token: event.token }),
      headers: { ce_specversion: '1.0', ce_id: event.key, ce_traceparent: parentOf(event), ce_tracestate: 'shop=cart8' },
    },
    { key: bad.key, value: JSON.stringify({ token: `not a token ${bad.token}` }), headers: { traceparent: parentOf(bad) } },
  ];
}

/** Every form in which text could hide in a span. */
function found(secrets: readonly string[], store: string): string[] {
  return secrets.filter((secret) =>
    [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64').slice(0, -4)].some((form) => store.includes(form)),
  );
}

function headerOf(outcome: SeenOutcome | undefined, name: string): string {
  const headers: IHeaders = outcome?.headers ?? {};
  return String(headers[name] ?? '');
}

/** Images are asked for and kept: what they are must be in no span either. */
function keeping(): Record<string, string> {
  const dir = mkdtempSync(join(tmpdir(), 'verdictflow-traced-'));
  for (const name of ['objects', 'keys']) mkdirSync(join(dir, name));
  return {
    VF_RETURN_IMAGE: '2',
    VF_EVIDENCE_STORE: `file:${join(dir, 'objects')}`,
    VF_EVIDENCE_KEY_STORE: `file:${join(dir, 'keys')}`,
    VF_EVIDENCE_KEYS: `e1:${randomBytes(32).toString('base64')}`,
    VF_SHUTDOWN_TIMEOUT: '60s',
  };
}

async function openTraced() {
  const kafkaBrokers = inject('kafkaBrokers');
  const emulatorPort = await freePort();
  const env = pipelineEnv({
    kafkaBrokers,
    temporalAddress: inject('temporalAddress'),
    emulatorPort,
    overrides: { VF_EMULATOR_PORT: String(emulatorPort), VF_POLICY_PROFILE: 'demo', VF_WINDOW: '60s', ...keeping() },
  });
  const emulator = startProcess(['emulator'], env);
  await emulator.ready();
  const spansFile = join(mkdtempSync(join(tmpdir(), 'verdictflow-spans-')), 'spans.ndjson');
  const serve = async (more: Readonly<Record<string, string>> = {}) => {
    const service = startProcess(['all'], { ...env, NODE_OPTIONS: `--import=${INSTRUMENTATIONS}`, SPANS_FILE: spansFile, ...more });
    await service.ready();
    return service;
  };
  const text = (): string => readFileSync(spansFile, 'utf8');
  const spans = (): Span[] =>
    text()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  return { env, kafkaBrokers, serve, text, spans };
}

it('traces a verification from record to outcome; with every instrumentation loaded no span tells a token, key or secret', async () => {
  const { env, kafkaBrokers, serve, text, spans } = await openTraced();
  const service = await serve();
  const outcomes = await watchTopic(kafkaBrokers, env['VF_KAFKA_OUTCOME_TOPIC'] ?? '');
  const letters = await watchTopic(kafkaBrokers, env['VF_KAFKA_DLQ_TOPIC'] ?? '');
  const secretsOf = (all: readonly Asked[]): string[] => all.flatMap(({ token, key }) => [token, key]);
  const account = [env['VF_FACEID_API_KEY'] ?? '', env['VF_FACEID_API_SECRET'] ?? ''];
  const kept = [IMAGE_MARK, (env['VF_EVIDENCE_KEYS'] ?? '').slice('e1:'.length)];
  try {
    const quiet = [asked(), asked(), asked()] as const;
    const [plain, event, bad] = quiet;
    await produce(kafkaBrokers, env['VF_KAFKA_REQUEST_TOPIC'] ?? '', recordsOf(quiet));
    const settled = (count: number): boolean => outcomes.seen.length === 2 * count && letters.seen.length === count;
    await until(() => settled(1), { timeoutMs: 60_000, what: 'two outcomes and a dead letter' });
    service.kill('SIGTERM');
    await service.exit();

    for (const [{ token, traceId, parentId }, state] of [
      [plain, 'shop=cart7'],
      [event, 'shop=cart8'],
    ] as const) {
      const own = spans().filter((span) => span.scope === 'verdictflow' && span.traceId === traceId);
      expect(own.map(({ name }) => name).toSorted()).toEqual(['emitOutcome', 'getResult', `process ${env['VF_KAFKA_REQUEST_TOPIC']}`]);
      const record = own.find(({ name }) => name.startsWith('process'));
      expect(record?.parent).toBe(parentId);
      expect(own.filter((span) => span !== record).map(({ parent }) => parent)).toEqual([record?.spanId, record?.spanId]);
      expect(own.map((span) => span.state)).toEqual([state, state, state]);
      expect(record?.attributes).toMatchObject({ 'verdictflow.disposition': 'STARTED', 'messaging.system': 'kafka' });
      expect(own.find(({ name }) => name === 'getResult')?.attributes).toMatchObject({
        'verdictflow.verification_id': verificationIdOf(token),
        'verdictflow.report': 'ANSWER',
        'verdictflow.code': 'OK',
      });
      const [outcome] = outcomes.byId().get(verificationIdOf(token)) ?? [];
      for (const prefix of ['', 'ce_']) {
        expect(headerOf(outcome, `${prefix}traceparent`)).toBe(`00-${traceId}-${record?.spanId ?? ''}-01`);
        expect(headerOf(outcome, `${prefix}tracestate`)).toBe(state);
      }
    }
    const aside = spans().find(({ scope, traceId }) => scope === 'verdictflow' && traceId === bad.traceId);
    expect(aside).toMatchObject({ parent: bad.parentId, attributes: { 'verdictflow.disposition': 'DEAD_LETTERED' } });
    // Nothing of an instrumentation rides along: the record that was put aside has its own headers and ours.
    expect(headerOf(letters.seen[0], 'traceparent')).toBe(`00-${bad.traceId}-${bad.parentId}-01`);
    expect(spans().filter(({ scope }) => scope.endsWith('-undici'))).toEqual([]);
    expect(outcomes.seen.map(({ value }) => value.includes('"kind":"IMAGE_BEST_2"'))).toEqual([true, true]);
    expect(found([...secretsOf(quiet), ...account, ...kept, `biz-${plain.key}`], text())).toEqual([]);

    // The control: the same pipeline with the silence taken out. The instrumentations are there, and see all of it.
    const loud = [asked(), asked(), asked()] as const;
    const other = await serve({ SPANS_LOUD: 'on-signal' });
    other.kill('SIGUSR2');
    await produce(kafkaBrokers, env['VF_KAFKA_REQUEST_TOPIC'] ?? '', recordsOf(loud));
    await until(() => settled(2), { timeoutMs: 60_000, what: 'as many again' });
    other.kill('SIGTERM');
    await other.exit();
    const read = [loud[0], loud[1]].map(({ token }) => token);
    const told = [...read, ...loud.map(({ key }) => key), ...account];
    expect(found(told, text())).toEqual(told);
  } finally {
    await outcomes.stop();
    await letters.stop();
  }
}, 180_000);

it('no role starts beside an SDK that does not heed what keeps secrets out of spans', async () => {
  const env = pipelineEnv({ kafkaBrokers: inject('kafkaBrokers'), temporalAddress: inject('temporalAddress'), emulatorPort: 1 });
  const spansFile = join(mkdtempSync(join(tmpdir(), 'verdictflow-spans-')), 'spans.ndjson');
  const traced = { ...env, NODE_OPTIONS: `--import=${INSTRUMENTATIONS}`, SPANS_FILE: spansFile, SPANS_WITHOUT_CONTEXT: 'true' };
  const ends = PROCESS_ROLES.map(async (role) => {
    const service = startProcess([role], traced);
    const { code } = await service.exit();
    return [code, /OpenTelemetry SDK with @opentelemetry\/api 1\.9\.\d/.test(service.output())];
  });
  expect(await Promise.all(ends)).toEqual(ends.map(() => [78, true]));
}, 60_000);
