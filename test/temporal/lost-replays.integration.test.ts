import { AsyncResource } from 'node:async_hooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GetResultOrder, VerificationActivities, VerificationInput, VerificationView } from '../../src/contracts/workflow.ts';
import { type AwayRig, startAwayRig } from '../support/away-rig.ts';
import { until } from '../support/until.ts';
import { HOUR_MS } from '../support/verification-input.ts';

/** Before which read the worker is lost, and when what is left of it goes on: before its loss shows, before the next try, after all. */
type Loss = { readonly countedReads: 1 | 2; readonly goesOn: 'AT_ONCE' | 'NEXT' | 'LAST' };
type Admitted = { readonly input: VerificationInput; readonly runId: string };

describe('a replay whose worker is lost', () => {
  const losses = new Map<string, Loss>();
  /** What is left of the lost worker: it may go on at any time, in the activity that is over for Temporal. */
  const zombies = new Map<string, () => Promise<unknown>>();
  let rig: AwayRig;
  beforeAll(async () => {
    rig = await startAwayRig({ activities: losing });
  });
  afterAll(() => rig.stop());

  function losing(real: VerificationActivities): VerificationActivities {
    const getResult = async (order: GetResultOrder) => {
      const { verificationId, countedReads } = order;
      const loss = losses.get(verificationId);
      if (loss?.countedReads === countedReads) {
        const zombie = zombies.get(verificationId);
        if (zombie === undefined) {
          const goOn = AsyncResource.bind(() => real.getResult(order));
          zombies.set(verificationId, goOn);
          if (loss.goesOn === 'AT_ONCE') await goOn();
          throw new Error('the worker is lost');
        }
        if (loss.goesOn === 'NEXT') await zombie();
      }
      return real.getResult(order);
    };
    return { ...real, getResult };
  }

  /** A home run that read once and was hinted to read once more. */
  async function readTwice(): Promise<Admitted> {
    const { input, runId } = await rig.admit('processing-2');
    await rig.untilEvent(input, 'timerStarted', runId);
    await rig.hint(input);
    await until(async () => (await rig.reads(input)) === 2, { timeoutMs: 20_000, what: 'the second read' });
    return { input, runId };
  }

  /** Cancelled with slots left, then replayed. */
  async function replay({ input, runId }: Admitted): Promise<string> {
    await rig.handleOf(input).cancel();
    await rig.result(input, runId);
    const order = { homeRunId: runId, operator: 'jane', reason: 'outage', requestedAt: new Date().toISOString() };
    return rig.startByCli({ ...input, replay: order });
  }

  it('before it had granted the third read makes it later, and the lost worker makes none when it goes on', async () => {
    const { input, runId } = await readTwice();
    losses.set(input.verificationId, { countedReads: 2, goesOn: 'LAST' });
    await replay({ input, runId });
    expect((await rig.result(input)).outcome).toMatchObject({
      outcome: 'PASSED',
      revision: 2,
      retrieval: { callsUsed: 3, callsUncertain: 0 },
    });
    await expect(zombies.get(input.verificationId)?.()).resolves.toMatchObject({ kind: 'RECOVERED' });
    expect(await rig.reads(input)).toBe(3);
  });

  it('makes no fourth read when that worker was faster after all, and counts its read', async () => {
    const { input, runId } = await readTwice();
    losses.set(input.verificationId, { countedReads: 2, goesOn: 'NEXT' });
    await replay({ input, runId });
    expect((await rig.result(input)).outcome).toMatchObject({
      outcome: 'EXPIRED',
      revision: 2,
      retrieval: { callsUsed: 3, callsUncertain: 1 },
    });
    expect(await rig.reads(input)).toBe(3);
  });

  it('after its first read was sent repeats it no sooner than planned', async () => {
    const { input, runId } = await rig.admit('processing-2');
    await rig.untilEvent(input, 'timerStarted', runId);
    losses.set(input.verificationId, { countedReads: 1, goesOn: 'AT_ONCE' });
    const again = await replay({ input, runId });
    const waits = async (): Promise<boolean> => {
      const { readsUncertain, nextReadAt = '' } = await rig.handleOf(input, again).query<VerificationView>('state');
      return readsUncertain === 1 && Date.parse(nextReadAt) > Date.now() + HOUR_MS;
    };
    await until(waits, { timeoutMs: 20_000, what: 'the wait for the planned read' });
    expect(await rig.reads(input)).toBe(2);
    await rig.hint(input);
    expect((await rig.result(input, again)).outcome).toMatchObject({ outcome: 'PASSED', retrieval: { callsUsed: 3, callsUncertain: 1 } });
    expect(await rig.reads(input)).toBe(3);
  });
});
