import { fromNowText } from '../../contracts/text/duration.ts';
import type { VerificationDetails } from '../ports.ts';
import type { EventKind, Timeline } from './ports.ts';
import { html, type Html } from './html.ts';
import { lineOf } from './lines.ts';

const WIDTH = 800;
const MARGIN = 10;

const MARKED: ReadonlySet<EventKind> = new Set([
  'ADMITTED',
  'READ',
  'HINTED',
  'CANCEL_REQUESTED',
  'REPLAYED',
  'RULED',
  'RESET',
  'STARTED_BY_HAND',
  'EMITTED',
  'REVISION_GRANTED',
  'RUN_ENDED',
]);

/** The window as a line, from issue to deadline, with a mark for each read, each outcome and each word of a person. */
export function strip({
  details,
  timeline,
  nowMs,
}: {
  readonly details: VerificationDetails;
  readonly timeline: Timeline;
  readonly nowMs: number;
}): Html {
  const admitted = timeline.events.find(({ kind }) => kind === 'ADMITTED');
  const deadlineAt = details.deadlineAt ?? (admitted?.kind === 'ADMITTED' ? admitted.deadlineAt : undefined);
  const issuedAt = admitted?.kind === 'ADMITTED' ? (admitted.issuedAt ?? admitted.at) : undefined;
  if (deadlineAt === undefined || issuedAt === undefined) return { markup: '' };
  const [fromMs, untilMs] = [Date.parse(issuedAt), Date.parse(deadlineAt)];
  if (!(untilMs > fromMs)) return { markup: '' };
  const x = (atMs: number): number =>
    Math.round(MARGIN + Math.min(1, Math.max(0, (atMs - fromMs) / (untilMs - fromMs))) * (WIDTH - 2 * MARGIN));
  const endMs = details.closedAt === undefined ? nowMs : Date.parse(details.closedAt);
  const marks = timeline.events
    .filter(({ kind }) => MARKED.has(kind))
    .map((event) => {
      const { at, what, tone } = lineOf(event, nowMs);
      return html`<circle class="mark m-${tone}" cx="${x(Date.parse(at))}" cy="16" r="7"><title>${what}</title></circle>`;
    });
  return html` <svg viewBox="0 0 ${WIDTH} 46" role="img" aria-label="the window, with what happened in it">
    <line class="axis" x1="${MARGIN}" x2="${WIDTH - MARGIN}" y1="16" y2="16" />
    <line class="past" x1="${MARGIN}" x2="${x(endMs)}" y1="16" y2="16" />
    ${marks}
    <text x="${MARGIN - 6}" y="42">token issued</text>
    <text x="${WIDTH - MARGIN + 6}" y="42" text-anchor="end">deadline, ${fromNowText(untilMs, nowMs)}</text>
  </svg>`;
}
