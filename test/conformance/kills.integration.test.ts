import { afterAll, expect, it } from 'vitest';
import { killAllProcesses } from '../support/process.ts';
import { until } from '../support/until.ts';
import { findings } from './oracle.ts';
import { openPipeline } from './pipeline-run.ts';
import { type MixedToken, mixedTokens } from './scenario-mix.ts';

/** `VERDICTFLOW_E2E_TOKENS=2000` runs the full size; the default fits into every test run. */
const TOKENS = Number(process.env['VERDICTFLOW_E2E_TOKENS'] ?? 160);
const KILLS = Number(process.env['VERDICTFLOW_E2E_KILLS'] ?? 5);
/** Two cores decide about ten tokens a second when several reads each and five restarts are counted in. */
const WINDOW_MS = Math.max(75_000, TOKENS * 120);

afterAll(killAllProcesses);

it(
  `gives ${TOKENS} mixed tokens one right outcome each and never reads a fourth time, through ${KILLS} kill -9`,
  async () => {
    const run = await openPipeline({ VF_WINDOW: `${WINDOW_MS}ms` });
    try {
      let service = run.serve();
      const tokens: MixedToken[] = [];
      for (let kill = 1; kill <= KILLS; kill += 1) {
        const wave = mixedTokens(Math.ceil((TOKENS * kill) / KILLS) - tokens.length, Date.now());
        tokens.push(...wave);
        await run.submit(wave);
        // Killed in the middle of the wave: records unread, starts unacknowledged, reads in flight, outcomes unsent.
        const enough = Math.floor(tokens.length - wave.length * 0.8);
        await until(() => run.outcomes().size >= enough, { timeoutMs: WINDOW_MS + 15_000, what: `${enough} outcomes before kill ${kill}` });
        service.kill('SIGKILL');
        await service.exit();
        service = run.serve();
        await service.ready();
      }
      await run.allDecided(tokens, WINDOW_MS + 75_000);
      const found = await findings({ logPath: run.logPath, windowMs: WINDOW_MS, tokens, outcomes: run.outcomes() });
      process.stdout.write(`kills: ${TOKENS} tokens, ${found.reads} reads, ${found.hitByCrash} verifications lost a read to a kill\n`);
      expect(found).toMatchObject({ lateReads: 0, withoutOutcome: [], severalBodies: [], unexpected: [] });
      expect(found.mostReadsOfOneToken).toBe(3);
      expect(run.deadLetters()).toEqual([]);
    } finally {
      await run.close();
    }
  },
  WINDOW_MS * 3 + 200_000,
);
