import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { verificationIdOf } from '../../src/contracts/wire/token-identity.ts';
import { logRecords } from '../../src/emulator/log-lines.ts';
import { IMPOSSIBLE_TOKEN } from '../../src/faceid/sight.ts';
import { ensureNamespace } from '../../src/temporal/namespace.ts';
import { openPipeline, type PipelineRun } from '../conformance/pipeline-run.ts';
import { makeTopic, uniqueName } from '../kafka/support/broker.ts';
import { startCli } from '../support/cli-process.ts';
import { withAdmin } from '../support/kafka-admin.ts';
import { freePort, produce } from '../support/pipeline.ts';
import { killAllProcesses, startNode } from '../support/process.ts';
import { until } from '../support/until.ts';
import { type Env, examined, expectNamed, type Report, troubles } from './examined.ts';

const SHIFT_CLOCK = fileURLToPath(new URL('../support/shift-clock.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'verdictflow-doctor-'));

let run: PipelineRun;
let connection: Connection;

beforeAll(async () => {
  connection = await Connection.connect({ address: inject('temporalAddress') });
  run = await openPipeline({ VF_ADMIN_HOST: '127.0.0.1', VF_KAFKA_PARTITIONS: '2' });
});
afterAll(async () => {
  killAllProcesses();
  await run.close();
  await connection.close();
});

function file(name: string, content: string, mode: number): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}

/** Topics, groups and workflows: whatever somebody could leave behind. */
async function leftovers(): Promise<object> {
  const [kafka, workflows] = await Promise.all([
    withAdmin(inject('kafkaBrokers'), async (admin) => {
      const topics = (await admin.listTopics()).filter((topic) => !/^t[0-9a-f]{8}\./.test(topic) || topic.startsWith(own()));
      const groups = (await admin.listGroups()).groups.map(({ groupId }) => groupId).filter((groupId) => /doctor/.test(groupId));
      const ends = await Promise.all(
        topics.filter((topic) => topic.startsWith(own())).map(async (topic) => await admin.fetchTopicOffsets(topic)),
      );
      return { topics: topics.filter((topic) => topic.startsWith(own()) || /doctor/.test(topic)).toSorted(), groups, ends };
    }),
    // The gate is one of all tests on a server: any worker starts it again when one of them has ended it.
    new Client({ connection }).workflow.count(
      `(TaskQueue = "${run.env['VF_TASK_QUEUE'] ?? ''}" OR TaskQueue = "verdictflow-doctor") AND WorkflowType != "vendorGate"`,
    ),
  ]);
  return { ...kafka, workflows: workflows.count };
}

function own(): string {
  return (run.env['VF_KAFKA_REQUEST_TOPIC'] ?? '').slice(0, 9);
}

type Broken = readonly [what: string, names: string, saw: RegExp, env: () => Env | Promise<Env>];

/** Each is one thing that is wrong with the healthy installation; the line that names it is told with its status. */
const BROKEN: readonly Broken[] = [
  ['a misspelt setting', 'FAIL settings', /VF_KAFKA_BROKRES: no such setting/, () => ({ VF_KAFKA_BROKRES: 'x' })],
  ['a login in part', 'FAIL settings', /SASL is configured in part/, () => ({ VF_KAFKA_SASL_MECHANISM: 'plain' })],
  ['certificates that nobody checks', 'FAIL settings', /NODE_TLS_REJECT_UNAUTHORIZED=0/, () => ({ NODE_TLS_REJECT_UNAUTHORIZED: '0' })],
  ['a debugger that is open', 'WARN surroundings', /NODE_OPTIONS opens a debugger/, () => ({ NODE_OPTIONS: '--inspect=0.0.0.0' })],
  ['URLs that are printed', 'FAIL surroundings', /NODE_DEBUG prints request URLs/, () => ({ NODE_DEBUG: 'undici' })],
  [
    'authorities that are not there',
    'WARN surroundings',
    /NODE_EXTRA_CA_CERTS .*ENOENT/,
    () => ({ NODE_EXTRA_CA_CERTS: '/nowhere/ca.pem' }),
  ],
  ['service links', 'WARN surroundings', /1 variables VF_\*/, () => ({ VF_INGRESS_SERVICE_HOST: '10.0.0.1' })],
  [
    'a secret for everybody',
    'WARN secret-files',
    /everybody on this machine may read the file of VF_FACEID_API_SECRET_FILE/,
    () => ({ VF_FACEID_API_SECRET: '', VF_FACEID_API_SECRET_FILE: file('secret', run.env['VF_FACEID_API_SECRET'] ?? '', 0o644) }),
  ],
  [
    'one of two brokers away',
    'FAIL kafka-bootstrap',
    /127\.0\.0\.1:\d+: .*ECONNREFUSED/,
    async () => ({ VF_KAFKA_BROKERS: `127.0.0.1:${await freePort()},${inject('kafkaBrokers')}` }),
  ],
  ['all brokers away', 'SKIPPED kafka-topics', /see kafka-bootstrap/, async () => ({ VF_KAFKA_BROKERS: `127.0.0.1:${await freePort()}` })],
  ['a topic that is missing', 'FAIL kafka-topics', /nowhere: is missing/, () => ({ VF_KAFKA_HINT_TOPIC: 'nowhere' })],
  [
    'a topic that forgets too early',
    'WARN kafka-topics',
    /retention\.ms keeps requests for/,
    async () => ({ VF_KAFKA_REQUEST_TOPIC: await topic({ 'retention.ms': '1000' }) }),
  ],
  [
    'a topic that is compacted',
    'WARN kafka-topics',
    /cleanup\.policy is compact/,
    async () => ({ VF_KAFKA_DLQ_TOPIC: await topic({ 'cleanup.policy': 'compact' }) }),
  ],
  [
    'a topic that takes nothing',
    'FAIL kafka-topics',
    /min\.insync\.replicas is 2, more than its 1/,
    async () => ({ VF_KAFKA_OUTCOME_TOPIC: await topic({ 'min.insync.replicas': '2' }) }),
  ],
  ['a group without a member', 'FAIL kafka-group', /no member, nothing is admitted/, () => ({ VF_KAFKA_GROUP_ID: 'nobody' })],
  [
    'another request topic than the members read',
    'FAIL kafka-group',
    /none of them reads/,
    async () => ({ VF_KAFKA_REQUEST_TOPIC: await topic({}) }),
  ],
  ['records that nobody reads', 'FAIL kafka-lag', /1 record\(s\) wait, and the group has no member/, unreadRecord],
  ['a task queue that nobody asks', 'FAIL temporal-pollers', /nobody asks for them/, () => ({ VF_TASK_QUEUE: 'nobody-asks' })],
  ['a limit that somebody left behind', 'FAIL temporal-queues', /limited to 0\/s by jane \(a test\), and no gate is held/, limitedQueue],
  ['a wrong secret of the vendor', 'FAIL vendor-key', /AUTHENTICATION_ERROR/, () => ({ VF_FACEID_API_SECRET: 'wrong' })],
  ['a wrong path of the vendor', 'FAIL vendor-key', /API_NOT_FOUND/, () => ({ VF_FACEID_BASE_URL: `${run.emulatorUrl}/elsewhere` })],
  [
    'a vendor away',
    'FAIL vendor-address',
    /ECONNREFUSED/,
    async () => ({ VF_FACEID_BASE_URL: `http://127.0.0.1:${await freePort()}/faceid` }),
  ],
  [
    'a proxy that refuses',
    'FAIL vendor-address',
    /the proxy of HTTPS_PROXY opens no tunnel to vendor\.test:443: it answers 407/,
    refusingProxy,
  ],
];

/** One after the other, because Temporal's variables are the process's own. */
const BROKEN_TEMPORAL: readonly Broken[] = [
  [
    'Temporal away',
    'FAIL temporal-server',
    /\(TEMPORAL_ADDRESS\) within 4 s: ECONNREFUSED/,
    async () => ({ TEMPORAL_ADDRESS: `127.0.0.1:${await freePort()}` }),
  ],
  ['TLS to a Temporal without', 'FAIL temporal-server', /the TLS handshake failed/, () => ({ TEMPORAL_TLS: 'true' })],
  ['a namespace that is missing', 'FAIL temporal-namespace', /namespace nowhere does not exist/, () => ({ TEMPORAL_NAMESPACE: 'nowhere' })],
  [
    'a namespace that forgets earlier than the window ends',
    'FAIL temporal-namespace',
    /shorter than VF_WINDOW/,
    async () => ({ TEMPORAL_NAMESPACE: await bareNamespace(), VF_WINDOW: '48h' }),
  ],
  [
    'a namespace that forgets earlier than the topic',
    'WARN temporal-namespace',
    /goes to the dead letters/,
    async () => ({ TEMPORAL_NAMESPACE: await bareNamespace() }),
  ],
  [
    'search attributes that are missing',
    'FAIL search-attributes',
    /missing: VfOutcome/,
    async () => ({ TEMPORAL_NAMESPACE: await bareNamespace() }),
  ],
  ['a search attribute of another type', 'FAIL search-attributes', /VfStage is of type Int, Keyword is needed/, attributeOfAnotherType],
];

const BROKEN_KEYS: readonly Broken[] = [
  [
    'another sealing key of the same id',
    'FAIL sealing-keys',
    /key k1 of this process is another one than that of worker/,
    () => ({ VF_TOKEN_KEYS: `k1:${randomBytes(32).toString('base64')}` }),
  ],
  [
    'a sealing key that workers lack',
    'FAIL sealing-keys',
    /worker \S+ lacks key k2/,
    () => ({ VF_TOKEN_KEYS: `k2:${randomBytes(32).toString('base64')},${run.env['VF_TOKEN_KEYS'] ?? ''}` }),
  ],
];

const DAY_MS = 86_400_000;

/** A topic with these settings, of a name of its own. */
async function topic(config: Record<string, string>): Promise<string> {
  return await makeTopic(inject('kafkaBrokers'), { topic: uniqueName('doctor'), config });
}

async function unreadRecord(): Promise<Env> {
  const name = await topic({});
  await produce(inject('kafkaBrokers'), name, [{ value: 'never read' }]);
  return { VF_KAFKA_REQUEST_TOPIC: name, VF_KAFKA_GROUP_ID: 'nobody' };
}

let bare: Promise<string> | undefined;

/** One that keeps workflows for a day, and has none of our search attributes. */
async function bareNamespace(): Promise<string> {
  const namespace = `doctor-${randomBytes(4).toString('hex')}`;
  bare ??= ensureNamespace(connection, { namespace, retentionMs: DAY_MS }).then(() => namespace);
  return await bare;
}

async function attributeOfAnotherType(): Promise<Env> {
  const namespace = await bareNamespace();
  await connection.operatorService.addSearchAttributes({ namespace, searchAttributes: { VfStage: 3 } });
  return { TEMPORAL_NAMESPACE: namespace };
}

async function limitedQueue(): Promise<Env> {
  const taskQueue = `doctor-${randomBytes(4).toString('hex')}`;
  await connection.workflowService.updateTaskQueueConfig({
    namespace: 'default',
    identity: 'jane',
    taskQueue,
    taskQueueType: 2,
    updateQueueRateLimit: { rateLimit: { requestsPerSecond: 0 }, reason: 'a test' },
  });
  return { VF_TASK_QUEUE: taskQueue };
}

async function refusingProxy(): Promise<Env> {
  const proxy = createServer().on('connect', (_request, socket) => socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'));
  proxy.listen(0, '127.0.0.1').unref();
  await once(proxy, 'listening');
  const address: AddressInfo | string | null = proxy.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return { HTTPS_PROXY: `http://127.0.0.1:${port ?? 0}`, VF_FACEID_BASE_URL: 'https://vendor.test/faceid' };
}

describe('a broken installation is named', () => {
  it.concurrent.each(BROKEN)('%s: %s', async (_, names, saw, env) => {
    expectNamed(await examined({ ...run.env, ...(await env()) }), { names, saw, secrets: secretsOf(run.env) });
  });

  it.each(BROKEN_TEMPORAL)('%s: %s', async (_, names, saw, env) => {
    expectNamed(await examined({ ...run.env, ...(await env()) }), { names, saw, secrets: secretsOf(run.env) });
  });

  describe('once the worker has told which keys it holds', () => {
    beforeAll(async () => {
      const query = `TaskQueue = "${run.env['VF_TASK_QUEUE'] ?? ''}"`;
      const listed = async () => (await connection.workflowService.listWorkers({ namespace: 'default', query })).workersInfo.length > 0;
      await until(listed, { timeoutMs: 30_000, everyMs: 250, what: 'the worker tells of itself' });
    });
    it.concurrent.each(BROKEN_KEYS)('%s: %s', async (_, names, saw, env) => {
      expectNamed(await examined({ ...run.env, ...(await env()) }), { names, saw, secrets: secretsOf(run.env) });
    });
  });

  it('a clock that is two minutes fast: FAIL against all three', async () => {
    const examining = startNode(['--import', SHIFT_CLOCK, 'dist/src/cli/main.js', 'doctor'], { ...run.env, SHIFT_CLOCK_MS: '120000' });
    expect((await examining.exit()).code).toBe(1);
    for (const whose of ['kafka-clock', 'temporal-clock', 'vendor-clock'])
      expect(examining.output()).toMatch(new RegExp(`FAIL +${whose} .*(119|120|121)\\.\\d+ s behind this machine's`));
  });
});

describe('a healthy installation', () => {
  it('has no WARN and no FAIL, and is left as it was, with one request to the vendor that is no read of anybody', async () => {
    const [before, asked] = [await leftovers(), await probes()];
    const { code, out, err } = await startCli(['doctor', '--json'], run.env).done;
    const report: Report = JSON.parse(out);
    expect(troubles(report)).toEqual([]);
    expect({ code, err, healthy: report.healthy }).toEqual({ code: 0, err: '', healthy: true });
    expect(await leftovers()).toEqual(before);
    const since = (await probes()).slice(asked.length);
    expect(since).toMatchObject([{ known: false, counted: false }]);
    for (const secret of secretsOf(run.env)) expect(out).not.toContain(secret);
  });

  async function probes(): Promise<readonly object[]> {
    const id = verificationIdOf(IMPOSSIBLE_TOKEN);
    const found: object[] = [];
    for await (const one of logRecords(run.logPath)) if (one.type === 'read' && one.verificationId === id) found.push(one);
    return found;
  }
});

function secretsOf(env: Env): readonly string[] {
  return ['VF_FACEID_API_KEY', 'VF_FACEID_API_SECRET', 'VF_TOKEN_KEYS'].map((name) => env[name] ?? '');
}
