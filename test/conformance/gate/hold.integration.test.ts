import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, inject, it } from 'vitest';
import { parseGateEvent } from '../../../src/contracts/wire/gate-event.ts';
import { verificationIdOf } from '../../../src/contracts/wire/token-identity.ts';
import { killAllProcesses } from '../../support/process.ts';
import { throughout, until } from '../../support/until.ts';
import { type GateToken, gateTokens, openGateTest, QUEUE_PARTS } from './rig.ts';

const HOLD = { operator: 'jane', reason: 'the vendor asks to stop', ticket: 'INC-7' };
const RESUME = { operator: 'joe', reason: 'the vendor is back' };
const WINDOW_MS = 240_000;
const NEAR = { ageMs: WINDOW_MS - 90_000, scenario: 'ready-pass' };

afterAll(killAllProcesses);

it('holds every read within a second, parks them without an event, and lets them go again, one first, the urgent ones before the others', async () => {
  const test = await openGateTest({
    kafkaBrokers: inject('kafkaBrokers'),
    temporalAddress: inject('temporalAddress'),
    workers: 2,
    windowMs: WINDOW_MS,
    stepMs: 300,
  });
  try {
    const all: GateToken[] = [];
    const submit = async (some: readonly GateToken[]): Promise<void> => {
      all.push(...some);
      await test.submit(some);
    };
    let isLoading = true;
    const load = (async () => {
      while (isLoading) {
        // A busy machine is given no more than it is behind by.
        if (all.length - test.outcomes().size < 40) await submit(gateTokens(5));
        await sleep(250);
      }
    })();
    await until(() => test.outcomes().size > 10, { timeoutMs: 40_000, what: 'reads are made' });

    const held = await test.gate.order('hold', HOLD);
    const heldAtMs = Date.now();
    expect(held).toMatchObject({ result: 'DONE', view: { phase: 'HELD', queueFollows: true, readsPerSecond: 0 } });
    const why = /^the gate of other is held already, since \S+, by jane \(INC-7\), because the vendor asks to stop$/;
    expect(await test.gate.order('hold', RESUME)).toEqual({ result: 'REFUSED', why: expect.stringMatching(why) });
    await sleep(1_500);
    await submit(gateTokens(4, NEAR));
    isLoading = false;
    await load;
    const parked = all.slice(-9);
    await until(async () => (await Promise.all(parked.map(({ token }) => test.stage(token)))).every((stage) => stage === 'HELD'), {
      timeoutMs: 40_000,
      what: 'the last ones are parked',
    });

    const events = async (): Promise<string> => JSON.stringify(await Promise.all(parked.map(({ token }) => test.events(token))));
    const before = await events();
    await throughout(async () => (await events()) === before, { forMs: 2_000, everyMs: 500, what: 'a read that waits leaves no event' });
    expect((await test.requests()).filter(({ atMs }) => atMs > heldAtMs + 1_000)).toEqual([]);
    const [worker] = test.workers;
    expect(await worker?.admin('/ready')).toContain('the gate is HELD, since');
    expect(await worker?.admin('/metrics')).toContain('verdictflow_gate_held{region="other"} 1');
    expect((await test.gate.status()).queue).toMatchObject({ perSecond: 0, waiting: expect.any(Number) });

    await test.client.workflow.getHandle('vf-gate-other').terminate('by hand');
    await until(async () => (await test.gate.status()).state.changes === 1 && (await test.isGateRunning()), {
      timeoutMs: 40_000,
      what: 'a worker starts it again, where it stood',
    });

    const resumedAtMs = Date.now();
    expect(await test.gate.order('resume', RESUME)).toMatchObject({ result: 'DONE', view: { phase: 'CANARY' } });
    await test.allDecided(all, 60_000);
    const after = (await test.requests()).filter(({ atMs }) => atMs > resumedAtMs);
    const near = new Set(all.filter(({ isNear }) => isNear).map(({ token }) => verificationIdOf(token)));
    const places = after.flatMap(({ verificationId }, index) => (near.has(verificationId) ? [index] : []));
    expect(places).toHaveLength(near.size);
    expect(Math.max(...places)).toBeLessThan(QUEUE_PARTS * near.size);
    const canaryAtMs = after[0]?.atMs ?? 0;
    expect((after[1]?.atMs ?? 0) - canaryAtMs).toBeGreaterThan(300);
    expect(test.wrong(all)).toEqual([]);
    await until(async () => (await test.gate.status()).state.phase === 'OPEN', { timeoutMs: 40_000, what: 'the ramp is over' });
    await until(() => test.announced().length >= 4, { timeoutMs: 40_000, what: 'all changes are announced' });
    const seen = test.announced().map(({ value }) => parseGateEvent(JSON.parse(value)));
    const told = seen.flatMap((one) => (one.ok ? [[one.value.state, one.value.readsHeld, one.value.actor.type, one.value.actor.id]] : []));
    expect(told).toEqual([
      ['HELD', true, 'OPERATOR', 'jane'],
      ['CANARY', true, 'OPERATOR', 'joe'],
      ['RAMP', false, 'SYSTEM', 'joe'],
      ['OPEN', false, 'SYSTEM', 'joe'],
    ]);
  } finally {
    await test.close();
  }
}, 240_000);
