import { appendFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseReplayAudit } from '../../src/contracts/wire/replay-audit.ts';
import { readEmulatorLog } from '../../src/emulator/log-reader.ts';
import type { PlanLine } from '../../src/operator/replay/plan-line.ts';
import { cliHere } from '../support/cli-here.ts';
import { type CliRun, startCli } from '../support/cli-process.ts';
import { watchTopic } from '../support/pipeline.ts';
import { killAllProcesses } from '../support/process.ts';
import { until } from '../support/until.ts';
import { finishedPopulation, type FinishedPopulation, windowOf } from './finished-population.ts';
import { type Member, oracle } from './population.ts';

const COUNT = Number(process.env['VERDICTFLOW_REPLAY_POPULATION'] ?? '60');
const UNKNOWN_ID = 'a'.repeat(26);

let population: FinishedPopulation;
let close = async (): Promise<void> => await Promise.resolve();
let plan: ReadonlyMap<string, PlanLine>;
let readsBefore: ReadonlyMap<string, number>;
const folder = mkdtempSync(join(tmpdir(), 'verdictflow-replay-'));
const ids = join(folder, 'ids');

async function cli(args: readonly string[]): Promise<CliRun> {
  return await cliHere(args, population.run.env);
}

function jsonLines(text: string): PlanLine[] {
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

beforeAll(
  async () => {
    population = await finishedPopulation(COUNT);
    close = population.close;
    writeFileSync(ids, `${population.members.map(({ verificationId }) => verificationId).join('\n')}\n${UNKNOWN_ID}\n`);
  },
  windowOf(COUNT).windowMs + 120_000,
);

afterAll(async () => {
  killAllProcesses();
  await close();
});

describe('replay', () => {
  it('plans each verification as the vendor’s log and the scenario demand, and starts nothing', async () => {
    readsBefore = await population.readsNow();
    const planAtMs = Date.now();
    const ran = await cli(['replay', 'plan', '--file', ids, '--json']);
    const lines = jsonLines(ran.out);
    process.stdout.write(`replay: planned in ${((Date.now() - planAtMs) / COUNT).toFixed(1)} ms a verification, ${COUNT} of them\n`);
    expect(ran).toMatchObject({ code: 0, err: '' });
    plan = new Map(lines.slice(0, -1).map((line) => [line.verificationId, line]));
    const said = population.members.map(({ verificationId, scenario, age, meddling }) => {
      const line = plan.get(verificationId);
      return [scenario, age, meddling, line?.action, line?.reads?.atMost ?? 0];
    });
    const demanded = population.members.map((member) => {
      const { action, atMost } = oracle(member, {
        open: population.open.has(member.verificationId),
        reads: readsBefore.get(member.verificationId) ?? 0,
        planAtMs,
        windowMs: population.windowMs,
      });
      return [member.scenario, member.age, member.meddling, action, atMost];
    });
    expect(said).toEqual(demanded);
    expect(plan.get(UNKNOWN_ID)).toMatchObject({ action: 'REFUSE', code: 'NOT_FOUND' });
    expect(new Set(lines.map(({ action }) => action))).toEqual(new Set(['RE_EMIT', 'RE_DECIDE', 'READ', 'REFUSE', undefined]));
    const idle = population.members.filter(({ verificationId }) => !population.open.has(verificationId));
    const readsAfter = await population.readsNow();
    expect(idle.filter(({ verificationId }) => readsAfter.get(verificationId) !== readsBefore.get(verificationId))).toEqual([]);
  });

  it('runs exactly that, interrupted and resumed: no read where the plan says none, never a fourth, the same bytes again', async () => {
    const journal = join(folder, 'run.ndjson');
    const before = structuredClone(
      [...population.run.outcomes()].map(([id, seen]) => [id, seen.map(({ ceId, value }) => ({ ceId, value }))] as const),
    );
    const audits = await watchTopic(population.run.env['VF_KAFKA_BROKERS'] ?? '', population.run.env['VF_KAFKA_AUDIT_TOPIC'] ?? '');
    const why = ['--operator', 'jane', '--reason', 'the vendor is back', '--ticket', 'INC-7', '--journal', journal, '--yes'];
    await interrupted(['replay', 'run', '--file', ids, ...why, '--rate', '10'], { journal, signal: 'SIGINT', after: 4 });
    await interrupted(['replay', 'run', ...why, '--rate', '10'], { journal, signal: 'SIGKILL', after: 8 });
    appendFileSync(journal, '{"kind":"STA');
    const startedAtMs = Date.now();
    const ran = await cli(['replay', 'run', '--journal', journal, '--yes', '--rate', '500', '--wait', '--json']);
    expect(ran).toMatchObject({ code: 0 });

    const executed = population.members.filter(({ verificationId }) => plan.get(verificationId)?.action !== 'REFUSE');
    process.stdout.write(
      `replay: run in ${((Date.now() - startedAtMs) / executed.length).toFixed(1)} ms a verification, outcomes included\n`,
    );
    await until(() => new Set(audits.seen.map(({ key }) => key)).size === executed.length, {
      timeoutMs: 30_000,
      what: 'an audit record each',
    });
    await expectReads(executed);
    await expectOutcomes(new Map(before), executed);
    await expectAudits(audits.seen, executed);
    await audits.stop();
    await reportDurations(executed);
  });

  it('decides the same reads again under another policy, as the next revision and without a read', async () => {
    const boundary = population.members.filter(({ scenario }) => scenario === 'ready-boundary');
    const readsOfThem = async (): Promise<unknown> => {
      const reads = await population.readsNow();
      return boundary.map(({ verificationId }) => reads.get(verificationId));
    };
    const before = await readsOfThem();
    const args = boundary.map(({ verificationId }) => verificationId);
    const journal = join(folder, 'far.ndjson');
    const ran = await cli([
      'replay',
      'run',
      ...args,
      '--required-far',
      '1e-3',
      '--operator',
      'jane',
      '--reason',
      'policy',
      '--journal',
      journal,
      '--yes',
      '--wait',
    ]);
    expect(ran).toMatchObject({ code: 0 });
    expect(ran.out).toContain(`${boundary.length} RE_DECIDE`);
    for (const { verificationId } of boundary) {
      const latest = await until(
        () =>
          population.run
            .outcomes()
            .get(verificationId)
            ?.find(({ ceId }) => ceId.endsWith('.r2')),
        { timeoutMs: 20_000, what: 'revision 2' },
      );
      expect(JSON.parse(latest.value)).toMatchObject({
        outcome: 'PASSED',
        revision: 2,
        supersedes: `${verificationId}.r1`,
        policy: { requiredFar: '1e-3' },
      });
    }
    const again = await cli(['replay', 'plan', ...args, '--json']);
    expect(
      jsonLines(again.out)
        .slice(0, -1)
        .map(({ action, present }) => [action, present?.outcome]),
    ).toEqual(boundary.map(() => ['RE_EMIT', 'PASSED']));
    expect(await readsOfThem()).toEqual(before);
  });
});

/** Starts the command and stops it in the middle, after so many more replays were started. */
async function interrupted(
  args: readonly string[],
  { journal, signal, after }: { journal: string; signal: NodeJS.Signals; after: number },
): Promise<void> {
  const process = startCli(args, population.run.env);
  await until(() => startedIn(journal) >= after, { timeoutMs: 60_000, everyMs: 20, what: `${after} replays are started` });
  process.kill(signal);
  const { code, err } = await process.done;
  if (signal === 'SIGINT') expect([code, err]).toEqual([1, expect.stringContaining('go on with')]);
}

function startedIn(journal: string): number {
  return readFileSync(journal, 'utf8').split('"kind":"STARTED"').length - 1;
}

async function expectReads(executed: readonly Member[]): Promise<void> {
  const log = await readEmulatorLog(population.run.logPath);
  expect(log.overQuota(3)).toEqual([]);
  expect(log.afterWindow(population.windowMs)).toEqual([]);
  const made = new Map([...(await population.readsNow())].map(([id, reads]) => [id, reads - (readsBefore.get(id) ?? 0)]));
  // Whoever still waited for the reserve when the plan was made may have read it since; it was refused, not replayed.
  const idle = population.members.filter(({ verificationId }) => !population.open.has(verificationId));
  const tooMany = idle.filter(({ verificationId }) => (made.get(verificationId) ?? 0) > (plan.get(verificationId)?.reads?.atMost ?? 0));
  expect(tooMany).toEqual([]);
  const reading = executed.filter(({ verificationId }) => plan.get(verificationId)?.action === 'READ');
  expect(reading.map(({ scenario, verificationId }) => [scenario, made.get(verificationId)])).toEqual(
    reading.map(({ scenario }) => [scenario, 1]),
  );
}

type Seen = { readonly ceId: string; readonly value: string };

async function expectOutcomes(before: ReadonlyMap<string, readonly Seen[]>, executed: readonly Member[]): Promise<void> {
  for (const { verificationId, scenario, age, meddling } of executed) {
    const old = before.get(verificationId) ?? [];
    const seen = await until(
      () =>
        population.run.outcomes().get(verificationId)?.length === old.length + 1
          ? population.run.outcomes().get(verificationId)
          : undefined,
      {
        timeoutMs: 30_000,
        what: `one more outcome of ${scenario} ${age} ${verificationId}, had ${old.length}`,
      },
    );
    const last = seen.at(-1);
    const event: { outcome: string; revision: number; supersedes?: string; actor: object } = JSON.parse(last?.value ?? '{}');
    if (plan.get(verificationId)?.action === 'RE_EMIT' || scenario === 'data-source-error') {
      expect({ ceId: last?.ceId, value: last?.value }).toEqual(old[0]);
      continue;
    }
    const expected = meddling === 'TERMINATE' && age === 'OLD' ? 'EXPIRED' : 'PASSED';
    const revision = old.length + 1;
    expect([scenario, event.outcome, event.revision, event.supersedes]).toEqual([
      scenario,
      expected,
      revision,
      revision === 1 ? undefined : `${verificationId}.r${revision - 1}`,
    ]);
    expect(event.actor).toEqual({ type: 'OPERATOR', id: 'jane', justification: 'the vendor is back (INC-7)' });
  }
}

async function expectAudits(seen: readonly { key: string; ceId: string; value: string }[], executed: readonly Member[]): Promise<void> {
  for (const { verificationId } of executed) {
    const records = seen.filter(({ key }) => key === verificationId);
    // At least once, but only one replay: every copy names the same run.
    expect(new Set(records.map(({ ceId }) => ceId)).size).toBe(1);
    const parsed = parseReplayAudit(JSON.parse(records[0]?.value ?? '{}'));
    expect(parsed).toMatchObject({ ok: true, value: { operator: 'jane', ticket: 'INC-7', action: plan.get(verificationId)?.action } });
  }
  const runs = await Promise.all(executed.map(async ({ verificationId }) => (await population.runsOf(verificationId)).length));
  expect(new Set(runs)).toEqual(new Set([2]));
}

async function reportDurations(executed: readonly Member[]): Promise<void> {
  const latest = await Promise.all(executed.map(async ({ verificationId }) => (await population.runsOf(verificationId))[0]));
  const took = latest
    .flatMap((one) => (one?.closeTime ? [one.closeTime.getTime() - one.startTime.getTime()] : []))
    .toSorted((a, b) => a - b);
  process.stdout.write(`replay: median ${took[Math.floor(took.length / 2)]} ms from start to outcome, longest ${took.at(-1)} ms\n`);
}
