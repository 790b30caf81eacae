import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AwayRig, startAwayRig } from '../support/away-rig.ts';

describe('an outcome stands', () => {
  let rig: AwayRig;
  beforeAll(async () => {
    rig = await startAwayRig();
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
    expect(await rig.reads(input)).toBe(1);
  });
});
