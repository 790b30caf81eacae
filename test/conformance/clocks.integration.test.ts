import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { killAllProcesses } from '../support/process.ts';
import { throughout, until } from '../support/until.ts';
import { openPipeline } from './pipeline-run.ts';
import { quickTokens } from './scenario-mix.ts';

const SHIFT_CLOCK = fileURLToPath(new URL('../support/shift-clock.mjs', import.meta.url));
const MINUTE_MS = 60_000;

afterAll(killAllProcesses);

it('a wrong clock of ingress makes every fresh record wait and none a dead letter; a right one takes them up again', async () => {
  const run = await openPipeline();
  try {
    const first = run.serve();
    first.kill('SIGTERM');
    await first.exit();
    await run.serve('worker').ready();
    const tokens = quickTokens(40, Date.now());
    await run.submit(tokens);
    for (const [shiftMs, says] of [
      [-6 * MINUTE_MS, /CLOCK \(by the clock of this process, records are of the future; but Temporal's clock is ahead of it, by [56]/],
      [721 * 60 * MINUTE_MS, /CLOCK \(by the clock of this process, records are older than the retention/],
    ] as const) {
      const wrong = run.serve('ingress', { NODE_OPTIONS: `--import ${SHIFT_CLOCK}`, SHIFT_CLOCK_MS: String(shiftMs) });
      await wrong.ready();
      await until(async () => says.test(await wrong.admin('/ready')), { timeoutMs: 30_000, what: `not ready for ${shiftMs} ms` });
      await throughout(() => run.deadLetters().length === 0 && run.outcomes().size === 0, { forMs: 3_000, what: 'every record waits' });
      wrong.kill('SIGTERM');
      await wrong.exit();
    }
    await run.serve('ingress').ready();
    await run.allDecided(tokens, 60_000);
    expect(run.deadLetters()).toEqual([]);
  } finally {
    await run.close();
  }
}, 180_000);
