import { HINT_SIGNAL, type VerificationInput } from '../workflow.ts';
import { clockText } from './clock.ts';

/** One line for the workflow's page: what this is and until when. Holds nothing personal. */
export function staticSummary(input: VerificationInput): string {
  const admittedAtMs = Date.parse(input.admittedAt);
  const deadline = clockText(Date.parse(input.deadlineAt), admittedAtMs);
  return `face verification, policy ${input.policy.id}, at most ${input.policy.maxReads} reads until ${deadline}`;
}

/** Markdown without tables (the UI collapses them) and without slashes between digits (it draws fractions). */
export function staticDetails(input: VerificationInput): string {
  const { policy, source } = input;
  const admittedAtMs = Date.parse(input.admittedAt);
  const clock = (at: string): string => clockText(Date.parse(at), admittedAtMs);
  return [
    `- token issued ${clock(input.issuedAt)}, expires ${clock(input.tokenExpiresAt)}`,
    `- outcome due by **${clock(input.deadlineAt)}**; no read after it`,
    `- must match at false-accept rate ${policy.requiredFar}: ${input.comparisons.length === 0 ? 'every reference returned' : input.comparisons.join(', ')}`,
    `- asked for by record ${source.offset} of partition ${source.partition} of \`${source.topic}\``,
    ...(input.replay?.ruling !== undefined ? [] : ['', ...STEERING]),
  ].join('\n');
}

const STEERING: readonly string[] = [
  `To read earlier, send the signal \`${HINT_SIGNAL}\` with \`{"kind":"SESSION_ENDED","trusted":false}\`.`,
  'To end it early, *cancel* it: its outcome is still emitted. *Terminate* would emit none.',
];
