import { describe, expect, it } from 'vitest';
import { lineOf, TONES } from '../../../src/operator/timeline/lines.ts';
import type { TimelineEvent } from '../../../src/operator/timeline/ports.ts';
import { timelineText } from '../../../src/operator/timeline/render-text.ts';
import { lettered } from '../../../src/operator/timeline/runs.ts';
import { CASES, NOW_MS, TIMELINE } from './cases.ts';

const ALL = Object.entries(CASES).flatMap(([kind, cases]) =>
  cases.map(([event, line]): [string, string, TimelineEvent] => [kind, line, event]),
);

describe('what happened, as people read it', () => {
  it.each(ALL)('%s: %s', (_kind, line, event) => {
    const { what, more, tone } = lineOf(event, NOW_MS);
    expect([what, ...more].join(' · ')).toBe(line);
    expect(TONES).toContain(tone);
  });

  it('a kind of a newer release is named, not lost', () => {
    const event: TimelineEvent = JSON.parse('{ "kind": "ASKED_TWICE", "at": "2026-02-01T12:00:00.000Z" }');
    expect(lineOf(event, NOW_MS)).toMatchObject({ what: 'ASKED_TWICE', more: [] });
  });

  it('runs have letters, however many there are', () => {
    const runs = Array.from({ length: 28 }, (_, index) => ({ runId: String(index), kind: 'RESET' as const, startedAt: '' }));
    expect(lettered(runs).map(({ letter }) => letter)).toEqual([...'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'AA', 'AB']);
  });

  it('is one timeline over all runs', () => {
    const text = timelineText({ ...TIMELINE, events: TIMELINE.events.slice(0, 7) }, NOW_MS);
    expect(text).toMatchInlineSnapshot(`
      "A run of ingress 01a225d0-eef3-7c25-8c7d-8fdc28686792
      B replay 01a225d0-f437-744c-9ad2-d2430d705fbb

      2026-02-01 11:00:02                A  admitted from faceid.verification.requested.v1, partition 3, offset 1200
                                              policy issued
      2026-02-01 11:00:02                A  waiting for the session to end: 2 min 8 s · cut short
      2026-02-01 11:02:10    +2 min 8 s  A  trusted hint SESSION_ENDED by jane@desk
      2026-02-01 11:02:12          +2 s  A  read 1 of 3: the vendor answered PROCESSING
                                              counted · brought forward by a hint · took 340 ms · worker 7@worker-1 · vendor request 1769943732,e2f1
      2026-02-01 11:24:00  +21 min 48 s  A  read 2 of 3: no answer (TIMEOUT); it may have counted, so it counts
                                              uncertain, counted · as planned · took 10 s
      2026-02-01 11:24:20         +20 s  A  read 3 of 3: not sent (GATE_CLOSED); its slot is given back
                                              unsent, not counted · as planned · took 100 ms
      2026-02-01 11:30:00   +5 min 40 s  A  cancellation asked for by jane@desk
      note: runs whose history is gone: 1
      "
    `);
    const [run] = TIMELINE.runs;
    expect(timelineText({ runs: run === undefined ? [] : [run], events: TIMELINE.events.slice(0, 2), gaps: [] }, NOW_MS))
      .toMatchInlineSnapshot(`
      "2026-02-01 11:00:02                admitted from faceid.verification.requested.v1, partition 3, offset 1200
                                           policy issued
      2026-02-01 11:00:02                waiting for the session to end: 2 min 8 s · cut short
      "
    `);
  });
});
