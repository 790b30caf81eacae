import { describe, expect, it } from 'vitest';
import type { VerificationInput } from '../../src/contracts/workflow.ts';
import { type AwayRig, type Sabotage, startAwayRig } from '../support/away-rig.ts';
import { until } from '../support/until.ts';

/** Without it the tests of resets and restarts would prove nothing: the oracle must be able to see a fourth read. */
describe('negative controls', () => {
  it.each<[string, Sabotage]>([
    [
      'the guard lets every run read at once',
      {
        activities: (real, ports) => ({
          ...real,
          getResult: async ({ sealedToken, verificationId, returnImage, deadlineAt }) =>
            ports.resultApi.getResult({
              token: ports.tokenOpener.open(sealedToken, verificationId),
              returnImage,
              notAfterMs: Date.parse(deadlineAt),
            }),
        }),
      },
    ],
    ['grants are granted and not kept', { ports: { grants: { grantRead: async () => 'GRANTED', grantRevision: async () => 'GRANTED' } } }],
  ])('a fourth read shows in the log of the vendor when %s', async (_name, sabotage) => {
    const rig = await startAwayRig(sabotage);
    try {
      const { input, runId } = await rig.admit('processing-9');
      await rig.untilEvent(input, 'timerStarted');
      for (let reset = 0; reset < 2; reset += 1) await spendTheRest(rig, { input, runId });
      expect(await rig.reads(input)).toBeGreaterThan(3);
    } finally {
      await rig.stop();
    }
  });
});

/** Resets the old run and hints until it ends. */
async function spendTheRest(rig: AwayRig, { input, runId }: { input: VerificationInput; runId: string }): Promise<void> {
  const again = await rig.resetByCli(input, { runId });
  const over = async (): Promise<boolean> => {
    await rig.hint(input).catch(() => undefined); // it may have ended meanwhile
    return (await rig.handleOf(input, again).describe()).status.name === 'COMPLETED';
  };
  await until(over, { timeoutMs: 30_000, everyMs: 300, what: 'the end of the reset run' });
}
