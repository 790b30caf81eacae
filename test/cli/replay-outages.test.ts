import { describe, expect, it } from 'vitest';
import { DependencyUnavailableError, RecordRefusedError, StartRefusedError } from '../../src/contracts/errors.ts';
import type { ReplayRuns } from '../../src/operator/replay/ports.ts';
import { type FakeCli, runFakeCli } from './fake-cli.ts';
import { IDS, jsonLines, records, RESUME, RUN, world } from './replay-world.ts';

const AWAY = new DependencyUnavailableError('temporal', 'no answer');
const FAULTY = IDS[4] ?? '';

/** The same port, but every call of it goes through `before` first. */
function guarded<Rest extends unknown[], R>(port: (id: string, ...rest: Rest) => Promise<R>, before: (id: string) => void) {
  return async (id: string, ...rest: Rest): Promise<R> => {
    before(id);
    return await port(id, ...rest);
  };
}

/** Throws for the first calls. */
function failingAtFirst(times: number): () => void {
  let calls = 0;
  return () => {
    calls += 1;
    if (calls <= times) throw AWAY;
  };
}

describe('an outage of Temporal', () => {
  it('is waited for and told once, in the plan as in its execution', async () => {
    const { replay, started } = world();
    const load = guarded(replay.cases.load, failingAtFirst(2));
    const ran = await runFakeCli([...RUN, ...IDS, '--yes'], { replay: { ...replay, cases: { load } } });
    expect(ran.code).toBe(0);
    expect(started).toHaveLength(IDS.length);
    expect(ran.err.match(/waiting for Temporal: temporal unavailable: no answer/g)).toHaveLength(1);
  });

  it('ends with SIGINT, and the journal goes on after it', async () => {
    const { replay, started } = world();
    const journals = new Map<string, string[]>();
    let away = false;
    const load = guarded(replay.cases.load, () => {
      if (away) throw AWAY;
    });
    const stopped = await runFakeCli([...RUN, ...IDS, '--yes'], {
      replay: { ...replay, cases: { load } },
      journals,
      onSleep: (durationMs, interrupt) => {
        away = (journals.get('j.ndjson') ?? []).some((line) => line.includes('PLAN_COMPLETE'));
        if (durationMs === 60_000) interrupt();
      },
    });
    expect(stopped.code).toBe(1);
    expect(stopped.err).toContain('go on with: verdictflow replay run --yes --journal j.ndjson\n');
    expect(started.length).toBeLessThan(IDS.length);
    expect((await runFakeCli(RESUME, { replay, journals })).code).toBe(0);
    expect(started.map(({ verificationId }) => verificationId).toSorted()).toEqual(IDS);
  });

  it('that breaks off a listing does not end the plan; one that forbids it does', async () => {
    const { replay } = world();
    const rowOf = (id: string) => ({ verificationId: id, workflowId: `fv-${id}`, status: 'COMPLETED', startedAt: 'x' }) as const;
    const rows = IDS.map(rowOf);
    const query = ['replay', 'plan', '--outcome', 'PASSED'];
    const ran = await runFakeCli(query, { replay, rows, listFailures: [{ after: 7, error: AWAY }] });
    expect(ran.out).toContain('12 verifications');
    expect(ran.code).toBe(0);
    expect(await runFakeCli(query, { replay, rows, listFailures: [{ after: 0, error: AWAY }] })).toMatchObject({ code: 69, out: '' });
  });

  it('is survived by a start whose answer was lost: it is looked for, not made again, and audited', async () => {
    const { replay, started } = world();
    const start: ReplayRuns['start'] = async (input, options) => {
      await replay.runs.start(input, options);
      throw AWAY;
    };
    const ran = await runFakeCli([...RUN, IDS[0] ?? ''], { replay: { ...replay, runs: { ...replay.runs, start } } });
    expect([ran.code, started.length, records(ran.asked).length]).toEqual([0, 1, 1]);
  });

  it('is survived by a start that is seen only when it is made again', async () => {
    const { replay, started } = world();
    let starts = 0;
    let finds = 0;
    const start: ReplayRuns['start'] = async (input, options) => {
      starts += 1;
      if (starts > 1) return 'RUNNING';
      await replay.runs.start(input, options);
      throw AWAY;
    };
    const find: ReplayRuns['find'] = async (id, requestedAt) => {
      finds += 1;
      return finds === 1 ? undefined : await replay.runs.find(id, requestedAt);
    };
    const ran = await runFakeCli([...RUN, IDS[0] ?? ''], { replay: { ...replay, runs: { ...replay.runs, start, find } } });
    expect([ran.code, started.length, records(ran.asked).length]).toEqual([0, 1, 1]);
  });
});

describe('a verification that fails by itself', () => {
  it('is refused by the plan, which says so, and the others are started', async () => {
    const { replay, started } = world();
    const load = guarded(replay.cases.load, (id) => {
      if (id === FAULTY) throw new TypeError('no such field');
    });
    const plan = await runFakeCli(['replay', 'plan', ...IDS], { replay: { ...replay, cases: { load } } });
    expect(plan.code).toBe(1);
    expect(plan.out).toMatch(new RegExp(`${FAULTY}  REFUSE .* it cannot be read \\(TypeError: no such field\\)`));
    expect(plan.out).toContain('; 1 cannot be read');
    const ran = await runFakeCli([...RUN, ...IDS, '--yes'], { replay: { ...replay, cases: { load } } });
    expect([ran.code, started.length]).toEqual([1, IDS.length - 1]);
    expect(ran.err).toContain(`${FAULTY}  refused: it cannot be read (TypeError: no such field)\n`);
  });

  it('is skipped when its start is refused; the journal is finished then, and every attempt answers for it', async () => {
    const { replay, started } = world();
    const journals = new Map<string, string[]>();
    const start: ReplayRuns['start'] = async (input, options) => {
      if (input.verificationId === FAULTY) throw new StartRefusedError('Temporal refuses the start: too big');
      return await replay.runs.start(input, options);
    };
    const fake: FakeCli = { replay: { ...replay, runs: { ...replay.runs, start } }, journals };
    const ran = await runFakeCli([...RUN, ...IDS, '--yes'], fake);
    expect([ran.code, started.length]).toEqual([1, IDS.length - 1]);
    expect(ran.err).toContain(`${FAULTY}  skipped: StartRefusedError: Temporal refuses the start: too big\n`);
    expect(ran.out).toContain('11 started, 1 skipped');
    const again = await runFakeCli(RESUME, fake);
    expect([again.code, started.length]).toEqual([1, IDS.length - 1]);
    expect(again.err).toContain('j.ndjson has 12 finished (11 started, 1 skipped), 0 to go\n');
  });

  it('is started, not skipped, when its audit record is refused, and names its run; every attempt answers for it', async () => {
    const { replay, started } = world();
    const journals = new Map<string, string[]>();
    const publish: FakeCli['publish'] = async ({ key, topic }) => {
      if (key === FAULTY) throw new RecordRefusedError('too large');
      return await Promise.resolve({ topic, partition: 0, offset: '0' });
    };
    const ran = await runFakeCli([...RUN, ...IDS, '--yes'], { replay, journals, publish });
    expect([ran.code, started.length]).toEqual([1, IDS.length]);
    expect(ran.err).toContain(`${FAULTY}  started as run run-of-${FAULTY}, not audited: too large\n`);
    expect(ran.out).toContain('12 started, 0 skipped, 1 of the started not audited; journal j.ndjson\n');
    expect((await runFakeCli(RESUME, { replay, journals })).code).toBe(1);
    expect(started).toHaveLength(IDS.length);
  });
});

describe('the rate', () => {
  it('is kept by a clock that nobody sets', async () => {
    const { replay, started } = world();
    const waitsMs: number[] = [];
    let nowMs = 0;
    const ran = await runFakeCli([...RUN, ...IDS, '--yes'], {
      replay,
      monotonicMs: () => (nowMs += 60_000),
      onSleep: (durationMs) => void waitsMs.push(durationMs),
    });
    expect([ran.code, started.length, waitsMs]).toEqual([0, IDS.length, []]);
  });
});

describe('stopping', () => {
  it('begins nothing after SIGINT, although eight wait for their turn, and names the rate to go on with', async () => {
    const { replay, started } = world();
    let waiting = 0;
    const ran = await runFakeCli([...RUN, ...IDS, '--yes', '--rate', '0.5'], {
      replay,
      onSleep: (durationMs, interrupt) => {
        // Turns of the plan are shorter.
        if (durationMs < 2_000) return undefined;
        waiting += 1;
        if (waiting === 7) interrupt();
        return 'HELD';
      },
    });
    expect(ran.code).toBe(1);
    expect([waiting, started.length]).toEqual([7, 1]);
    expect(ran.err).toContain('--journal j.ndjson --rate 0.5\n');
  });

  it('begins nothing after a failure that concerns every line, and reports what was begun', async () => {
    const { replay, started } = world();
    const publish: FakeCli['publish'] = async ({ key, topic }) => {
      if (key === IDS[1]) throw new DependencyUnavailableError('kafka', 'no answer');
      for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
      return { topic, partition: 0, offset: '0' };
    };
    const ran = await runFakeCli([...RUN, ...IDS, '--yes', '--json'], { replay, publish });
    expect(ran.code).toBe(69);
    expect(started.length).toBeLessThan(IDS.length);
    const lines = jsonLines(ran.out).slice(0, -1);
    expect(lines.map(({ verificationId }) => verificationId)).toEqual(
      started.map(({ verificationId }) => verificationId).filter((id) => id !== IDS[1]),
    );
  });
});
