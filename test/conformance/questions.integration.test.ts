import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { verificationIdOf } from '../../src/contracts/wire/token-identity.ts';
import { workflowIdOf } from '../../src/domain/ids.ts';
import { mintToken } from '../../src/emulator/mint-token.ts';
import type { GateStatus, VerificationReader } from '../../src/operator/ports.ts';
import { createGatePort } from '../../src/temporal/gate/port.ts';
import { createVerificationReader } from '../../src/temporal/history/verification-reader.ts';
import { cliHere } from '../support/cli-here.ts';
import type { CliRun } from '../support/cli-process.ts';
import { fencedBlocks } from '../support/markdown.ts';
import { produce } from '../support/pipeline.ts';
import { killAllProcesses } from '../support/process.ts';
import { until } from '../support/until.ts';
import { openPipeline, type PipelineRun } from './pipeline-run.ts';

const HALF_HOUR_MS = 30 * 60_000;
const ORDER = 'order-20260115-0007';
const NAMESPACE = `questions-${randomBytes(4).toString('hex')}`;

/** Real times but for the patience with the vendor: what waits still waits when it is asked about. */
const SETTINGS = {
  TEMPORAL_NAMESPACE: NAMESPACE,
  VF_POLICY_PROFILE: 'completed',
  VF_WINDOW: '24h',
  VF_POLICY_MIN_GAP: '20s',
  VF_POLICY_ERROR_BACKOFF: '30s',
  VF_BIZNO_SEARCHABLE: 'true',
};

const nowMs = Date.now();

function cast(scenario: string, { ageMs = 1_000, bizNo }: { ageMs?: number; bizNo?: string } = {}) {
  const issuedAtMs = nowMs - ageMs;
  const token = mintToken({ scenario, issuedAtMs });
  const value = JSON.stringify({ token, issuedAt: new Date(issuedAtMs).toISOString(), ...(bizNo === undefined ? {} : { bizNo }) });
  return { token, id: verificationIdOf(token), value };
}

const CAST = {
  waiting: cast('processing-9', { bizNo: ORDER }),
  passed: cast('ready-pass', { bizNo: ORDER }),
  failed: cast('ready-boundary'),
  uncertain: cast('reset-once'),
  destroyed: cast('data-destroyed'),
  expiring: cast('processing-9', { ageMs: 24 * 60 * 60_000 - HALF_HOUR_MS }),
};

const REFUSED_TOKEN = mintToken({ scenario: 'ready-pass' });
/** What producers sent by mistake. */
const SHOP = { ce_specversion: '1.0', ce_source: '/shop/onboarding' };
const RUBBISH = [
  { value: '<request/>', headers: SHOP },
  { value: '{"token":', headers: SHOP },
  {
    value: JSON.stringify({ token: REFUSED_TOKEN, issuedAt: 'yesterday' }),
    headers: { ...SHOP, ce_source: '/kiosk' },
  },
  { value: 'hello' },
];
/** Comes while reads are held. */
const HELD = cast('ready-pass');

let pipeline: PipelineRun;
let client: Client;
let reader: VerificationReader;

async function cli(args: readonly string[], input = ''): Promise<CliRun> {
  return await cliHere(args, { ...pipeline.env, USER: 'jane' }, { input });
}

// What is waited for is asked by what the command line asks with: a process for each time would be a second of CPU.
async function stageOf(id: string): Promise<string> {
  const details = await reader.details(workflowIdOf(id));
  return `${details?.stage ?? 'unknown'} ${details?.reads.length}`;
}

async function timelineKinds(id: string): Promise<readonly string[]> {
  const details = await reader.details(workflowIdOf(id), { timeline: true });
  return details?.timeline?.events.map(({ kind }) => kind) ?? [];
}

async function resetToItsBeginning(id: string): Promise<void> {
  const { events } = await client.workflow.getHandle(workflowIdOf(id)).fetchHistory();
  const firstTask = events?.find((event) => event.workflowTaskCompletedEventAttributes)?.eventId ?? null;
  const workflowExecution = { workflowId: workflowIdOf(id) };
  const asked = {
    namespace: NAMESPACE,
    workflowExecution,
    workflowTaskFinishEventId: firstTask,
    reason: 'a bad build',
    requestId: randomUUID(),
  };
  await client.workflowService.resetWorkflowExecution(asked);
}

beforeAll(async () => {
  pipeline = await openPipeline(SETTINGS);
  client = new Client({ connection: await Connection.connect({ address: inject('temporalAddress') }), namespace: NAMESPACE });
  reader = createVerificationReader({ client });
  await produce(inject('kafkaBrokers'), pipeline.env['VF_KAFKA_REQUEST_TOPIC'] ?? '', [
    ...Object.values(CAST).map(({ value }) => ({ value })),
    ...RUBBISH,
  ]);
  await pipeline.allDecided([CAST.passed, CAST.failed, CAST.destroyed], 60_000);
  const replay = await cli([
    'replay',
    'run',
    CAST.failed.id,
    '--required-far',
    '1e-3',
    '--reason',
    'lower risk, agreed',
    '--ticket',
    'INC-7',
    '--yes',
    '--wait',
  ]);
  if (replay.code !== 0) throw new Error(`the replay did not work: ${replay.err}`);
  await resetToItsBeginning(CAST.passed.id);
  await until(async () => (await timelineKinds(CAST.passed.id)).filter((kind) => kind === 'EMITTED').length === 2, {
    timeoutMs: 30_000,
    everyMs: 500,
    what: 'the reset run has published its outcome again',
  });
  await until(() => pipeline.deadLetters().length === RUBBISH.length, { timeoutMs: 30_000, what: 'rubbish is put aside' });
  const waiting = [CAST.waiting, CAST.uncertain, CAST.expiring];
  await until(async () => (await Promise.all(waiting.map(({ id }) => stageOf(id)))).every((stage) => stage === 'WAITING 1'), {
    timeoutMs: 30_000,
    everyMs: 500,
    what: 'three verifications wait after their first read',
  });
}, 120_000);

afterAll(async () => {
  await Promise.all([pipeline?.close(), client?.connection.close()]);
  killAllProcesses();
});

/** Holds reads until one waits, lets them begin again, and asks once the vendor has answered the first one. */
async function statusAfterHold(): Promise<CliRun> {
  const order = async (what: string, ...why: readonly string[]): Promise<void> => {
    const { code, err } = await cli(['gate', what, ...why]);
    if (code !== 0) throw new Error(`gate ${what} did not work: ${err}`);
  };
  const gate = createGatePort({ client, region: 'other', taskQueue: pipeline.env['VF_TASK_QUEUE'] ?? '' });
  const gateIs = async (wanted: (status: GateStatus) => boolean, what: string): Promise<void> => {
    await until(async () => wanted(await gate.status()), { timeoutMs: 30_000, everyMs: 500, what });
  };
  await order('hold', '--reason', 'the vendor asks to stop', '--ticket', 'INC-9');
  await produce(inject('kafkaBrokers'), pipeline.env['VF_KAFKA_REQUEST_TOPIC'] ?? '', [{ value: HELD.value }]);
  await gateIs(({ queue }) => queue.waiting > 0, 'a read waits');
  await order('resume', '--reason', 'the vendor is back');
  await gateIs(({ state }) => state.phase === 'RAMP', 'the canary is well');
  return await cli(['gate', 'status']);
}

type Question = { readonly title: string; readonly command: string; ask(): Promise<CliRun> };

const page = join(mkdtempSync(join(tmpdir(), 'verdictflow-page-')), 'ticket.html');

const QUESTIONS: readonly Question[] = [
  { title: 'Why is this one waiting?', command: `npx verdictflow show ${CAST.waiting.id}`, ask: () => cli(['show', CAST.waiting.id]) },
  {
    title: 'Who read this token?',
    command: `printf '%s' "$TOKEN" | npx verdictflow show --token -`,
    ask: () => cli(['show', '--token', '-'], CAST.uncertain.token),
  },
  { title: 'What expires in the next hour?', command: 'npx verdictflow list --expiring 1h', ask: () => cli(['list', '--expiring', '1h']) },
  {
    title: 'Why did this one fail, and who changed it?',
    command: `npx verdictflow show ${CAST.failed.id}`,
    ask: () => cli(['show', CAST.failed.id]),
  },
  {
    title: 'Which reads have an answer that nobody knows?',
    command: 'npx verdictflow list --uncertain --since 24h',
    ask: () => cli(['list', '--uncertain', '--since', '24h']),
  },
  {
    title: 'Which verifications has this customer?',
    command: `printf '%s' "$ORDER" | npx verdictflow show --biz-no -`,
    ask: () => cli(['show', '--biz-no', '-'], ORDER),
  },
  {
    title: 'Which ended in the last hour without our knowing?',
    command: 'npx verdictflow list --outcome EXPIRED --since 1h',
    ask: () => cli(['list', '--outcome', 'EXPIRED', '--since', '1h']),
  },
  { title: 'Do we keep up?', command: 'npx verdictflow watch --once', ask: () => cli(['watch', '--once']) },
  {
    title: 'Which producer sends us rubbish?',
    command: 'npx verdictflow dlq list --since 24h',
    ask: () => cli(['dlq', 'list', '--since', '24h']),
  },
  { title: 'What did we hold and for how long?', command: 'npx verdictflow gate status', ask: statusAfterHold },
];

/** Their numbers are of one moment. */
const OF_THE_MOMENT = ['Do we keep up?', 'What did we hold and for how long?'];

/** What is another each time: ids, times, places, and the numbers of a rate. */
function normalised(title: string, text: string): string {
  const lines = text
    .replaceAll(/\bt[0-9a-f]{8}\./g, 'faceid.verification.')
    .replaceAll(/\bt[0-9a-f]{8}-queue\b/g, 'verdictflow')
    .replaceAll(/\b[a-z2-7]{26}\b/g, 'ID')
    .replaceAll(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, 'RUN')
    .replaceAll(/\b\d+@[\w.-]+/g, 'WORKER')
    .replaceAll(/\b\d{10},[\w-]+/g, 'REQUEST')
    .replaceAll(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+Z)?/g, 'TIME')
    .replaceAll(/(\d+ [A-Z][a-z]{2} )?\b\d\d:\d\d(:\d\d)? UTC/g, 'TIME')
    .replaceAll(/\b\d+(\.\d)? (ms|s|min|h|d)( \d+ (s|min|h))?(?=[^a-z0-9]|$)/g, 'SPAN')
    .replaceAll(/(partition|offset) \d+/g, '$1 N')
    .replaceAll(/\b\d+\/\d+\b/g, 'PLACE')
    .replaceAll(/ \+SPAN/g, ' ')
    .replaceAll(/ +/g, ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  // How many have ended by now, and how, depends on how fast this machine is.
  const counts = lines.map((line) => line.replaceAll(/\((PASSED|FAILED|EXPIRED)[^)]*\)/g, '(OUTCOMES)').replaceAll(/\d+(\.\d+)?/g, 'N'));
  const told = OF_THE_MOMENT.includes(title) ? [...new Set(counts)] : lines;
  // Visibility sorts by the time of start, and these began together; dead letters come by partition.
  return (/^(Verification|Dead letter) /.test(lines[0] ?? '') ? told.toSorted() : told).join('\n');
}

describe('the questions of people on call (docs/questions.md)', () => {
  const text = readFileSync('docs/questions.md', 'utf8');

  const sectionOf = (title: string): string => text.split(/^## /m).find((one) => one.startsWith(`${title}\n`)) ?? '';

  it.each(QUESTIONS)('$title', async ({ title, command, ask }) => {
    const [asked, answered] = fencedBlocks(sectionOf(title));
    const { code, out } = await ask();
    expect([code, normalised(title, asked?.body ?? '')]).toEqual([0, normalised(title, `${command}\n`)]);
    expect(normalised(title, answered?.body ?? '')).toBe(normalised(title, out));
  });

  it('Which ended without any outcome? The link asks what visibility understands', async () => {
    const link = /http:\S+\?query=\S+/.exec(sectionOf('Which ended without any outcome?'))?.[0] ?? '';
    const query = new URL(link).searchParams.get('query') ?? '';
    expect(query).toContain('ExecutionStatus');
    expect(await cli(['list', '--query', query])).toEqual({ code: 0, out: 'none\n', err: '' });
  });

  it('a page for a ticket is one file that tells the same', async () => {
    const { code, err } = await cli(['show', CAST.failed.id, '--html', page]);
    expect([code, err]).toEqual([0, '']);
    const written = readFileSync(page, 'utf8');
    for (const told of ['result_ref1 68.918', 'replayed by jane', 'INC-7', CAST.failed.id]) expect(written).toContain(told);
  });

  it('a reset is told as one, with what it repeated', async () => {
    const { out } = await cli(['show', CAST.passed.id]);
    expect(out).toMatch(/B {2}reset.* · a bad build/);
    expect(out).toMatch(/B {2}published PASSED again/);
    expect(out.match(/ admitted from /g)).toHaveLength(1);
  });

  it('no answer holds a token, a business number or a secret', async () => {
    const runs = await Promise.all([
      ...[CAST.waiting, CAST.passed, CAST.failed].map(({ id }) => cli(['show', id, '--json'])),
      cli(['show', CAST.waiting.id, '--html', '-']),
      cli(['list', '--json']),
      cli(['dlq', 'list', '--json']),
      cli(['gate', 'status', '--json']),
    ]);
    const secrets = [
      ...[...Object.values(CAST), HELD].map(({ token }) => token),
      ORDER,
      REFUSED_TOKEN,
      ...['VF_FACEID_API_KEY', 'VF_FACEID_API_SECRET', 'VF_TOKEN_KEYS'].map((name) => pipeline.env[name] ?? ''),
    ];
    expect(secrets.filter((secret) => secret === '' || runs.some(({ out, err }) => `${out}${err}`.includes(secret)))).toEqual([]);
    expect(runs.filter(({ code, out }) => code !== 0 || out === '')).toEqual([]);
  });
});
