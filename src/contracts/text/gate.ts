import { type GateState, readLimit, type SinceThen, sinceText } from '../../domain/gate/gate.ts';
import { exhausted } from '../../domain/exhaustive.ts';
import { clockText } from './clock.ts';

/** E.g. `held by the gate since 14:05 UTC, by jane (INC-7), because the vendor's data source is down`. */
export function heldText(gate: SinceThen | undefined, nowMs: number): string {
  return gate === undefined ? 'held by the gate' : `held by the gate ${whoAndWhy(gate, nowMs)}`;
}

function whoAndWhy(since: SinceThen, nowMs: number): string {
  return sinceText(since, clockText(Date.parse(since.sinceAt), nowMs));
}

/** What the server shows beside the limit of the queue. It takes 1,000 bytes, more than the longest mandate has. */
export function limitReason(state: GateState): string {
  return `vf-gate ${state.phase} ${sinceText(state)}`;
}

/** What the gate lets through now. */
export function gateLimitText(state: GateState): string {
  const limit = readLimit(state);
  if (state.phase === 'CANARY') {
    return state.canary === undefined ? 'the next read that waits tries the vendor alone' : `only ${state.canary.verificationId} reads`;
  }
  if (limit === undefined) return 'reads begin as they come';
  return limit === 0 ? 'no read begins' : `up to ${limit} reads begin a second`;
}

export function gatePhaseText({ phase }: GateState): string {
  switch (phase) {
    case 'OPEN':
      return 'open';
    case 'HELD':
      return 'HELD';
    case 'CANARY':
      return 'being resumed, by one read that tries the vendor';
    case 'RAMP':
      return 'being resumed, step by step';
    default:
      return exhausted(phase);
  }
}

/** Label of the wait after which a phase changes by itself. */
export function gateWaitLabel({ phase }: GateState): string {
  return phase === 'CANARY' ? 'how long the canary may take' : 'until more reads may begin';
}

type GateChapter = {
  readonly state: GateState;
  readonly region: string;
  /** Reads that wait, and when that was asked (epoch ms); undefined while nobody has asked. */
  readonly waiting?: { readonly reads: number; readonly atMs: number };
  /** The latest changes, newest first. */
  readonly latest: readonly GateState[];
  readonly nowMs: number;
};

/** Current details of the gate in the Temporal UI. Markdown without tables, which it collapses. */
export function gateStory({ state, region, waiting, latest, nowMs }: GateChapter): string {
  const waits = waiting === undefined ? 'not counted yet' : `${waiting.reads}, counted at ${clockText(waiting.atMs, nowMs)}`;
  return [
    `**The gate of ${region} is ${gatePhaseText(state)}** ${whoAndWhy(state, nowMs)}`,
    '',
    ...(state.hold === undefined || state.phase === 'HELD' ? [] : [`It was held ${whoAndWhy(state.hold, nowMs)}`, '']),
    `**Now** ${gateLimitText(state)}`,
    '',
    `**Reads that wait** ${waits}`,
    '',
    ...(latest.length === 0 ? [] : ['**Before**', '', ...latest.map((one) => `- ${gatePhaseText(one)} ${whoAndWhy(one, nowMs)}`)]),
  ].join('\n');
}

/** One line for the workflow's page. */
export function gateSummary(region: string): string {
  return `the gate of the vendor account in ${region}: lets reads begin, or holds them all`;
}

/** What the updates `hold` and `resume` take. */
export const MANDATE_EXAMPLE = '{"operator":"jane","reason":"the vendor asks to stop","ticket":"INC-7"}';

export function gateDetails(region: string): string {
  return [
    `Holds every read of the vendor account in ${region}, and lets them begin again. What it does now is under *current details*.`,
    '',
    `To stop all reads, send the update \`hold\` with \`${MANDATE_EXAMPLE}\` (the ticket may be left out).`,
    'To let them begin again, send the update `resume` with the same fields: one read tries the vendor, then more and more.',
    '',
    'Terminating it opens nothing: whoever starts it again begins where it stood.',
  ].join('\n');
}
