import { afterAll, expect, inject, it } from 'vitest';
import { parseOutcome } from '../../../src/contracts/wire/outcome.ts';
import { killAllProcesses } from '../../support/process.ts';
import { gateTokens, openGateTest } from './rig.ts';

const PER_SECOND = 20;

afterAll(killAllProcesses);

it('keeps the rate of the account over four workers within 5 %, and uses no slot for what the vendor refuses as too many at once', async () => {
  const test = await openGateTest({
    kafkaBrokers: inject('kafkaBrokers'),
    temporalAddress: inject('temporalAddress'),
    workers: 4,
    windowMs: 240_000,
    stepMs: 100,
    overrides: { VF_FACEID_MAX_CALLS_PER_SECOND: String(PER_SECOND) },
  });
  try {
    const many = gateTokens(180, { scenario: 'ready-pass' });
    await test.submit(many);
    await test.allDecided(many, 40_000);
    const instants = (await test.requests()).map(({ atMs }) => atMs);
    // In the midst: the queue's parts have let go what they had saved, and none has run dry.
    const [fromMs, untilMs] = [(instants[0] ?? 0) + 3_000, (instants[0] ?? 0) + 7_000];
    const begun = instants.filter((atMs) => atMs >= fromMs && atMs < untilMs).length;
    const rate = (begun * 1_000) / (untilMs - fromMs);
    process.stdout.write(`account: ${begun} reads in ${(untilMs - fromMs) / 1_000} s, ${rate.toFixed(2)} a second of ${PER_SECOND}\n`);
    expect(Math.abs(rate - PER_SECOND) / PER_SECOND).toBeLessThan(0.05);

    await test.emulator('/defaults', { maxConcurrent: 3, latencyMs: 250 });
    const tight = gateTokens(24, { scenario: 'ready-pass' });
    await test.submit(tight);
    await test.allDecided(tight, 40_000);
    expect(test.wrong(tight)).toEqual([]);
    const refused = (await test.requests()).filter(({ refusal }) => refusal === 'CONCURRENCY_LIMIT_EXCEEDED').length;
    process.stdout.write(`account: ${tight.length} reads beside ${refused} refusals\n`);
    expect(refused).toBeGreaterThan(0);
    const used = tight.map(({ token }) => {
      const outcome = parseOutcome(JSON.parse(test.outcomeOf(token)));
      return outcome.ok ? outcome.value.retrieval.callsUsed : outcome.problems;
    });
    expect(used).toEqual(tight.map(() => 1));
  } finally {
    await test.close();
  }
}, 120_000);
