import { exhausted } from '../../domain/exhaustive.ts';
import type { Decision, WaitReason } from '../../domain/state.ts';
import type { GrantedReadInput, GrantedRevisionInput } from '../workflow.ts';
import type { GrantedTo, ReplayOrder, Ruling } from '../../domain/ledger/asking-run.ts';
import { clockText } from './clock.ts';

/**
 * One-line labels of reads and waits in the Temporal UI's timeline. They may change freely, because Temporal does not compare
 * them when it re-executes a history.
 * "1 of 3", never with a slash: the UI draws that as a fraction.
 */
export function readLabel(slot: number, maxReads: number, waits?: string): string {
  return `read ${slot} of ${maxReads}${waits === undefined ? '' : `, ${waits}`}`;
}

export function emitLabel(outcome: string): string {
  return `emit ${outcome} to Kafka`;
}

/** E.g. `waiting for the session to end, next read 14:05 UTC`: what is waited for, and what happens when. */
export function waitLabel(wait: Waiting, nowMs: number): string {
  return `${waitText(wait.why)}, ${whatFollows(wait) ?? 'until'} ${clockText(wait.untilMs, nowMs)}`;
}

/** A label that {@link waitLabel} made, taken apart again; without the time, which whoever shows it knows better. */
export function readWaitLabel(label: string): { readonly why: string; readonly follows?: 'next read' | 'sent again' } {
  const [, why, follows] = /^(.*), (next read|sent again|until) [^,]+ UTC$/.exec(label) ?? [];
  if (why === undefined) return { why: label };
  return follows === 'next read' || follows === 'sent again' ? { why, follows } : { why };
}

type Waiting = Extract<Decision, { kind: 'WAIT' }>;

/** What the end of the wait brings; undefined: only the deadline. */
export function whatFollows({ why, nextReadAtMs }: Waiting): string | undefined {
  if (why === 'EMISSION_STOPPED') return 'sent again';
  return nextReadAtMs === undefined ? undefined : 'next read';
}

export function waitText(why: WaitReason): string {
  switch (why) {
    case 'SESSION':
      return 'waiting for the session to end';
    case 'PLANNED_READ':
      return 'waiting for the next planned read';
    case 'RESERVE':
      return 'keeping the last read for the end of the window';
    case 'BACKOFF':
      return 'pausing after a read that failed';
    case 'HINTED':
      return 'the session has ended';
    case 'HELD':
      return 'held by the gate';
    case 'LEDGER_AWAY':
      return 'Temporal cannot say which reads were made';
    case 'STRUCK_OFF':
      return 'pausing after a read that was lost before it was made';
    case 'EMISSION_STOPPED':
      return 'the emission was stopped by hand';
    case 'DEADLINE':
      return 'waiting for the deadline, no read is left to make';
    default:
      return exhausted(why);
  }
}

/** One line for the Temporal UI, e.g. `read 3 of 3, granted to the replay of jane (INC-7): vendor outage`. */
export function grantText(input: GrantedReadInput | GrantedRevisionInput): string {
  const what = 'read' in input ? `read ${input.read} of ${input.maxReads}` : `revision ${input.revision}, ${input.event.outcome}`;
  return `${what}, granted to ${whoseText(input.grantedTo)}`;
}

function whoseText({ replay, runId, activityId }: GrantedTo): string {
  if (replay === undefined) return `run ${runId}, activity ${activityId}, which was reset or started by hand`;
  const ticket = replay.ticket === undefined ? '' : ` (${replay.ticket})`;
  const { ruling, operator, reason } = replay;
  return `${ruling === undefined ? `the replay of ${operator}` : `the decision of ${ruling.reviewer}`}${ticket}: ${reason}`;
}

/** One line for the Temporal UI: who ordered the run and why, e.g. `approved by hand by mia: looked at both pictures (CASE-9)`. */
export function orderText({ operator, reason, ticket, ruling, repeats }: ReplayOrder): string {
  const why = ticket === undefined ? reason : `${reason} (${ticket})`;
  if (ruling !== undefined) return `${ruledText(ruling)}${ruling.reviewer === operator ? '' : `, entered by ${operator}`}: ${why}`;
  return `replay by ${operator}: ${why}${repeats === undefined ? '' : `; it was ${ruledText(repeats)}`}`;
}

function ruledText({ verdict, reviewer }: Ruling): string {
  return `${verdict === 'APPROVED' ? 'approved' : 'rejected'} by hand by ${reviewer}`;
}
