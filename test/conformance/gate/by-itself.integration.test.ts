import { afterAll, expect, inject, it } from 'vitest';
import { parseGateEvent } from '../../../src/contracts/wire/gate-event.ts';
import { killAllProcesses } from '../../support/process.ts';
import { throughout, until } from '../../support/until.ts';
import { type GateTest, type GateToken, gateTokens, openGateTest } from './rig.ts';

const RESUME = { operator: 'joe', reason: 'the vendor is back' };

afterAll(killAllProcesses);

const phaseIs = async (test: GateTest, phase: string): Promise<void> => {
  await until(async () => (await test.gate.status()).state.phase === phase, { timeoutMs: 40_000, what: `the gate is ${phase}` });
};

const areParked = async (test: GateTest, tokens: readonly GateToken[]): Promise<void> => {
  await until(async () => (await Promise.all(tokens.map(({ token }) => test.stage(token)))).every((stage) => stage === 'HELD'), {
    timeoutMs: 40_000,
    what: 'they are parked',
  });
};

it('is held by the worker that meets what the vendor says to stop for, also as canary, and stays so whatever is killed', async () => {
  const test = await openGateTest({
    kafkaBrokers: inject('kafkaBrokers'),
    temporalAddress: inject('temporalAddress'),
    workers: 1,
    windowMs: 240_000,
    stepMs: 100,
  });
  try {
    const [first, again] = [gateTokens(1, { scenario: 'data-source-error' }), gateTokens(1, { scenario: 'data-source-at-top' })];
    await test.submit(first);
    await phaseIs(test, 'HELD');
    expect((await test.gate.status()).state).toMatchObject({
      by: expect.stringMatching(/^worker:/),
      isAutomatic: true,
      reason: 'the vendor answered DATA_SOURCE_ERROR',
    });
    await test.submit(again);
    await areParked(test, again);
    const asked = (await test.requests()).length;
    expect(await test.gate.order('resume', RESUME)).toMatchObject({ result: 'DONE' });
    await until(async () => (await test.gate.status()).state.holds === 2, { timeoutMs: 40_000, what: 'it is held again' });
    expect((await test.gate.status()).state.reason).toMatch(/^the canary [a-z2-7]{26} brought DATA_SOURCE_ERROR again$/);
    expect((await test.requests()).length).toBe(asked + 1);

    const good = gateTokens(3, { scenario: 'ready-pass' });
    await test.submit(good);
    await areParked(test, good);
    for (const worker of test.workers) worker.kill('SIGKILL');
    await test.start('worker').ready();
    await throughout(async () => (await test.requests()).length === asked + 1, { forMs: 1_500, everyMs: 300, what: 'nothing is read' });
    await test.gate.order('resume', RESUME);
    await test.allDecided(good, 30_000);
    expect(test.wrong(good)).toEqual([]);
    await phaseIs(test, 'OPEN');

    const refused = gateTokens(3, { scenario: 'authentication-error' });
    await test.submit(refused);
    await phaseIs(test, 'HELD');
    expect((await test.gate.status()).state.reason).toBe('the vendor answered AUTHENTICATION_ERROR 3 times');
    await until(() => test.announced().length >= 7, { timeoutMs: 40_000, what: 'all changes are announced' });
    const seen = test.announced().map(({ value }) => parseGateEvent(JSON.parse(value)));
    expect(seen.map((one) => (one.ok ? `${one.value.state} ${one.value.actor.type}` : one.problems))).toEqual([
      'HELD SYSTEM',
      'CANARY OPERATOR',
      'HELD SYSTEM',
      'CANARY OPERATOR',
      'RAMP SYSTEM',
      'OPEN SYSTEM',
      'HELD SYSTEM',
    ]);
    expect(new Set(test.announced().map(({ ceId }) => ceId)).size).toBe(7);
  } finally {
    await test.close();
  }
}, 240_000);
