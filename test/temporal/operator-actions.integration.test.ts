import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { VerificationInput } from '../../src/contracts/workflow.ts';
import { workflowIdOf } from '../../src/domain/ids.ts';
import type { PlanLine } from '../../src/operator/replay/plan-line.ts';
import { planReplay } from '../../src/operator/replay/plan.ts';
import { createHistoryLedger } from '../../src/temporal/history/ledger.ts';
import { createHistorySource } from '../../src/temporal/history/source.ts';
import { createReplayCases } from '../../src/temporal/replays.ts';
import { type AwayRig, HINTED_POLICY } from '../support/away-rig.ts';
import { startOwnServerRig } from '../support/own-server-rig.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { until } from '../support/until.ts';

describe('what an operator can do to a running verification', () => {
  let rig: AwayRig;
  beforeAll(async () => {
    // Pausing workflows is off by default.
    rig = await startOwnServerRig({ 'frontend.WorkflowPauseEnabled': 'true' });
  });
  afterAll(() => rig.stop());

  const idOf = (input: VerificationInput): string => workflowIdOf(input.verificationId);
  const workflow = (verb: string, input: VerificationInput): Promise<string> =>
    rig.cli('workflow', verb, '--workflow-id', idOf(input), '--reason', 'test');

  async function readInFlight(input: VerificationInput): Promise<string> {
    return await until(
      async () => {
        const { raw } = await rig.handleOf(input).describe();
        // Started, not only scheduled: the vendor has been asked.
        return raw.pendingActivities?.find(({ activityType, lastStartedTime }) => activityType?.name === 'getResult' && lastStartedTime)
          ?.activityId;
      },
      { timeoutMs: 20_000, what: 'a read in flight' },
    );
  }

  function activity(
    verb: string,
    { input, activityId }: { input: VerificationInput; activityId: string },
    ...more: string[]
  ): Promise<string> {
    return rig.cli('activity', verb, '--workflow-id', idOf(input), '--activity-id', activityId, ...more);
  }

  async function replayPlan({ verificationId }: VerificationInput): Promise<PlanLine> {
    const { client } = rig.link;
    const ledger = createHistoryLedger({ source: createHistorySource({ client }), logger: silentLogger });
    const known = await createReplayCases({ client, ledger }).load(verificationId);
    return planReplay(known, { verificationId, asked: {}, nowMs: Date.now() });
  }

  // These five only wait most of the time: side by side.
  it.concurrent.each([
    ['waits', 'processing-9', 'EXPIRED'],
    ['reads', 'slow-1500', 'PASSED'],
  ])('a workflow paused while it %s, past its deadline, ends right once it goes on', async (_what, scenario, outcome) => {
    const { input } = await rig.admit(scenario, { policy: { ...HINTED_POLICY, windowMs: 4_000 } });
    if (scenario === 'processing-9') await rig.untilEvent(input, 'timerStarted');
    else await readInFlight(input);
    await workflow('pause', input);
    await sleep(Math.max(0, Date.parse(input.deadlineAt) - Date.now() + 500));
    await workflow('unpause', input);
    expect((await rig.result(input)).outcome).toMatchObject({ outcome, revision: 1 });
    expect(await rig.reads(input)).toBe(1);
  });

  it.concurrent.each([false, true])(
    'a read given more attempts that times out is refused when dispatched again (also reset: %s)',
    async (reset) => {
      const { input } = await rig.admit('slow-3000');
      const activityId = await readInFlight(input);
      // A reset is for the back-off after the time-out, which must outlast the start of the CLI.
      const interval = reset ? '15s' : '1s';
      const options = ['--retry-maximum-attempts', '9', '--start-to-close-timeout', '1s', '--retry-initial-interval', interval];
      await activity('update-options', { input, activityId }, ...options);
      if (reset) {
        await until(async () => (await attemptOf(input)) > 1, { timeoutMs: 20_000, everyMs: 20, what: 'the back-off' });
        await activity('reset', { input, activityId });
      }
      await rig.untilEvent(input, 'timerStarted');
      expect(await rig.reads(input)).toBe(1);
      await rig.hint(input);
      expect((await rig.result(input)).outcome).toMatchObject({ outcome: 'PASSED', retrieval: { callsUncertain: 1 } });
      expect(await rig.reads(input)).toBe(2);
    },
  );

  it.concurrent('a read paused before its repetition, past the deadline, holds its verification until it is unpaused', async () => {
    const { input } = await rig.admit('slow-3000', { policy: { ...HINTED_POLICY, windowMs: 8_000 } });
    const activityId = await readInFlight(input);
    const options = ['--retry-maximum-attempts', '9', '--start-to-close-timeout', '1s', '--retry-initial-interval', '15s'];
    await activity('update-options', { input, activityId }, ...options);
    await until(async () => (await attemptOf(input)) > 1, { timeoutMs: 20_000, everyMs: 20, what: 'the back-off' });
    await activity('pause', { input, activityId }, '--reason', 'test');
    await sleep(Math.max(0, Date.parse(input.deadlineAt) - Date.now() + 500));
    expect((await rig.handleOf(input).describe()).status.name).toBe('RUNNING');
    await activity('unpause', { input, activityId });
    expect((await rig.result(input)).outcome).toMatchObject({ outcome: 'ERROR', revision: 1, retrieval: { callsUncertain: 1 } });
    expect(await rig.reads(input)).toBe(1);
  });

  async function attemptOf(input: VerificationInput): Promise<number> {
    const { raw } = await rig.handleOf(input).describe();
    return raw.pendingActivities?.[0]?.attempt ?? 0;
  }

  it('a workflow paused and hinted goes on with one read more; a replay of it is refused meanwhile', async () => {
    const { input } = await rig.admit('processing-1');
    await rig.untilEvent(input, 'timerStarted');
    await workflow('pause', input);
    await rig.hint(input);
    expect((await rig.handleOf(input).describe()).status.name).toBe('PAUSED');
    expect(await replayPlan(input)).toEqual({ verificationId: input.verificationId, action: 'REFUSE', code: 'STILL_RUNNING' });
    await workflow('unpause', input);
    expect((await rig.result(input)).outcome).toMatchObject({ outcome: 'PASSED', revision: 1 });
    expect(await rig.reads(input)).toBe(2);
  });

  it('a cancelled verification emits what it knows and reads nothing more', async () => {
    const { input } = await rig.admit('processing-9');
    await rig.untilEvent(input, 'timerStarted');
    await rig.cli('workflow', 'cancel', '--workflow-id', idOf(input));
    expect((await rig.result(input)).outcome).toMatchObject({ outcome: 'ERROR', reasons: [{ code: 'CANCELLED_BY_OPERATOR' }] });
    expect(await rig.reads(input)).toBe(1);
  });

  it('a read that was paused and let go in mid-call is one read, and its answer counts', async () => {
    const { input } = await rig.admit('slow-1500');
    const activityId = await readInFlight(input);
    await activity('pause', { input, activityId }, '--reason', 'test');
    await activity('unpause', { input, activityId });
    expect((await rig.result(input)).outcome).toMatchObject({ outcome: 'PASSED', retrieval: { callsUsed: 1 } });
    expect(await rig.reads(input)).toBe(1);
  });

  it('a read started by hand, outside any workflow, is withheld', async () => {
    const { input } = await rig.admit('ready-pass');
    await rig.result(input);
    const { events } = await rig.handleOf(input).fetchHistory();
    const read = events?.find((event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'getResult');
    const order = Buffer.from(read?.activityTaskScheduledEventAttributes?.input?.payloads?.[0]?.data ?? []).toString();
    const which = ['--activity-id', `by-hand-${randomUUID()}`];
    const what = ['--type', 'getResult', '--task-queue', rig.taskQueue, '--start-to-close-timeout', '10s'];
    await rig.cli('activity', 'start', ...which, ...what, '--input', order);
    const answer = await rig.cli('activity', 'result', ...which, '--output', 'json');
    expect(answer).toMatch(/"WITHHELD"/);
    expect(answer).toMatch(/"NOT_IN_WORKFLOW"/);
    expect(await rig.reads(input)).toBe(1);
  });

  it('a batch reset of finished verifications repeats their outcomes and reads nothing', async () => {
    const admitted = await Promise.all([0, 1, 2].map(() => rig.admit('ready-pass')));
    await Promise.all(admitted.map(({ input }) => rig.result(input)));
    const query = admitted.map(({ input }) => `WorkflowId = '${idOf(input)}'`).join(' OR ');
    // Visibility must know them first, or the batch is empty.
    await until(async () => (await rig.link.client.workflow.count(query)).count === 3, { timeoutMs: 10_000, what: 'visibility' });
    await rig.cli('workflow', 'reset', '--query', query, '--type', 'FirstWorkflowTask', '--reason', 'test', '--yes');
    for (const { input, runId } of admitted) {
      await until(async () => (await rig.handleOf(input).describe()).runId !== runId, { timeoutMs: 30_000, what: 'the reset run' });
      expect((await rig.result(input)).outcome).toMatchObject({ outcome: 'PASSED', revision: 1, correlation: { runId } });
      expect(new Set(rig.emissions(input))).toHaveLength(1);
      expect(await rig.reads(input)).toBe(1);
    }
  });
});
