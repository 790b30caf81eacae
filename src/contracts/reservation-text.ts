import type { ReservedBy, ReservedReadInput, ReservedRevisionInput } from './workflow.ts';

/** One line for the Temporal UI, e.g. `read 3 of 3, reserved by replay of jane (INC-7): vendor outage`. */
export function reservationText(input: ReservedReadInput | ReservedRevisionInput): string {
  const what = 'read' in input ? `read ${input.read} of ${input.maxCalls}` : `revision ${input.revision}, ${input.event.outcome}`;
  return `${what}, reserved by ${whoseText(input.reservedBy)}`;
}

function whoseText({ replay, runId, activityId }: ReservedBy): string {
  if (replay === undefined) return `run ${runId}, activity ${activityId}, which was reset or started by hand`;
  const ticket = replay.ticket === undefined ? '' : ` (${replay.ticket})`;
  return `replay of ${replay.operator}${ticket}: ${replay.reason}`;
}
