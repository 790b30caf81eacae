import { describe, expect, it } from 'vitest';
import type { ReplayCase } from '../../src/operator/replay/ports.ts';
import { runFakeCli } from './fake-cli.ts';
import { IDS, JOURNAL, jsonLines, RUN, world } from './replay-world.ts';

const OVER: ReplayCase = { kind: 'RUNNING' };

describe('a file of verifications', () => {
  it('may be a plan in JSON, also an interrupted one, with its totals', async () => {
    const { replay, started } = world();
    const plan = await runFakeCli(['replay', 'plan', ...IDS, '--json'], { replay });
    const f = `${plan.out}{"totals":{},"complete":false}\n`;
    const ran = await runFakeCli([...RUN, '--file', 'f', '--yes'], { replay, files: { f } });
    expect([ran.code, started.length]).toEqual([0, IDS.length]);
    const wrong = await runFakeCli([...RUN, '--file', 'f'], { replay, files: { f: '{"totals":{},"verificationId":"x"}' } });
    expect([wrong.code, wrong.err]).toEqual([64, expect.stringContaining('line 1 is not a verification id')]);
  });

  it('is checked to its end before anything is opened; standard input is not, since it can be read once only', async () => {
    const text = `${IDS.join('\n')}\nbogus\n`;
    const opened = { unavailable: new Error('was opened') };
    for (const command of [['replay', 'plan'], RUN]) {
      const ran = await runFakeCli([...command, '--file', 'f'], { ...opened, files: { f: text } });
      expect([ran.code, ran.err]).toEqual([64, expect.stringContaining('line 13 is not a verification id')]);
      expect(ran.err).toContain('verdictflow show --token -');
      expect((await runFakeCli([...command, '--file', '-'], { ...opened, stdin: text })).code).toBe(70);
    }
  });
});

describe('what a run refuses', () => {
  it('is told with its reason', async () => {
    const { replay } = world({ [IDS[3] ?? '']: OVER });
    const ran = await runFakeCli([...RUN, ...IDS, '--yes'], { replay });
    expect(ran).toMatchObject({ code: 0, err: expect.stringContaining(`${IDS[3]}  refused: it is still running\n`) });
  });

  it('is told to programs line by line, before totals and journal', async () => {
    const { replay } = world({ [IDS[1] ?? '']: OVER });
    const ran = await runFakeCli([...RUN, ...IDS.slice(0, 2), '--json'], { replay });
    expect(jsonLines(ran.out)).toEqual([
      { verificationId: IDS[1], action: 'REFUSE', code: 'STILL_RUNNING', why: 'it is still running' },
      expect.objectContaining({ verificationId: IDS[0], result: 'STARTED' }),
      { totals: expect.objectContaining({ verifications: 2, unreadable: 0 }), started: 1, skipped: 0, unaudited: 0, journal: JOURNAL },
    ]);
  });

  it('is counted after the first twenty, but what cannot be read is always told', async () => {
    const { replay } = world();
    const ids = Array.from({ length: 30 }, (_, index) => `${'b'.repeat(24)}${'abcdef'.charAt(index % 6)}${'abcdef'.charAt(index / 6)}`);
    const load = async (id: string): Promise<ReplayCase> => {
      if (id === ids.at(-1)) throw new Error('odd');
      return await Promise.resolve(OVER);
    };
    const ran = await runFakeCli([...RUN, ...ids], { replay: { ...replay, cases: { load } } });
    expect(ran.err.match(/refused: it is still running/g)).toHaveLength(20);
    expect(ran.err).toContain(`${ids.at(-1)}  refused: it cannot be read (Error: odd)\n`);
    expect(ran.err).toContain('verdictflow replay: 30 refused: 29 STILL_RUNNING, 1 UNREADABLE\n');
  });

  it.each([
    [IDS.slice(0, 2), 'every verification is refused'],
    [['--outcome', 'PASSED'], 'nothing was selected'],
  ])('%j: a run that starts nothing answers 1', async (selection, why) => {
    const { replay } = world(Object.fromEntries(IDS.map((id) => [id, OVER])));
    const ran = await runFakeCli([...RUN, ...selection], { replay });
    expect(ran).toMatchObject({ code: 1, err: expect.stringContaining(`nothing to start: ${why}\n`) });
  });
});
