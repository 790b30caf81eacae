import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verificationIdOf } from '../../src/contracts/wire/token-identity.ts';
import { defined } from '../../src/domain/defined.ts';
import { grantedReadWorkflowId, outcomeEventId, workflowIdOf } from '../../src/domain/ids.ts';
import { mintToken } from '../../src/emulator/mint-token.ts';
import { type AwayRig, startAwayRig } from '../support/away-rig.ts';
import { until } from '../support/until.ts';

describe.concurrent('a verification that an operator resets', () => {
  let rig: AwayRig;
  beforeAll(async () => {
    rig = await startAwayRig();
  });
  afterAll(() => rig.stop());

  it('finds the verdict already paid for and emits the same bytes again', async () => {
    const { input, runId } = await rig.admit('ready-pass');
    await rig.result(input, runId);
    const again = await rig.resetByCli(input, { runId });
    const { outcome } = await rig.result(input, again);
    expect(outcome).toMatchObject({ outcome: 'PASSED', revision: 1, correlation: { runId } });
    expect(new Set(rig.emissions(input))).toHaveLength(1);
    expect(rig.emissions(input)).toHaveLength(2);
    expect(await rig.reads(input)).toBe(1);
  });

  it('spends what is left after a reset, of a reset and of the old run, and never a fourth read', async () => {
    const { input, runId: home } = await rig.admit('processing-9');
    await rig.untilEvent(input, 'timerStarted');
    const first = await rig.resetByCli(input, { runId: home });
    await rig.untilEvent(input, 'timerStarted', first);
    expect(await rig.reads(input)).toBe(1);
    await rig.hint(input);
    await until(async () => (await rig.reads(input)) === 2, { timeoutMs: 20_000, what: 'the granted second read' });
    await rig.untilEvent(input, 'activityTaskCompleted', first);
    // A reset applies the signals of the run again: the hint, too, which now asks for the third read.
    const second = await rig.resetByCli(input, { runId: first });
    const { outcome } = await rig.result(input, second);
    expect(outcome).toMatchObject({ outcome: 'EXPIRED', revision: 1, retrieval: { callsUsed: 3 } });
    expect(outcome.reasons[0]?.code).toBe('QUOTA_EXHAUSTED');

    // From the old run no pointer leads to the runs between: only the grants know of their reads.
    const orphaning = await rig.resetByCli(input, { runId: home });
    expect((await rig.result(input, orphaning)).outcome).toEqual(outcome);
    expect(new Set(rig.emissions(input))).toHaveLength(1);
    expect(await rig.reads(input)).toBe(3);
    const granted = await rig.link.client.workflow.getHandle(grantedReadWorkflowId(input.verificationId, 3)).result();
    expect(granted).toMatchObject({ granted: expect.stringContaining('read 3 of 3, granted to run '), by: { runId: second } });
  });

  it.each(['before', 'after'])('counts a read in flight when reset to a point %s its schedule', async (point) => {
    const { input, runId } = await rig.admit('slow-3000');
    await until(async () => (await rig.reads(input)) === 1, { timeoutMs: 20_000, what: 'the read in flight' });
    let eventId: string | undefined;
    if (point === 'after') {
      await rig.handleOf(input).signal('nothing', {});
      eventId = await until(async () => await lastTaskId(rig, { input, runId }), { timeoutMs: 10_000, what: 'a later task' });
    }
    const again = await rig.resetByCli(input, { runId, ...defined({ eventId }) });
    await rig.untilEvent(input, 'timerStarted', again);
    expect(await rig.reads(input)).toBe(1);
    await rig.hint(input);
    const { outcome } = await rig.result(input, again);
    expect(outcome).toMatchObject({ outcome: 'PASSED', revision: 1, retrieval: { callsUsed: 2, callsUncertain: 1 } });
    expect(await rig.reads(input)).toBe(2);
  });

  it('finds the verdict of a finished run when reset to a point in the middle of its read', async () => {
    const { input, runId } = await rig.admit('slow-1500');
    await until(async () => (await rig.reads(input)) === 1, { timeoutMs: 20_000, what: 'the read in flight' });
    await rig.handleOf(input).signal('nothing', {});
    const eventId = await until(async () => await lastTaskId(rig, { input, runId }), { timeoutMs: 10_000, what: 'a later task' });
    await rig.result(input, runId);
    const again = await rig.resetByCli(input, { runId, eventId });
    // The copied dispatch is refused; when the next read is due, the ledger knows better than to make it.
    await rig.untilEvent(input, 'activityTaskCompleted', again);
    await rig.hint(input);
    expect((await rig.result(input, again)).outcome).toMatchObject({ outcome: 'PASSED', revision: 1, correlation: { runId } });
    expect(new Set(rig.emissions(input))).toHaveLength(1);
    expect(await rig.reads(input)).toBe(1);
  });

  it('keeps what a reset point after the read still knows, and reads on with a grant', async () => {
    const { input, runId } = await rig.admit('processing-1');
    await rig.untilEvent(input, 'timerStarted');
    const eventId = await until(async () => await lastTaskId(rig, { input, runId }), { timeoutMs: 10_000, what: 'a task after the first' });
    const again = await rig.resetByCli(input, { runId, eventId });
    await rig.hint(input);
    expect((await rig.result(input, again)).outcome).toMatchObject({ outcome: 'PASSED', retrieval: { callsUsed: 2, callsUncertain: 0 } });
    expect(await rig.reads(input)).toBe(2);
    const granted = await rig.link.client.workflow.getHandle(grantedReadWorkflowId(input.verificationId, 2)).result();
    expect(granted).toMatchObject({ by: { runId: again } });
  });

  it.each(['not taken yet', 'taken'])(
    'emits the same bytes when reset to a point in the middle of its emission, which Kafka has %s',
    async (state) => {
      const token = mintToken({ scenario: 'slow-300' });
      rig.unreachable.add(verificationIdOf(token));
      const { input, runId } = await rig.admit('slow-300', { token });
      await until(async () => (await pendingTypes(rig, input)).includes('emitOutcome'), {
        timeoutMs: 20_000,
        what: 'the emission in flight',
      });
      const before = await lastTaskId(rig, { input, runId });
      await rig.handleOf(input).signal('nothing', {});
      const eventId = await until(
        async () => {
          const last = await lastTaskId(rig, { input, runId });
          return last === before ? undefined : last;
        },
        { timeoutMs: 10_000, what: 'a later task' },
      );
      if (state === 'taken') {
        rig.unreachable.delete(input.verificationId);
        await rig.result(input, runId);
      }
      const again = await rig.resetByCli(input, { runId, eventId });
      rig.unreachable.delete(input.verificationId);
      expect((await rig.result(input, again)).outcome).toMatchObject({ outcome: 'PASSED', revision: 1 });
      expect(rig.emissions(input)).toHaveLength(state === 'taken' ? 2 : 1);
      expect(new Set(rig.emissions(input))).toHaveLength(1);
      expect(await rig.reads(input)).toBe(1);
    },
  );

  it.each(['reset', 'terminated and started by hand'])(
    'leaves revision 1 to a home run that was %s in the midst of the task that published: nobody knows what it said',
    async (how) => {
      const { input, runId } = await rig.admit('slow-500');
      const ended = new Promise<string | undefined>((resolve) => {
        rig.whilePublishing.set(input.verificationId, async () => {
          if (how === 'reset') resolve(await rig.resetByCli(input, { runId }));
          else {
            await rig.handleOf(input, runId).terminate('in the midst');
            resolve(undefined);
          }
        });
      });
      const again = (await ended) ?? (await rig.startByCli(input));
      const { outcome } = await rig.result(input, again);
      expect(outcome).toMatchObject({ outcome: 'PASSED', revision: 2, supersedes: outcomeEventId(input.verificationId, 1) });
      expect(rig.emissions(input).map((text) => JSON.parse(text).revision)).toEqual([1, 2]);
      expect(await rig.reads(input)).toBe(1);
    },
  );

  it('holds under twelve resets over raw gRPC, whatever they reset', { timeout: 120_000 }, async () => {
    const { input, runId: home } = await rig.admit('reset');
    const runIds = [home];
    await rig.untilEvent(input, 'timerStarted');
    const { events } = await rig.handleOf(input, home).fetchHistory();
    const firstTask = events?.find((event) => event.workflowTaskCompletedEventAttributes)?.eventId ?? null;
    for (let reset = 0; reset < 12; reset += 1) {
      const base = runIds[reset % 3 === 0 ? 0 : runIds.length - 1] ?? home;
      const answer = await rig.link.client.workflowService.resetWorkflowExecution({
        namespace: rig.link.namespace,
        workflowExecution: { workflowId: workflowIdOf(input.verificationId), runId: base },
        workflowTaskFinishEventId: firstTask,
        reason: 'storm',
        requestId: randomUUID(),
      });
      runIds.push(answer.runId);
      // Half of them are reset again while they still ask.
      if (reset % 2 === 0) {
        await rig.hint(input).catch(() => undefined); // it may have ended already
        const settled = ['timerStarted', 'workflowExecutionCompleted'];
        await Promise.any(settled.map((type) => rig.untilEvent(input, type, answer.runId)));
      }
    }
    const { outcome } = await rig.result(input);
    expect(outcome.retrieval.callsUsed).toBe(3);
    expect(await rig.reads(input)).toBeLessThanOrEqual(3);
    expect(distinctPerRevision(rig.emissions(input))).toBe(true);
  });
});

async function pendingTypes(rig: AwayRig, input: Parameters<AwayRig['reads']>[0]): Promise<unknown[]> {
  const { raw } = await rig.handleOf(input).describe();
  return (raw.pendingActivities ?? []).map(({ activityType }) => activityType?.name);
}

async function lastTaskId(rig: AwayRig, { input, runId }: { input: Parameters<AwayRig['reads']>[0]; runId: string }) {
  const { events } = await rig.handleOf(input, runId).fetchHistory();
  const tasks = (events ?? []).filter((event) => event.workflowTaskCompletedEventAttributes);
  return tasks.length < 2 ? undefined : String(tasks.at(-1)?.eventId);
}

function distinctPerRevision(emissions: readonly string[]): boolean {
  const bodies = new Map<unknown, Set<string>>();
  for (const text of emissions) {
    const { revision }: { revision: number } = JSON.parse(text);
    bodies.set(revision, (bodies.get(revision) ?? new Set()).add(text));
  }
  return [...bodies.values()].every(({ size }) => size === 1);
}
