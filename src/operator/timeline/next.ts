import { clockText } from '../../contracts/text/clock.ts';
import { durationText, fromNowText } from '../../contracts/text/duration.ts';
import type { VerificationDetails } from '../ports.ts';
import type { Timeline, TimelineEvent } from './ports.ts';
import { lineOf } from './lines.ts';

/** Workers poll: a task that none takes for so long is a sign that none runs. */
const UNTAKEN_AFTER_MS = 5_000;

/** What a running verification does now, what comes next and when; none for one that has ended. */
export function nextSteps(details: VerificationDetails, nowMs: number): readonly string[] {
  const { status, timeline, deadlineAt } = details;
  if (status === 'PAUSED') return ['somebody paused it in Temporal: nothing happens until it is unpaused'];
  if (status !== 'RUNNING') return [];
  const now = timeline === undefined ? [] : nowSteps(timeline, { nowMs, runId: details.runId });
  return [...now, ...(deadlineAt === undefined ? [] : [deadlineStep(Date.parse(deadlineAt), nowMs)])];
}

function nowSteps(
  { events, untakenSince }: Timeline,
  { nowMs, runId }: { readonly nowMs: number; readonly runId: string },
): readonly string[] {
  const untakenMs = untakenSince === undefined ? 0 : nowMs - Date.parse(untakenSince);
  const steps = untakenMs < UNTAKEN_AFTER_MS ? [] : [`no worker has taken its next step for ${durationText(untakenMs)}: does one run?`];
  const open = events.findLast((event) => event.runId === runId && isOpen(event));
  return open === undefined ? steps : [...steps, stepOf(open, nowMs)];
}

function isOpen(event: TimelineEvent): boolean {
  if (event.kind === 'WAITED') return event.endedAt === undefined;
  if (event.kind === 'READ') return event.state === 'PARKED' || event.state === 'IN_FLIGHT';
  return event.kind === 'EMISSION_PENDING';
}

function stepOf(open: TimelineEvent, nowMs: number): string {
  if (open.kind === 'WAITED') {
    const { why, follows = 'over', untilAt } = open;
    const untilMs = Date.parse(untilAt);
    return `${why}; ${follows} ${fromNowText(untilMs, nowMs)}, at ${clockText(untilMs, nowMs)}`;
  }
  const { what, more } = lineOf(open, nowMs);
  return [what, ...more].join('; ');
}

function deadlineStep(atMs: number, nowMs: number): string {
  if (atMs > nowMs) return `an outcome ${fromNowText(atMs, nowMs)} at the latest, at ${clockText(atMs, nowMs)}`;
  return `an outcome is overdue: its deadline was ${fromNowText(atMs, nowMs)}, at ${clockText(atMs, nowMs)}`;
}

/** Why the latest outcome is what it is, with its numbers; undefined while there is none. */
export function whyOf(timeline: Timeline | undefined): string | undefined {
  const last = timeline?.events.findLast(({ kind }) => kind === 'DECIDED' || kind === 'EMITTED');
  // A run that had to tell an earlier outcome again may have decided another one.
  const isTold = (event: TimelineEvent): boolean =>
    event.kind === 'DECIDED' && (last?.kind !== 'EMITTED' || event.outcome === last.outcome);
  const decided = timeline?.events.findLast(isTold);
  return decided?.kind === 'DECIDED' ? decided.why : undefined;
}
