import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, inject, it } from 'vitest';
import { parseGateEvent } from '../../../src/contracts/wire/gate-event.ts';
import { verificationIdOf } from '../../../src/contracts/wire/token-identity.ts';
import { expectedOf } from '../../../src/emulator/scenarios.ts';
import { mintToken } from '../../../src/emulator/mint-token.ts';
import { killAllProcesses } from '../../support/process.ts';
import { throughout, until } from '../../support/until.ts';
import { openGateTest } from './rig.ts';

const MANDATE = { operator: 'jane', reason: 'the vendor asks to stop', ticket: 'INC-7' };
const RESUME = { operator: 'jane', reason: 'the vendor is back' };
const WINDOW_MS = 240_000;
const SCENARIOS = ['ready-pass', 'ready-fail-liveness', 'processing-1', 'ready-boundary', 'cancelled'];

afterAll(killAllProcesses);

type Token = { readonly token: string; readonly scenario: string; readonly isNear: boolean };

function tokens(count: number, { ageMs = 0, scenario }: { readonly ageMs?: number; readonly scenario?: string } = {}) {
  return Array.from({ length: count }, (_, index): Token & { value: string } => {
    const played = scenario ?? SCENARIOS[index % SCENARIOS.length] ?? 'ready-pass';
    const issuedAtMs = Date.now() - ageMs;
    const token = mintToken({ scenario: played, issuedAtMs });
    return { token, scenario: played, isNear: ageMs > 0, value: JSON.stringify({ token, issuedAt: new Date(issuedAtMs).toISOString() }) };
  });
}

it(
  'holds every read within a second, parks them without an event, and lets them begin again one by one',
  { timeout: 120_000 },
  async () => {
    const test = await openGateTest({
      kafkaBrokers: inject('kafkaBrokers'),
      temporalAddress: inject('temporalAddress'),
      workers: 2,
      windowMs: WINDOW_MS,
      stepMs: 1_000,
    });
    try {
      const all: Token[] = [];
      const submit = async (some: readonly (Token & { value: string })[]): Promise<void> => {
        all.push(...some);
        await test.submit(some);
      };
      let isLoading = true;
      const load = (async () => {
        while (isLoading) {
          await submit(tokens(5));
          await sleep(250);
        }
      })();
      await until(() => test.outcomes().size > 10, { timeoutMs: 30_000, what: 'reads are made' });

      const held = await test.gate.order('hold', MANDATE);
      const heldAtMs = Date.now();
      expect(held).toMatchObject({ result: 'DONE', view: { phase: 'HELD', queueFollows: true } });
      expect(await test.gate.order('hold', RESUME)).toEqual({
        result: 'REFUSED',
        why: expect.stringMatching(/^the gate of other is held already, since \S+, by jane \(INC-7\), because the vendor asks to stop$/),
      });
      // Goes on for a while under load, with some whose window is nearly over.
      await sleep(1_500);
      await submit(tokens(4, { ageMs: WINDOW_MS - 70_000, scenario: 'ready-pass' }));
      await sleep(500);
      isLoading = false;
      await load;
      const waiting = async (): Promise<number> => (await test.gate.status()).queue.waiting;
      const parkedOnes = all.slice(-8);
      await until(async () => (await Promise.all(parkedOnes.map(({ token }) => test.events(token)))).every((events) => events >= 10), {
        timeoutMs: 20_000,
        what: 'the last ones are parked',
      });

      // A worker is killed and another begins: the gate holds, and nothing is written about what waits.
      test.workers[0]?.kill('SIGKILL');
      const another = test.start('worker');
      await another.ready();
      const before = await Promise.all(parkedOnes.map(({ token }) => test.events(token)));
      const eventsNow = async () => await Promise.all(parkedOnes.map(({ token }) => test.events(token)));
      const same = async () => JSON.stringify(await eventsNow()) === JSON.stringify(before);
      await throughout(same, { forMs: 2_000, everyMs: 500, what: 'a read that waits leaves no event' });
      const parked = await waiting();
      expect((await test.requests()).filter(({ atMs }) => atMs > heldAtMs + 1_000)).toEqual([]);
      expect(await another.admin('/ready')).toContain('the gate is HELD, since');
      expect(await another.admin('/metrics')).toContain('verdictflow_gate_held{region="other"} 1');

      const resumedAtMs = Date.now();
      expect(await test.gate.order('resume', RESUME)).toMatchObject({ result: 'DONE', view: { phase: 'CANARY' } });
      await test.allDecided(all, 60_000);
      const after = (await test.requests()).filter(({ atMs }) => atMs > resumedAtMs);
      const near = new Set(all.filter(({ isNear }) => isNear).map(({ token }) => verificationIdOf(token)));
      process.stdout.write(
        `gate: ${all.length} tokens, ${parked} parked, requests after the resume at ${after
          .slice(0, 12)
          .map(({ atMs, verificationId }) => `${atMs - resumedAtMs}${near.has(verificationId) ? '!' : ''}`)
          .join(' ')} ms\n`,
      );
      const outcomes = test.outcomes();
      const wrong = all.filter(
        ({ token, scenario }) => !String(outcomes.get(verificationIdOf(token))?.[0]?.value).includes(`"${expectedOf(scenario)?.outcome}"`),
      );
      expect(wrong).toEqual([]);
      await until(async () => (await test.gate.status()).state.phase === 'OPEN', { timeoutMs: 20_000, what: 'the ramp is over' });
      const seen = test.announced().map(({ value }) => parseGateEvent(JSON.parse(value)));
      expect(seen.map((one) => (one.ok ? one.value.state : one.problems))).toEqual(['HELD', 'CANARY', 'RAMP', 'OPEN']);
    } finally {
      await test.close();
    }
  },
);
