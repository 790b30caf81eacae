import { describe, expect, it } from 'vitest';
import { DependencyUnavailableError } from '../../src/contracts/errors.ts';
import type { ReplayCase } from '../../src/operator/replay/ports.ts';
import * as s from '../domain/samples.ts';
import { caseOf } from '../operator/replay/cases.ts';
import { runFakeCli } from './fake-cli.ts';
import { IDS, JOURNAL, jsonLines, records, RESUME, RUN, world } from './replay-world.ts';

/** A journal whose plan was interrupted, or was made and is open. */
async function journalAfter(interruptAfter: number): Promise<Map<string, string[]>> {
  const journals = new Map<string, string[]>();
  await runFakeCli([...RUN, ...IDS], { replay: world().replay, journals, interruptAfter });
  return journals;
}

describe('resuming', () => {
  it.each([[[]], [['--reason', 'x']], [[IDS[0] ?? '']], [['--required-far', '1e-3', '--reason', 'x']]])(
    'says what an incomplete plan needs beside %j',
    async (more) => {
      const journals = await journalAfter(1);
      const ran = await runFakeCli([...RESUME, ...more], { replay: world().replay, journals });
      expect(ran.code).toBe(64);
      expect(ran.err).toContain('holds no complete plan; give the selection and --reason again');
      const { replay, started } = world();
      expect((await runFakeCli([...RUN, ...IDS, '--yes'], { replay, journals })).code).toBe(0);
      expect(started).toHaveLength(IDS.length);
    },
  );

  it.each([
    ['--operator', 'bob'],
    ['--reason', 'mine'],
    ['--ticket', 'INC-8'],
  ])('is refused with %s %s that the journal was not ordered with', async (option, value) => {
    const journals = await journalAfter(2);
    const { replay, started } = world();
    const ran = await runFakeCli([...RESUME, option, value], { replay, journals });
    expect([ran.code, started.length]).toEqual([64, 0]);
    expect(ran.err).toContain(`ordered with another ${option}`);
    expect((await runFakeCli([...RESUME, '--operator', 'jane'], { replay, journals, env: { USER: 'bob' } })).code).toBe(0);
  });

  it('is possible after a plan that was killed: the journal is named before it is made', async () => {
    const { replay } = world();
    const ran = await runFakeCli(['replay', 'run', IDS[0] ?? '', '--reason', 'x', '--operator', 'jane'], {
      replay: { ...replay, cases: { load: async () => await new Promise(() => undefined) } },
      onSleep: (_, interrupt) => interrupt(),
      unavailable: new Error('killed here'),
    });
    expect(ran.err).toMatch(/^verdictflow replay: the journal is \.verdictflow\/replay-2026-02-01T12-00-00-000Z\.ndjson\n/);
  });

  it('answers for what earlier attempts skipped and started, in its exit code and in its totals', async () => {
    const cases: Record<string, ReplayCase> = {};
    const journals = new Map<string, string[]>();
    const { replay, started } = world(cases);
    await runFakeCli([...RUN, ...IDS], { replay, journals });
    for (const id of IDS.slice(0, 3)) cases[id] = { kind: 'RUNNING' };
    // Three lines are skipped, and some are started, before it is interrupted.
    const first = await runFakeCli(RESUME, { replay, journals, interruptAfter: 8 });
    expect([first.code, first.err.match(/skipped: planned RE_EMIT/g)?.length]).toEqual([1, 3]);
    expect(started.length).toBeLessThan(9);
    const rest = await runFakeCli([...RESUME, '--json'], { replay, journals });
    const totals = { totals: { verifications: 12 }, started: 9, skipped: 3, unaudited: 0, journal: JOURNAL };
    expect(jsonLines(rest.out).at(-1)).toMatchObject(totals);
    expect([rest.code, started.length]).toEqual([1, 9]);
    const again = await runFakeCli([...RESUME, '--json'], { replay, journals });
    expect(JSON.parse(again.out)).toMatchObject(totals);
    expect(again.code).toBe(1);
  });

  it.each([
    ['a line is lost', (lines: readonly string[]) => lines.filter((line) => !line.includes(IDS[4] ?? ''))],
    ['two lines are glued', (lines: readonly string[]) => [lines[0] ?? '', `${lines[1]}${lines[2]}`, ...lines.slice(3)]],
  ])('is refused when the plan is not whole: %s', async (_, damage) => {
    const journals = await journalAfter(2);
    journals.set(JOURNAL, damage(journals.get(JOURNAL) ?? []));
    const { replay, started } = world();
    const ran = await runFakeCli(RESUME, { replay, journals });
    expect([ran.code, started.length]).toEqual([64, 0]);
    expect(ran.err).toMatch(/1[01] of the 12 lines of its plan are readable/);
  });
});

describe('the audit of a replay', () => {
  it('tells the plan that was executed, made again just before, also when it is written by a later attempt', async () => {
    const id = IDS[0] ?? '';
    const cases: Record<string, ReplayCase> = { [id]: caseOf({ reads: [s.pending()], emitted: false }) };
    const journals = new Map<string, string[]>();
    const { replay, started } = world(cases);
    await runFakeCli([...RUN, id], { replay, journals, interruptAfter: 2 });
    cases[id] = caseOf({ reads: [s.pending(), s.pending()], emitted: false });
    const publish = async () => await Promise.reject(new DependencyUnavailableError('kafka', 'no answer'));
    const killed = await runFakeCli(RESUME, { replay, journals, publish });
    cases[id] = { kind: 'RUNNING' };
    const resumed = await runFakeCli(RESUME, { replay, journals });
    expect([killed.code, resumed.code, started.length]).toEqual([69, 0, 1]);
    const audits = [...records(killed.asked), ...records(resumed.asked)].map(({ value }) => JSON.parse(value));
    expect(audits.map(({ readsUsed, readsAtMost }) => [readsUsed, readsAtMost])).toEqual([
      [2, 1],
      [2, 1],
    ]);
    expect(journals.get(JOURNAL)?.find((line) => line.includes('PLANNED'))).toContain('"used":1');
  });
});

describe('an interrupted plan', () => {
  it('says that its totals are not those of the selection', async () => {
    const options = { replay: world().replay, onSleep: (_: number, interrupt: () => void) => interrupt() };
    const json = await runFakeCli(['replay', 'plan', ...IDS, '--json'], options);
    expect(json).toMatchObject({ code: 1, err: expect.stringContaining('interrupted') });
    const last = jsonLines(json.out).at(-1);
    expect(last).toMatchObject({ totals: { verifications: json.out.trim().split('\n').length - 1 }, complete: false });
    expect((await runFakeCli(['replay', 'plan', ...IDS], options)).err).toContain('interrupted');
    expect((await runFakeCli(['replay', 'plan', ...IDS, '--json'], { replay: world().replay })).out).not.toContain('complete');
  });
});
