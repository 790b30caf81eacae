import { afterAll, expect, it } from 'vitest';
import { killAllProcesses } from '../support/process.ts';
import { until } from '../support/until.ts';
import { findings } from './oracle.ts';
import { openPipeline } from './pipeline-run.ts';
import { mixedTokens } from './scenario-mix.ts';

/** `VERDICTFLOW_E2E_TOKENS=2000` runs the full size; the default fits into every test run. */
const TOKENS = Number(process.env['VERDICTFLOW_E2E_TOKENS'] ?? 240);
const KILLS = Number(process.env['VERDICTFLOW_E2E_KILLS'] ?? 5);

afterAll(killAllProcesses);

it(`gives ${TOKENS} mixed tokens one right outcome each and never reads a fourth time, through ${KILLS} kill -9`, async () => {
  const run = await openPipeline({ VF_WINDOW: '75s' });
  try {
    let service = run.serve();
    const tokens = mixedTokens(TOKENS, Date.now());
    const half = Math.ceil(tokens.length / 2);
    await run.submit(tokens.slice(0, half));
    for (let kill = 1; kill <= KILLS; kill += 1) {
      const enough = Math.floor((TOKENS * kill) / (KILLS * 4));
      await until(() => run.outcomes().size >= enough, { timeoutMs: 90_000, what: `${enough} outcomes before kill ${kill}` });
      service.kill('SIGKILL');
      await service.exit();
      service = run.serve();
      if (kill === 1) await run.submit(tokens.slice(half));
      await service.ready();
    }
    await run.allDecided(tokens, 150_000);
    const found = await findings({ logPath: run.logPath, windowMs: 75_000, tokens, outcomes: run.outcomes() });
    process.stdout.write(`kills: ${TOKENS} tokens, ${found.reads} reads, ${found.hitByCrash} verifications lost a read to a kill\n`);
    expect(found).toMatchObject({ lateReads: 0, withoutOutcome: [], severalBodies: [], unexpected: [] });
    expect(found.mostReadsOfOneToken).toBe(3);
    expect(run.deadLetters()).toEqual([]);
  } finally {
    await run.close();
  }
}, 400_000);
