import { AsyncResource } from 'node:async_hooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GetResultOrder, VerificationActivities, VerificationInput } from '../../src/contracts/workflow.ts';
import { type AwayRig, startAwayRig } from '../support/away-rig.ts';
import { until } from '../support/until.ts';

describe('a replay whose worker is lost while it asks the ledger before the third read', () => {
  /** What is left of the lost worker, per verification: it may go on at any time, in the activity that is over for Temporal. */
  const zombies = new Map<string, () => Promise<unknown>>();
  const wakesFirst = new Set<string>();
  let rig: AwayRig;
  beforeAll(async () => {
    rig = await startAwayRig({ activities: losing });
  });
  afterAll(() => rig.stop());

  function losing(real: VerificationActivities): VerificationActivities {
    const getResult = async (order: GetResultOrder) => {
      const { verificationId, countedReads } = order;
      const zombie = zombies.get(verificationId);
      if (countedReads === 2 && zombie === undefined) {
        zombies.set(
          verificationId,
          AsyncResource.bind(() => real.getResult(order)),
        );
        throw new Error('the worker is lost');
      }
      if (countedReads === 2 && wakesFirst.has(verificationId)) await zombie?.();
      return real.getResult(order);
    };
    return { ...real, getResult };
  }

  /** A home run that read twice and was cancelled with a slot left, replayed. */
  async function replayed(wakes: 'first' | 'last'): Promise<VerificationInput> {
    const { input, runId } = await rig.admit('processing-2');
    if (wakes === 'first') wakesFirst.add(input.verificationId);
    await rig.untilEvent(input, 'timerStarted', runId);
    await rig.hint(input);
    await until(async () => (await rig.reads(input)) === 2, { timeoutMs: 20_000, what: 'the second read' });
    await rig.handleOf(input).cancel();
    await rig.result(input, runId);
    const replay = { homeRunId: runId, operator: 'jane', reason: 'outage', requestedAt: new Date().toISOString() };
    await rig.startByCli({ ...input, replay });
    return input;
  }

  it('makes the read that was never reserved, and the lost worker makes none when it goes on', async () => {
    const input = await replayed('last');
    expect((await rig.result(input)).outcome).toMatchObject({
      outcome: 'PASSED',
      revision: 2,
      retrieval: { callsUsed: 3, callsUncertain: 0 },
    });
    await expect(zombies.get(input.verificationId)?.()).resolves.toMatchObject({ kind: 'RECOVERED' });
    expect(await rig.reads(input)).toBe(3);
  });

  it('makes no fourth read when the lost worker was faster after all, and counts its read', async () => {
    const input = await replayed('first');
    expect((await rig.result(input)).outcome).toMatchObject({
      outcome: 'EXPIRED',
      revision: 2,
      retrieval: { callsUsed: 3, callsUncertain: 1 },
    });
    expect(await rig.reads(input)).toBe(3);
  });
});
