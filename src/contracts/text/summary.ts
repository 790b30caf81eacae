import { HINT_SIGNAL, type OriginMemo, type VerificationInput } from '../workflow.ts';
import { clockText } from './clock.ts';

/** One line for the workflow's page: what this is and until when. Holds nothing personal. */
export function staticSummary(input: VerificationInput): string {
  const admittedAtMs = Date.parse(input.admittedAt);
  const deadline = clockText(Date.parse(input.deadlineAt), admittedAtMs);
  return `face verification, policy ${input.policy.id}, at most ${input.policy.maxReads} reads until ${deadline}`;
}

/** Markdown without tables (the UI collapses them) and without slashes between digits (it draws fractions). */
export function staticDetails(input: VerificationInput, origin: Pick<OriginMemo, 'admittedAt'>): string {
  const { policy, source } = input;
  const admittedAtMs = Date.parse(input.admittedAt);
  const clock = (at: string): string => clockText(Date.parse(at), admittedAtMs);
  return [
    `- token issued ${clock(input.issuedAt)}, expires ${clock(input.tokenExpiresAt)}`,
    `- outcome due by **${clock(input.deadlineAt)}**; no read is made after it`,
    `- policy \`${policy.id}\`: at most ${policy.maxReads} reads, required false-accept rate ${policy.requiredFar}`,
    `- must match: ${input.comparisons.length === 0 ? 'every reference returned' : input.comparisons.join(', ')}`,
    `- asked for by record ${source.offset} of partition ${source.partition} of \`${source.topic}\`, admitted ${clock(origin.admittedAt)}`,
    '',
    'The token is sealed in the input and opened only inside `getResult`.',
    `To bring the next read forward, send the signal \`${HINT_SIGNAL}\` with \`{"kind":"SESSION_ENDED","trusted":false}\`.`,
    'To end it early, *cancel* it: its outcome is still emitted. *Terminate* would emit none.',
  ].join('\n');
}
