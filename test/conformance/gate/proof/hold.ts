import { setTimeout as sleep } from 'node:timers/promises';
import { verificationIdOf } from '../../../../src/contracts/wire/token-identity.ts';
import type { LocalStack } from '../../../../src/localstack/stack.ts';
import type { ServiceProcess } from '../../../support/process.ts';
import { until } from '../../../support/until.ts';
import type { Proof } from '../../proof.ts';
import { type GateTest, type GateToken, gateTokens, openGateTest } from '../rig.ts';
import type { ProofOptions } from './main.ts';

const WINDOW_MS = 3_600_000;
const NEAR_LEFT_MS = 140_000;
const NEAR = 20;
const WATCHED = 200;
const WARM_UP_MS = 10_000;
const HELD_AFTER_MS = 1_000;
const HOLD = { operator: 'jane', reason: 'the vendor asks to stop', ticket: 'INC-7' };
const RESUME = { operator: 'joe', reason: 'the vendor is back' };

/** Hold under load, kill everything, resume; judged by the vendor's log and the outcome topic. */
export async function proveHold(stack: LocalStack, options: ProofOptions): Promise<Proof> {
  const test = await openGateTest({ ...stack, workers: options.workers, windowMs: WINDOW_MS, stepMs: 5_000 });
  try {
    const load = startLoad(test, options.rate);
    await sleep(WARM_UP_MS);
    await test.gate.order('hold', HOLD);
    const heldAtMs = Date.now();
    const waiting = async (): Promise<number> => (await test.gate.status()).queue.waiting;
    await killOneAfterTheOther(test, { stack, forMs: (options.parked / options.rate) * 1_000 });
    await until(async () => (await waiting()) >= options.parked, { timeoutMs: 600_000, everyMs: 1_000, what: 'so many wait' });
    await load.stop();
    const near = nearTokens(options.hold);
    await test.submit(near);
    load.tokens.push(...near);
    const watched = [...load.tokens.slice(-WATCHED - NEAR, -NEAR), ...near];
    let others: readonly GateToken[] = watched;
    const allParked = async (): Promise<boolean> => {
      const isParked = await Promise.all(others.map(async ({ token }) => (await test.stage(token)) === 'HELD'));
      others = others.filter((_, index) => isParked[index] !== true);
      return others.length === 0;
    };
    try {
      await until(allParked, { timeoutMs: 120_000, everyMs: 2_000, what: 'the last ones are parked' });
    } catch (error) {
      throw new Error(`${others.length} are not parked: ${await test.whereAre(others.slice(0, 3))}`, { cause: error });
    }
    const before = await eventsOf(test, watched);
    const parked = await waiting();
    await sleep(heldAtMs + options.hold * 1_000 - Date.now());
    const after = await eventsOf(test, watched);
    const late = (await test.requests()).filter(({ atMs }) => atMs > heldAtMs + HELD_AFTER_MS).length;
    const resumedAtMs = Date.now();
    await test.gate.order('resume', RESUME);
    await test.allDecided(load.tokens, 600_000);
    const order = (await test.requests()).filter(({ atMs }) => atMs > resumedAtMs);
    const places = placesOf(
      order.map(({ verificationId }) => verificationId),
      near,
    );
    const gaps = order.slice(0, 2).map(({ atMs }) => atMs - resumedAtMs);
    const wrong = test.wrong(load.tokens).length;
    return {
      proof: 'hold',
      ...options,
      tokens: load.tokens.length,
      parked,
      requestsLate: late,
      eventsOfThoseThatWaited: after - before,
      canaryAfterMs: gaps[0],
      secondAfterMs: gaps[1],
      lastOfTheNear: Math.max(...places),
      wrong,
      findings: [
        ...(late === 0 ? [] : [`${late} requests began later than a second after the hold`]),
        ...(after === before ? [] : [`${after - before} events of reads that waited`]),
        ...(wrong === 0 ? [] : [`${wrong} did not end as their scenario demands`]),
        ...(Math.max(...places) < NEAR * 4 ? [] : ['the near deadlines did not go first']),
      ],
    };
  } finally {
    await test.close();
  }
}

function nearTokens(holdSeconds: number): readonly GateToken[] {
  return gateTokens(NEAR, { ageMs: WINDOW_MS - holdSeconds * 1_000 - NEAR_LEFT_MS, scenario: 'ready-pass' });
}

function placesOf(order: readonly string[], near: readonly GateToken[]): readonly number[] {
  const ids = new Set(near.map(({ token }) => verificationIdOf(token)));
  return order.flatMap((id, index) => (ids.has(id) ? [index] : []));
}

async function eventsOf(test: GateTest, tokens: readonly GateToken[]): Promise<number> {
  const each = await Promise.all(tokens.map(async ({ token }) => await test.events(token)));
  return each.reduce((sum, events) => sum + events, 0);
}

function startLoad(test: GateTest, rate: number) {
  const tokens: GateToken[] = [];
  let isOn = true;
  const running = (async () => {
    for (let second = 0, startedAtMs = Date.now(); isOn; second += 1) {
      const some = gateTokens(rate);
      tokens.push(...some);
      await test.submit(some);
      await sleep(startedAtMs + (second + 1) * 1_000 - Date.now());
    }
  })();
  return {
    tokens,
    stop: async (): Promise<void> => {
      isOn = false;
      await running;
    },
  };
}

/** Each worker, the ingress and Temporal itself, spread over the time that the load goes on. */
async function killOneAfterTheOther(
  test: GateTest,
  { stack, forMs }: { readonly stack: LocalStack; readonly forMs: number },
): Promise<void> {
  const victims: readonly (readonly [string, ServiceProcess])[] = [
    ...test.workers.map((worker) => ['worker', worker] as const),
    ['ingress', test.ingress],
  ];
  const pauseMs = forMs / (victims.length + 2);
  for (const [role, victim] of victims) {
    await sleep(pauseMs);
    victim.kill('SIGKILL');
    await test.start(role).ready();
  }
  await sleep(pauseMs);
  await stack.temporal?.kill('SIGKILL');
  await stack.temporal?.restart();
}
