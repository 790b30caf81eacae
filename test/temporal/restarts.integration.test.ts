import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verificationIdOf } from '../../src/contracts/wire/token-identity.ts';
import type { VerificationInput } from '../../src/contracts/workflow.ts';
import { workflowIdOf } from '../../src/domain/ids.ts';
import { mintToken } from '../../src/emulator/mint-token.ts';
import { type AwayRig, HINTED_POLICY, startAwayRig } from '../support/away-rig.ts';
import { until } from '../support/until.ts';

describe.concurrent('a verification that is started again', () => {
  let rig: AwayRig;
  beforeAll(async () => {
    rig = await startAwayRig();
  });
  afterAll(() => rig.stop());

  async function terminate(input: VerificationInput): Promise<void> {
    await rig.cli('workflow', 'terminate', '--workflow-id', workflowIdOf(input.verificationId), '--reason', 'test');
  }

  it('after a terminate knows the read that was made, and spends one that is left', async () => {
    const { input } = await rig.admit('processing-1');
    await rig.untilEvent(input, 'timerStarted');
    await terminate(input);
    const again = await rig.startByCli(input);
    await rig.untilEvent(input, 'timerStarted', again);
    expect(await rig.reads(input)).toBe(1);
    await rig.hint(input);
    expect((await rig.result(input, again)).outcome).toMatchObject({ outcome: 'PASSED', revision: 1, retrieval: { callsUsed: 2 } });
    expect(await rig.reads(input)).toBe(2);
    expect(rig.emissions(input)).toHaveLength(1);
  });

  it('after its completion repeats the same bytes, again and again, also when a restarted run is reset', async () => {
    const { input, runId } = await rig.admit('ready-fail-match');
    await rig.result(input, runId);
    const again = await rig.startByCli(input);
    await rig.result(input, again);
    const reset = await rig.resetByCli(input, { runId: again });
    expect((await rig.result(input, reset)).outcome).toMatchObject({ outcome: 'FAILED', revision: 1, correlation: { runId } });
    expect(new Set(rig.emissions(input))).toHaveLength(1);
    expect(rig.emissions(input)).toHaveLength(3);
    expect(await rig.reads(input)).toBe(1);
  });

  it('like this one, search attributes and all, shows no outcome while it waits, and emits another one as revision 2', async () => {
    const { input, runId } = await rig.admit('processing-1');
    await rig.untilEvent(input, 'timerStarted', runId);
    await rig.handleOf(input).cancel();
    await rig.result(input, runId);
    const again = await startLikeThis(input, runId);
    await rig.untilEvent(input, 'timerStarted', again);
    const { searchAttributes } = await rig.handleOf(input, again).describe();
    expect(searchAttributes).toMatchObject({ VfStage: ['WAITING'], VfCallsSpent: [1] });
    expect([searchAttributes['VfOutcome'] ?? [], searchAttributes['VfReason'] ?? []]).toEqual([[], []]);
    await rig.hint(input);
    expect((await rig.result(input, again)).outcome).toMatchObject({
      outcome: 'PASSED',
      revision: 2,
      supersedes: `${input.verificationId}.r1`,
      retrieval: { callsUsed: 2 },
    });
    expect(await rig.reads(input)).toBe(2);
  });

  /** What the button of the Temporal UI sends: input and search attributes as they ended, no memo, no identity. */
  async function startLikeThis(input: VerificationInput, runId: string): Promise<string> {
    const { raw } = await rig.handleOf(input, runId).describe();
    const { events } = await rig.handleOf(input, runId).fetchHistory();
    const started = await rig.link.client.workflowService.startWorkflowExecution({
      namespace: rig.link.namespace,
      workflowId: workflowIdOf(input.verificationId),
      workflowType: { name: 'resolveVerification' },
      taskQueue: { name: rig.taskQueue },
      input: events?.[0]?.workflowExecutionStartedEventAttributes?.input ?? null,
      searchAttributes: raw.workflowExecutionInfo?.searchAttributes ?? null,
      requestId: randomUUID(),
    });
    return started.runId;
  }

  it('past the deadline repeats PASSED byte for byte, and never says EXPIRED', async () => {
    const { input, runId } = await rig.admit('ready-pass', { policy: { ...HINTED_POLICY, windowMs: 3_000 } });
    await rig.result(input, runId);
    await sleep(Math.max(0, Date.parse(input.deadlineAt) - Date.now() + 50));
    const { outcome } = await rig.result(input, await rig.startByCli(input));
    expect(outcome.outcome).toBe('PASSED');
    expect(new Set(rig.emissions(input))).toHaveLength(1);
    expect(await rig.reads(input)).toBe(1);
    const seen = await rig.handleOf(input).describe();
    expect(seen.searchAttributes).toMatchObject({ VfOutcome: ['PASSED'] });
    expect(seen.searchAttributes['VfReason'] ?? []).toEqual([]);
  });

  it('emits what its home run was about to emit when it was terminated', async () => {
    const token = mintToken({ scenario: 'ready-pass' });
    rig.unreachable.add(verificationIdOf(token));
    const { input, runId } = await rig.admit('ready-pass', { token });
    await until(async () => (await emissionAttempts(input)) > 1, { timeoutMs: 20_000, what: 'a failed emission' });
    await terminate(input);
    rig.unreachable.delete(input.verificationId);
    const { outcome } = await rig.result(input, await rig.startByCli(input));
    expect(outcome).toMatchObject({ outcome: 'PASSED', revision: 1, correlation: { runId } });
    expect(new Set(rig.emissions(input))).toHaveLength(1);
    expect(await rig.reads(input)).toBe(1);
  });

  async function emissionAttempts(input: VerificationInput): Promise<number> {
    const { raw } = await rig.handleOf(input).describe();
    return raw.pendingActivities?.find(({ activityType }) => activityType?.name === 'emitOutcome')?.attempt ?? 0;
  }

  it('decides recorded answer again under another policy as revision 2, without a read', async () => {
    const { input, runId } = await rig.admit('ready-pass');
    const { outcome: first } = await rig.result(input, runId);
    const stricter = { ...input.policy, requiredFar: '1e-6' } as const;
    const replay = { homeRunId: runId, operator: 'jane', reason: 'stricter from now on', ticket: 'INC-7', requestedAt: input.admittedAt };
    const { outcome } = await rig.result(input, await rig.startByCli({ ...input, policy: stricter, replay }));
    expect(outcome).toMatchObject({
      revision: 2,
      supersedes: `${input.verificationId}.r1`,
      policy: { requiredFar: '1e-6' },
      actor: { type: 'OPERATOR', id: 'jane', justification: 'stricter from now on (INC-7)' },
    });
    expect(first.policy.requiredFar).toBe('1e-4');
    // The same once more finds its revision instead of making a third.
    const again = await rig.result(input, await rig.startByCli({ ...input, policy: stricter, replay }));
    expect(again.outcome).toEqual(outcome);
    expect(rig.emissions(input)).toHaveLength(3);
    expect(await rig.reads(input)).toBe(1);
  });

  it.each<[string, (input: VerificationInput) => VerificationInput]>([
    ['a larger quota', (input) => ({ ...input, policy: { ...input.policy, maxReads: 9 } })],
    ['a longer window', (input) => ({ ...input, deadlineAt: new Date(Date.parse(input.deadlineAt) + 20_000).toISOString() })],
  ])('buys no read with %s in an edited input', async (_what, edit) => {
    const { input, runId } = await rig.admit('processing-9');
    await rig.untilEvent(input, 'timerStarted', runId);
    await terminate(input);
    const again = await rig.startByCli(edit(input));
    await rig.untilEvent(input, 'timerStarted', again);
    await rig.hint(input);
    expect((await rig.result(input, again)).outcome.reasons[0]?.code).toBe('READ_WITHHELD');
    expect(await rig.reads(input)).toBe(1);
    const { events } = await rig.handleOf(input, again).fetchHistory();
    const answers = events?.map((event) => event.activityTaskCompletedEventAttributes?.result?.payloads?.[0]?.data ?? []);
    expect(answers?.map((data) => Buffer.from(data).toString()).join('\n')).toContain('OTHER_TERMS');
  });

  it('grants each read once, however many runs ask at once', async () => {
    const { input, runId } = await rig.admit('processing-9');
    await rig.untilEvent(input, 'timerStarted', runId);
    await terminate(input);
    // Runs under other ids are the only ones that can be open side by side.
    const ids = ['a', 'b', 'c', 'd'].map((name) => `copy-${name}-${input.verificationId}`);
    await Promise.all(ids.map((id) => rig.startByCli(input, id)));
    const hintAll = async (): Promise<boolean> => {
      // One that has ended refuses it.
      const hinted = await Promise.allSettled(
        ids.map(async (id) => await rig.link.client.workflow.getHandle(id).signal('hint', { kind: 'SESSION_ENDED', trusted: true })),
      );
      return hinted.every(({ status }) => status === 'rejected');
    };
    await until(hintAll, { timeoutMs: 30_000, everyMs: 300, what: 'the end of all runs' });
    const outcomes = await Promise.all(ids.map((id) => rig.link.client.workflow.result(id)));
    expect(outcomes).toHaveLength(4);
    expect(await rig.reads(input)).toBe(3);
    const bodies = rig.emissions(input).map((text): { revision: number } => JSON.parse(text));
    const revisions = new Set(bodies.map(({ revision }) => revision));
    expect(new Set(rig.emissions(input))).toHaveLength(revisions.size);
  });
});
