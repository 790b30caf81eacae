import { randomUUID } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { DECISION_AUDIT_TYPE, parseDecisionAudit } from '../../src/contracts/wire/decision-audit.ts';
import { verificationIdOf } from '../../src/contracts/wire/token-identity.ts';
import { workflowIdOf } from '../../src/domain/ids.ts';
import type { OutcomeEvent } from '../../src/domain/outcome.ts';
import { readEmulatorLog } from '../../src/emulator/log-reader.ts';
import { mintToken } from '../../src/emulator/mint-token.ts';
import { cliHere } from '../support/cli-here.ts';
import { type CliProcess, type CliRun, startCli } from '../support/cli-process.ts';
import { assertDocumented } from '../support/documented-outcome.ts';
import { type FaultyKafka, startFaultyKafka } from '../support/faulty-kafka.ts';
import { produce, type SeenOutcome, watchTopic } from '../support/pipeline.ts';
import { killAllProcesses, startProcess } from '../support/process.ts';
import { until } from '../support/until.ts';

const folder = mkdtempSync(join(tmpdir(), 'verdictflow-decide-'));
const NAMES = ['killed', 'raced', 'first', 'second', 'running'] as const;
type Name = (typeof NAMES)[number];
/** As long as a reason may be, in letters of three bytes each. */
const LONG_REASON = '两'.repeat(200);

let kafka: FaultyKafka;
let client: Client;
let outcomes: Awaited<ReturnType<typeof watchTopic>>;
let audits: Awaited<ReturnType<typeof watchTopic>>;
let service: ReturnType<typeof startProcess>;
const ids = new Map<Name, string>();

function idOf(name: Name): string {
  return ids.get(name) ?? '';
}

function decide(args: readonly string[]): CliProcess {
  return startCli(['decide', ...args], kafka.env);
}

async function cli(...args: readonly string[]): Promise<CliRun> {
  return await cliHere(args, kafka.env);
}

function seenOf(name: Name): readonly SeenOutcome[] {
  return outcomes.seen.filter(({ key }) => key === idOf(name));
}

/** The body of each revision, which all records of it have. */
function bodiesOf(name: Name): readonly OutcomeEvent[] {
  const bodies = new Map<string, OutcomeEvent>();
  for (const { ceId, value } of seenOf(name)) {
    const event: OutcomeEvent = JSON.parse(value);
    assertDocumented(event);
    expect(bodies.get(ceId) ?? event).toEqual(event);
    bodies.set(ceId, event);
  }
  expect(new Set(seenOf(name).map(({ value }) => value)).size).toBe(bodies.size);
  return [...bodies.values()].toSorted((one, other) => one.revision - other.revision);
}

async function readsOf(name: Name): Promise<number> {
  return (await readEmulatorLog(kafka.logPath)).tokens.get(idOf(name))?.reads ?? 0;
}

/** @returns the run that begins. */
async function resetToItsBeginning(workflowId: string, runId: string): Promise<WorkflowHandle> {
  const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  const workflowTaskFinishEventId = events?.find((event) => event.workflowTaskCompletedEventAttributes)?.eventId ?? null;
  const { namespace } = client.options;
  const workflowExecution = { workflowId, runId };
  const asked = { namespace, workflowExecution, workflowTaskFinishEventId, reason: 'a bad build', requestId: randomUUID() };
  await client.workflowService.resetWorkflowExecution(asked);
  return client.workflow.getHandle(workflowId, (await client.workflow.getHandle(workflowId).describe()).runId);
}

/** Temporal would wait a minute for the attempt of a worker that was killed. */
async function giveUpOn(type: string, id: string): Promise<void> {
  await client.workflowService.updateActivityOptions({
    namespace: client.options.namespace,
    execution: { workflowId: workflowIdOf(id) },
    type,
    activityOptions: { startToCloseTimeout: msToTs(5_000) },
    updateMask: { paths: ['start_to_close_timeout'] },
  });
}

async function untilSeen(name: Name, times: number): Promise<void> {
  await until(() => seenOf(name).length >= times, { timeoutMs: 30_000, what: `${times} outcomes of the one that is ${name}` });
}

beforeAll(async () => {
  kafka = await startFaultyKafka({ VF_POLICY_PROFILE: 'completed', VF_KAFKA_SESSION_TIMEOUT: '6s' });
  const { env, brokers } = kafka;
  service = startProcess(['all'], env);
  await service.ready();
  client = new Client({ connection: await Connection.connect({ address: inject('temporalAddress') }) });
  const nowMs = Date.now();
  const messages = NAMES.map((name) => {
    const token = mintToken({ scenario: name === 'running' ? 'never-started' : 'review-multifaces', issuedAtMs: nowMs });
    ids.set(name, verificationIdOf(token));
    return { value: JSON.stringify({ token, issuedAt: new Date(nowMs).toISOString() }) };
  });
  await produce(brokers, env['VF_KAFKA_REQUEST_TOPIC'] ?? '', messages);
  outcomes = await watchTopic(brokers, env['VF_KAFKA_OUTCOME_TOPIC'] ?? '');
  audits = await watchTopic(brokers, env['VF_KAFKA_AUDIT_TOPIC'] ?? '');
  for (const name of NAMES) if (name !== 'running') await untilSeen(name, 1);
}, 90_000);

afterAll(async () => {
  await Promise.all([outcomes.stop(), audits.stop(), client.connection.close()]);
  killAllProcesses();
  await kafka.close();
});

describe('a decision by a person', () => {
  it(
    'killed with its worker between the send and the receipt: one revision, one body, no read, one audit id',
    { timeout: 120_000 },
    async () => {
      const journal = join(folder, 'killed.ndjson');
      const unheard = kafka.proxy.untilUnheard('"type":"HUMAN"');
      const why = ['--approve', '--reviewer', 'mia', '--reason', LONG_REASON, '--ticket', 'CASE-9'];
      const command = decide([idOf('killed'), ...why, '--journal', journal]);
      await unheard;
      service.kill('SIGKILL');
      command.kill('SIGKILL');
      await Promise.all([service.exit(), command.done]);
      kafka.proxy.heal();
      service = startProcess(['all'], kafka.env);
      await giveUpOn('emitOutcome', idOf('killed'));
      await service.ready();

      const resumed = await decide(['--journal', journal, '--yes', '--json']).done;
      expect(resumed).toMatchObject({ code: 0 });
      await untilSeen('killed', 3);
      expect(bodiesOf('killed')).toMatchObject([
        { revision: 1, outcome: 'NEEDS_REVIEW', actor: { type: 'SYSTEM' } },
        {
          revision: 2,
          supersedes: `${idOf('killed')}.r1`,
          outcome: 'PASSED',
          reasons: [{ code: 'MANUAL_APPROVED' }],
          retryAdvice: 'NONE',
          actor: { type: 'HUMAN', id: 'mia', justification: `${LONG_REASON} (CASE-9)` },
          multipleFaces: true,
          retrieval: { callsUsed: 1 },
        },
      ]);
      const [before, after] = bodiesOf('killed');
      expect([after?.comparisons, after?.liveness, after?.vendor]).toEqual([before?.comparisons, before?.liveness, before?.vendor]);
      const records = audits.seen.filter(({ key }) => key === idOf('killed'));
      expect(new Set(records.map(({ ceId }) => ceId)).size).toBe(1);
      expect(records[0]?.headers?.['ce_type']?.toString()).toBe(DECISION_AUDIT_TYPE);
      expect(parseDecisionAudit(JSON.parse(records[0]?.value ?? ''))).toMatchObject({
        ok: true,
        value: { action: 'DECIDE', reviewer: 'mia' },
      });
      expect(await readsOf('killed')).toBe(1);
    },
  );

  it('stands against a reset of every run, and a replay by a stricter policy, which all tell it again', { timeout: 90_000 }, async () => {
    const workflowId = workflowIdOf(idOf('killed'));
    const [, decided] = bodiesOf('killed');
    const runIds: string[] = [];
    for await (const { runId } of client.workflow.list({ query: `WorkflowId = '${workflowId}'` })) runIds.push(runId);
    expect(runIds).toHaveLength(2);
    for (const runId of runIds) {
      const handle = await resetToItsBeginning(workflowId, runId);
      expect(await handle.result()).toMatchObject({ outcome: decided });
      const { searchAttributes } = await handle.describe();
      expect([searchAttributes['VfOutcome'], searchAttributes['VfReason']]).toEqual([['PASSED'], ['MANUAL_APPROVED']]);
    }
    const replay = ['replay', 'run', idOf('killed'), '--required-far', '1e-6', '--reason', 'stricter', '--operator', 'jane'];
    const replayed = await cli(...replay, '--journal', join(folder, 'replay.ndjson'), '--wait');
    expect(replayed).toMatchObject({ code: 0 });
    expect(replayed.out).toContain(`${idOf('killed')}.r2  PASSED MANUAL_APPROVED by mia`);
    expect(bodiesOf('killed')).toHaveLength(2);
    expect(await readsOf('killed')).toBe(1);
  });

  it('is told in the timeline: who, why, and upon what', { timeout: 30_000 }, async () => {
    const { out } = await cli('show', idOf('killed'));
    const told = ['decision by hand', 'approved by hand by mia', 'upon revision 1', LONG_REASON, 'CASE-9', 'replayed by jane'];
    for (const line of told) expect(out).toContain(line);
    expect(out).toMatch(/^Why: +a person looked at it and approved it; .*result_ref1/m);
  });

  it.concurrent('of two people at once is the first one’s, and the other is told', { timeout: 60_000 }, async () => {
    const of = (verdict: string, reviewer: string): Promise<CliRun> => {
      const why = [verdict, '--reviewer', reviewer, '--reason', 'looked at it', '--journal', join(folder, reviewer)];
      return decide([idOf('raced'), ...why]).done;
    };
    const [mia, joe] = await Promise.all([of('--approve', 'mia'), of('--reject', 'joe')]);
    expect([mia.code, joe.code].toSorted((one, other) => Number(one) - Number(other))).toEqual([0, 1]);
    const [winner, loser] = mia.code === 0 ? ['mia', joe] : ['joe', mia];
    const told = `${loser.out}${loser.err}`;
    expect(told).toMatch(/still running|has decided it by hand|which stands: your decision changed nothing/);
    await untilSeen('raced', 2);
    expect(bodiesOf('raced')).toMatchObject([{ revision: 1 }, { revision: 2, actor: { id: winner } }]);
    expect(bodiesOf('raced')).toHaveLength(2);
  });

  it.concurrent('for many of a file, again, and in the place of another one', { timeout: 90_000 }, async () => {
    const file = join(folder, 'reviewed');
    writeFileSync(file, `${idOf('first')}\n${idOf('second')}\n`);
    const many = ['--file', file, '--reject', '--reviewer', 'mia', '--reason', 'a mask', '--yes'];
    for (const [time, journal] of ['once', 'again'].entries()) {
      const ran = await cli('decide', ...many, '--journal', join(folder, journal));
      expect(ran).toMatchObject({ code: 0 });
      for (const name of ['first', 'second'] as const) {
        await untilSeen(name, time + 2);
        expect(bodiesOf(name)).toMatchObject([{ revision: 1 }, { revision: 2, outcome: 'FAILED', actor: { id: 'mia' } }]);
      }
    }
    const other = ['--approve', '--reviewer', 'joe', '--reason', 'no mask, a beard'];
    const refused = await cli('decide', idOf('first'), ...other, '--journal', join(folder, 'refused'));
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.err).toContain('mia has decided it by hand: FAILED MANUAL_REJECTED');
    const overridden = await cli('decide', idOf('first'), ...other, '--override', '--revision', '2', '--journal', join(folder, 'override'));
    expect(overridden).toMatchObject({ code: 0 });
    await untilSeen('first', 4);
    expect(bodiesOf('first').at(-1)).toMatchObject({
      revision: 3,
      outcome: 'PASSED',
      supersedes: `${idOf('first')}.r2`,
      actor: { id: 'joe' },
    });
    for (const name of ['first', 'second', 'raced'] as const) expect(await readsOf(name)).toBe(1);
  });

  it.concurrent('is refused for what runs', { timeout: 30_000 }, async () => {
    const ran = await cli(
      'decide',
      idOf('running'),
      '--approve',
      '--override',
      '--reviewer',
      'mia',
      '--reason',
      'x',
      '--journal',
      join(folder, 'no'),
    );
    expect(ran).toMatchObject({ code: 1 });
    expect(ran.err).toContain('it is still running');
    expect(seenOf('running')).toEqual([]);
  });
});
