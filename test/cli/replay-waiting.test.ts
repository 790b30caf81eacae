import { describe, expect, it } from 'vitest';
import { DependencyUnavailableError } from '../../src/contracts/errors.ts';
import type { ReplayRuns } from '../../src/operator/replay/ports.ts';
import { unreadOutcome } from '../support/sample-outcome.ts';
import { inputAt } from '../support/verification-input.ts';
import { runFakeCli } from './fake-cli.ts';
import { IDS, RUN, world } from './replay-world.ts';

const ODD = IDS[1] ?? '';
const RESULT = {
  outcome: unreadOutcome(inputAt(Date.parse('2026-02-01T10:00:00Z'))),
  emission: { topic: 't', partition: 0, offset: '0' },
};

/** Waits for three replays, of which the second answers `odd`. */
async function waited(odd: ReplayRuns['result']) {
  const { replay } = world();
  const result: ReplayRuns['result'] = async (id, options) => (id === ODD ? await odd(id, options) : await Promise.resolve(RESULT));
  let waits = 0;
  return await runFakeCli([...RUN, ...IDS.slice(0, 3), '--wait'], {
    replay: { ...replay, runs: { ...replay.runs, result } },
    onSleep: (durationMs, interrupt) => {
      // Only what waits for ever gets so far.
      waits += Number(durationMs > 1_000);
      if (waits > 50) interrupt();
    },
  });
}

describe('waiting for the outcomes of replays', () => {
  it.each<[string, ReplayRuns['result'], RegExp]>([
    ['whose run is gone', async () => await Promise.resolve('GONE' as const), new RegExp(`^${ODD}  its run run-of-${ODD} is gone`, 'm')],
    [
      'that alone cannot be asked for',
      async () => await Promise.reject(new DependencyUnavailableError('temporal', 'its shard is broken')),
      new RegExp(`^${ODD}  its outcome cannot be read: .*its shard is broken`, 'm'),
    ],
  ])('ends although there is one %s, says so, and prints the others', async (_, odd, told) => {
    const ran = await waited(odd);
    expect(ran.err).toMatch(told);
    expect(ran.err).not.toContain('stopped waiting');
    expect(ran.code).toBe(1);
    expect(ran.out.match(/\.r1 {2}EXPIRED/g)).toHaveLength(2);
  });
});
