import type { State } from '../state.ts';

/**
 * The images that read `slot` asks for. Images never cost a verdict: once an answer was too large to be taken, no more are asked for,
 * nor from the last slot once an answer did not come in time.
 */
export function imagesFor(wish: 0 | 1 | 2, { state, slot }: { readonly state: State; readonly slot: number }): 0 | 1 | 2 {
  const causes = state.reads.map(({ report }) => (report?.kind === 'UNCERTAIN' ? report.cause : undefined));
  const isLast = slot >= state.assignment.policy.maxReads;
  return causes.includes('BODY_TOO_LARGE') || (isLast && causes.includes('TIMEOUT')) ? 0 : wish;
}
