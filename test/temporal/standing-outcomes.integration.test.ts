import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOME_GONE, type VerificationInput } from '../../src/contracts/workflow.ts';
import { grantedRevisionWorkflowId, workflowIdOf } from '../../src/domain/ids.ts';
import { type AwayRig, HINTED_POLICY } from '../support/away-rig.ts';
import { startOwnServerRig } from '../support/own-server-rig.ts';
import { until } from '../support/until.ts';

describe('an outcome stands', () => {
  let rig: AwayRig;
  beforeAll(async () => {
    // A deletion waits for the next checkpoint of two task queues, by default every 30 s each.
    rig = await startOwnServerRig({
      'history.transferProcessorUpdateAckInterval': '"1s"',
      'history.visibilityProcessorUpdateAckInterval': '"1s"',
    });
  });
  afterAll(() => rig.stop());

  it('as an operator decided it again, whichever run is reset, until another order', async () => {
    const { input, runId: home } = await rig.admit('ready-tie');
    expect((await rig.result(input, home)).outcome).toMatchObject({ outcome: 'PASSED', revision: 1 });
    const replay = { homeRunId: home, operator: 'jane', reason: 'stricter from now on', requestedAt: input.admittedAt };
    const stricter = { ...input, policy: { ...input.policy, requiredFar: '1e-6' }, replay } as const;
    const replayed = await rig.startByCli(stricter);
    const { outcome: decided } = await rig.result(input, replayed);
    expect(decided).toMatchObject({ outcome: 'FAILED', revision: 2, actor: { type: 'OPERATOR', id: 'jane' } });

    for (const runId of [home, replayed]) {
      const reset = await rig.resetByCli(input, { runId });
      expect((await rig.result(input, reset)).outcome).toEqual(decided);
    }
    const byHand = await rig.startByCli(input);
    expect((await rig.result(input, byHand)).outcome).toEqual(decided);
    expect(new Set(rig.emissions(input)).size).toBe(2);

    const later = { ...replay, reason: 'as before', requestedAt: new Date(Date.parse(input.admittedAt) + 1).toISOString() };
    const back = await rig.startByCli({ ...input, replay: later });
    expect((await rig.result(input, back)).outcome).toMatchObject({
      outcome: 'PASSED',
      revision: 3,
      supersedes: `${input.verificationId}.r2`,
    });
    const behind = { ...replay, reason: 'by a clock that is behind', after: later.requestedAt };
    const again = await rig.startByCli({ ...stricter, replay: behind });
    expect((await rig.result(input, again)).outcome).toMatchObject({ outcome: 'FAILED', revision: 4 });
    expect(await rig.reads(input)).toBe(1);
  });

  it(
    'when the run of ingress is gone: a run that knows nothing fails visibly instead of saying EXPIRED',
    { timeout: 120_000 },
    async () => {
      const { input, runId: home } = await rig.admit('ready-pass', { policy: { ...HINTED_POLICY, windowMs: 5_000 } });
      await rig.result(input, home);
      const replay = { homeRunId: home, operator: 'jane', reason: 'lost its store', requestedAt: input.admittedAt };
      const replayed = await rig.startByCli({ ...input, replay });
      expect((await rig.result(input, replayed)).outcome).toMatchObject({ outcome: 'PASSED', revision: 1 });
      await forget(input, home);
      await sleep(Math.max(0, Date.parse(input.deadlineAt) - Date.now() + 50));

      const runs = [await rig.resetByCli(input, { runId: replayed })];
      await ended(input, runs[0]);
      runs.push(await rig.startByCli(input));
      await ended(input, runs[1]);
      for (const runId of runs) {
        const run = await rig.handleOf(input, runId).describe();
        expect(run.status.name).toBe('FAILED');
        expect(run.searchAttributes['VfOutcome'] ?? []).toEqual([]);
        await expect(rig.result(input, runId)).rejects.toMatchObject({ cause: { type: HOME_GONE } });
      }
      expect(rig.emissions(input)).toHaveLength(2);
      expect(new Set(rig.emissions(input)).size).toBe(1);
      const revision = rig.link.client.workflow.getHandle(grantedRevisionWorkflowId(input.verificationId, 2));
      await expect(revision.describe()).rejects.toMatchObject({ name: 'WorkflowNotFoundError' });
      expect(await rig.reads(input)).toBe(1);
    },
  );

  /** As the retention of the namespace does it in the end. */
  async function forget(input: VerificationInput, runId: string): Promise<void> {
    const { client, namespace } = rig.link;
    const workflowExecution = { workflowId: workflowIdOf(input.verificationId), runId };
    await client.workflowService.deleteWorkflowExecution({ namespace, workflowExecution });
    const isForgotten = async (): Promise<boolean> =>
      await rig
        .handleOf(input, runId)
        .fetchHistory()
        .then(
          () => false,
          () => true,
        );
    // The server deletes in its own time: after the run's visibility record, and later when it is busy.
    await until(isForgotten, { timeoutMs: 60_000, what: 'the deleted history' });
  }

  const ended = (input: VerificationInput, runId: string | undefined) =>
    until(async () => (await rig.handleOf(input, runId).describe()).status.name !== 'RUNNING', {
      timeoutMs: 60_000,
      what: 'the end of the run',
    });
});
