import { describe, expect, it } from 'vitest';
import { DependencyUnavailableError } from '../../../src/contracts/errors.ts';
import { frameOf, remember, type Remembered } from '../../../src/operator/watch/frame.ts';
import { type Overview, overviewOf, type Snapshot, snapshotOf } from '../../../src/operator/watch/snapshot.ts';
import { sourceOf } from '../../../src/operator/watch/source.ts';

const NOW = Date.parse('2026-02-01T12:00:00Z');
const OVERVIEW: Overview = {
  running: 120,
  stages: { WAITING: 92, READING: 15, HELD: 8, DECIDED: 5 },
  bySlot: [20, 90, 8, 2],
  started: 90,
  ended: { PASSED: 60, FAILED: 12, NEEDS_REVIEW: 0, NOT_COMPLETED: 0, EXPIRED: 3, ERROR: 0, NONE: 1 },
  nearest: [
    {
      verificationId: 'v1',
      workflowId: 'fv-v1',
      status: 'RUNNING',
      startedAt: '',
      stage: 'WAITING',
      readsCounted: 2,
      deadlineAt: '2026-02-01T12:04:00.000Z',
    },
  ],
};
const SEEN: Snapshot = {
  atMs: NOW,
  overview: { kind: 'SEEN', value: OVERVIEW },
  lag: {
    kind: 'SEEN',
    value: [
      { topic: 'requests', records: 7 },
      { topic: 'hints', records: 0 },
    ],
  },
};
const AWAY: Snapshot = {
  atMs: NOW + 65_000,
  overview: { kind: 'AWAY', why: 'temporal unavailable:\u001B[2J no answer' },
  lag: { kind: 'AWAY', why: 'kafka unavailable: no answer' },
};

function framesOf(...snapshots: readonly Snapshot[]): readonly string[] {
  let remembered: Remembered = {};
  let frame: readonly string[] = [];
  for (const snapshot of snapshots) {
    remembered = remember(remembered, snapshot);
    frame = frameOf(snapshot, remembered);
  }
  return frame;
}

describe('watch', () => {
  it('shows rates, stages, reads, lag and the nearest deadlines', () => {
    expect(framesOf(SEEN).join('\n')).toMatchInlineSnapshot(`
      "verdictflow  2026-02-01 12:00:00 UTC

      in          1.5/s  (90 started within a minute)
      out         1.3/s  (PASSED 60, FAILED 12, EXPIRED 3, without an outcome 1)
      running     120  (WAITING 92, READING 15, HELD 8, DECIDED 5)
      reads made  0: 20  1: 90  2: 8  3: 2
      lag         requests 7, hints 0

      nearest deadlines
        v1  WAITING   2 read  in 4 min"
    `);
  });

  it('says for how long something is away, and shows what was last seen', () => {
    expect(framesOf(SEEN, AWAY).join('\n')).toMatchInlineSnapshot(`
      "verdictflow  2026-02-01 12:01:05 UTC

      !! Temporal does not answer for 1 min 5 s, what follows is of then: temporal unavailable: [2J no answer
      in          1.5/s  (90 started within a minute)
      out         1.3/s  (PASSED 60, FAILED 12, EXPIRED 3, without an outcome 1)
      running     120  (WAITING 92, READING 15, HELD 8, DECIDED 5)
      reads made  0: 20  1: 90  2: 8  3: 2
      !! Kafka does not answer for 1 min 5 s, what follows is of then: kafka unavailable: no answer
      lag         requests 7, hints 0

      nearest deadlines
        v1  WAITING   2 read  in 2 min 55 s"
    `);
    expect(framesOf(AWAY)).toContain('!! Kafka does not answer: kafka unavailable: no answer');
    expect(framesOf(SEEN, AWAY, SEEN)).toEqual(framesOf(SEEN));
    expect(framesOf({ ...SEEN, overview: { kind: 'SEEN', value: { ...OVERVIEW, nearest: [] } } })).toContain('no deadline is to come');
  });

  it('counts what it shows, once each', async () => {
    const asked: string[] = [];
    const count = async (query: string): Promise<number> => await Promise.resolve(asked.push(query));
    const ports = { count, progress: async () => await Promise.resolve(undefined), reader: { list: async function* () {} } };
    const overview = await overviewOf(ports, { nowMs: NOW, maxReads: 3 });
    expect(overview).toMatchObject({ running: 1, started: 2, bySlot: [8, 9, 10, 11] });
    expect(new Set(asked).size).toBe(asked.length);
    expect(asked[1]).toBe("WorkflowType = 'resolveVerification' AND StartTime >= '2026-02-01T11:59:00.000Z'");
  });

  it('one that is away hides nothing of the other', async () => {
    const use = async (): Promise<never> => await Promise.reject(new DependencyUnavailableError('kafka', 'no answer'));
    const away = { use, close: async () => await Promise.resolve() };
    const snapshot = await snapshotOf({ temporal: away, kafka: away }, { now: () => NOW, maxReads: 3, patienceMs: 1_000 });
    expect(snapshot).toEqual({
      atMs: NOW,
      overview: { kind: 'AWAY', why: 'kafka unavailable: no answer' },
      lag: { kind: 'AWAY', why: 'kafka unavailable: no answer' },
    });
  });
});

it('what does not answer in time does not hold up the rest', async () => {
  const hangs = { use: async (): Promise<never> => await new Promise(() => undefined), close: async () => await Promise.resolve() };
  const lag = [{ topic: 'requests', records: 3 }];
  const use = async <R>(work: (ports: { lag(): Promise<typeof lag> }) => Promise<R>): Promise<R> =>
    await work({ lag: async () => await Promise.resolve(lag) });
  const sources = { temporal: hangs, kafka: { use, close: async () => await Promise.resolve() } };
  expect(await snapshotOf(sources, { now: () => NOW, maxReads: 3, patienceMs: 10 })).toEqual({
    atMs: NOW,
    overview: { kind: 'AWAY', why: 'no answer within 10 ms' },
    lag: { kind: 'SEEN', value: lag },
  });
});

describe('a source', () => {
  function counted(keeps: boolean, openings: readonly boolean[] = [true, true, true]) {
    let opened = 0;
    let closed = 0;
    const source = sourceOf(
      async () => {
        opened += 1;
        if (openings[opened - 1] !== true) throw new Error('cannot be opened');
        return await Promise.resolve({ close: async () => await Promise.resolve(void (closed += 1)) });
      },
      { keeps },
    );
    return { source, counts: () => [opened, closed] };
  }
  const works = async (): Promise<string> => await Promise.resolve('seen');
  const breaks = async (): Promise<never> => await Promise.reject(new Error('away'));

  it('is opened once, and closed once', async () => {
    const { source, counts } = counted(true);
    await source.use(works);
    await source.use(works);
    await source.close();
    expect(counts()).toEqual([1, 1]);
  });

  it('that finds its way back is kept after a failure, another is opened anew', async () => {
    for (const [keeps, counts] of [
      [true, [1, 0]],
      [false, [2, 1]],
    ] as const) {
      const one = counted(keeps);
      await expect(one.source.use(breaks)).rejects.toThrow('away');
      await expect(one.source.use(works)).resolves.toBe('seen');
      expect(one.counts()).toEqual(counts);
    }
  });

  it('that could not be opened is tried again, whichever it is', async () => {
    for (const keeps of [true, false]) {
      const { source, counts } = counted(keeps, [false, true]);
      await expect(source.use(works)).rejects.toThrow('cannot be opened');
      await expect(source.use(works)).resolves.toBe('seen');
      expect(counts()).toEqual([2, 0]);
    }
  });
});
