import { durationText } from '../../contracts/text/duration.ts';
import type { Timeline } from './ports.ts';
import { lineOf, oneLine } from './lines.ts';
import { lettered } from './runs.ts';

/** Columns; what else there is to say of an event goes on a line of its own if it does not fit. */
const LONGEST = 120;

/** The timeline as lines of a terminal or a log: time (UTC), how long after the line before, what happened. */
export function timelineText(timeline: Timeline, nowMs: number): string {
  const runs = lettered(timeline.runs);
  const letters = new Map(runs.map(({ runId, letter }) => [runId, letter]));
  const several = runs.length > 1;
  const legend = several ? runs.map(({ letter, name, runId }) => `${letter} ${name} ${runId}`) : [];
  let beforeMs: number | undefined;
  const lines = timeline.events.flatMap((event) => {
    const { at, runId = '', what, more } = lineOf(event, nowMs);
    const atMs = Date.parse(at);
    const after = beforeMs === undefined || atMs - beforeMs < 1_000 ? '' : `+${durationText(atMs - beforeMs)}`;
    beforeMs = atMs;
    const letter = several ? `${(letters.get(runId) ?? '').padEnd(2)} ` : '';
    const first = `${stamp(at)}  ${after.padStart(12)}  ${letter}${what}`;
    if (more.length === 0) return [first];
    const whole = [first, ...more].join(' · ');
    if (whole.length <= LONGEST) return [whole];
    const indent = ' '.repeat(first.length - what.length + 2);
    return [first, `${indent}${more.join(' · ')}`];
  });
  const gaps = timeline.gaps.map((gap) => `note: ${oneLine(gap)}`);
  return [...legend, ...(several ? [''] : []), ...lines, ...gaps].map((line) => `${line}\n`).join('');
}

/** `2026-02-01 11:00:00`: UTC, to the second. */
export function stamp(at: string): string {
  return at.slice(0, 19).replace('T', ' ');
}
