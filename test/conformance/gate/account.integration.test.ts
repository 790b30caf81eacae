import { afterAll, expect, inject, it } from 'vitest';
import { parseOutcome } from '../../../src/contracts/wire/outcome.ts';
import { killAllProcesses } from '../../support/process.ts';
import { until } from '../../support/until.ts';
import { gateTokens, openGateTest, QUEUE_PARTS } from './rig.ts';

const PER_SECOND = 10;
/** What lies between the moment in which a busy server lets a read begin and the one that it notes for it, at most. */
const NOTED_LATE_MS = 500;

afterAll(killAllProcesses);

// Whether the rate is used as well, `npm run prove:gate` measures: on a busy machine it is not.
it('begins no more reads than the account allows, whatever the number of workers, and uses no slot for what is refused as too many at once', async () => {
  const test = await openGateTest({
    kafkaBrokers: inject('kafkaBrokers'),
    temporalAddress: inject('temporalAddress'),
    workers: 2,
    windowMs: 240_000,
    stepMs: 100,
    overrides: { VF_FACEID_MAX_CALLS_PER_SECOND: String(PER_SECOND) },
  });
  try {
    // They wait half as long again as the 10 s between two counts of a worker.
    const many = gateTokens(15 * PER_SECOND, { scenario: 'ready-pass' });
    await test.submit(many);
    const metrics = async (): Promise<string> => (await Promise.all(test.workers.map((one) => one.admin('/metrics')))).join('\n');
    await until(async () => /^verdictflow_gate_parked_reads\S* [1-9]/m.test(await metrics()), {
      timeoutMs: 40_000,
      what: 'it is told how many wait',
    });
    expect(await metrics()).toContain('verdictflow_gate_held{region="other"} 0');
    await test.allDecided(many, 40_000);
    // The rate is the server's; what a busy machine does to a request on its way is not.
    const instants = await test.handedOutAtMs(many);
    expect((await test.requests()).length).toBe(many.length);
    for (const ms of [1_000, 4_000]) expect(mostWithin(instants, ms)).toBeLessThanOrEqual(mostAllowedIn(ms));
    const spanMs = (instants.at(-1) ?? 0) - (instants[0] ?? 0);
    expect(spanMs).toBeGreaterThan((many.length / PER_SECOND - 1) * 1_000 * 0.95);

    await test.emulator('/defaults', { maxConcurrent: 3, latencyMs: 500 });
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
}, 240_000);

/** Each part may have saved up a second's worth, and gives out evenly then: in a span one more than its length is worth, if it begins with one. */
function mostAllowedIn(spanMs: number): number {
  return PER_SECOND * (1 + (spanMs + NOTED_LATE_MS) / 1_000) + QUEUE_PARTS;
}

function mostWithin(instants: readonly number[], spanMs: number): number {
  return Math.max(0, ...instants.map((fromMs) => instants.filter((atMs) => atMs >= fromMs && atMs < fromMs + spanMs).length));
}
