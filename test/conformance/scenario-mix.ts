import { mintToken } from '../../src/emulator/mint-token.ts';
import { expectedOf } from '../../src/emulator/scenarios.ts';
import type { Expected } from '../../src/emulator/scenarios/scenario.ts';

/** Scenarios whose end is the same under every timing of the compressed clock, and how often they occur. */
const MIX: readonly (readonly [scenario: string, weight: number])[] = [
  ['ready-pass', 20],
  ['ready-fail-liveness', 4],
  ['ready-fail-match', 4],
  ['ready-boundary', 3],
  ['review-numeric-liveness', 2],
  ['review-missing-threshold', 2],
  ['review-multifaces', 2],
  ['processing-1', 5],
  ['processing-2', 3],
  ['processing-9', 2],
  ['failed-session', 3],
  ['cancelled', 2],
  ['timeout', 2],
  ['internal-error-1', 2],
  ['internal-error', 2],
  ['html-502-once', 2],
  ['throttled-429-once', 2],
  ['reset-once', 2],
  ['reset', 1],
  ['half-body-once', 2],
  ['malformed', 1],
  ['malformed-once', 2],
  ['hung-once', 1],
  ['concurrency-1', 2],
  ['data-destroyed', 1],
  ['seed-ok', 1],
  ['seed-failed', 1],
  ['slow-300', 2],
  ['review-thresholds-zero', 1],
  ['review-thresholds-scale', 1],
  ['attack-mask', 1],
  ['attack-face-replaced', 1],
  ['attack-nested-error', 1],
  ['review-error-beside-ok', 1],
  ['review-flat-no', 1],
  ['quirk-error-false', 1],
  ['quirk-gzip', 1],
  ['answered-twice-once', 1],
  ['short-length-once', 1],
  ['refusal-by-200-once', 1],
  ['refusal-by-200', 1],
  ['lower-case-concurrency-1', 1],
  ['bad-arguments', 1],
  ['invalid-token', 1],
  ['data-source-at-top', 1],
  ['no-face-at-top', 1],
  ['incomplete-once', 1],
  ['incomplete', 1],
  ['many-keys', 1],
  ['gzip-bomb-once', 1],
];

/**
 * Right as well, where a fault took the slot for another look: an OK without its comparison is read once more only from a slot
 * besides the reserve (docs/vendor.md row 22); else a person looks at it.
 */
export const HALF_KNOWN: ReadonlyMap<string, Expected> = new Map([
  ['incomplete-once', { outcome: 'NEEDS_REVIEW', reason: 'COMPARE_MISSING' }],
]);

const LADDER = MIX.flatMap(([scenario, weight]) => Array.from({ length: weight }, () => scenario));

/** Scenarios that the first read decides. */
const DECIDED_AT_ONCE = [
  'ready-pass',
  'ready-fail-liveness',
  'ready-boundary',
  'review-multifaces',
  'failed-session',
  'cancelled',
] as const;

export type MixedToken = {
  readonly token: string;
  readonly scenario: string;
  readonly issuedAtMs: number;
  readonly expected: Expected;
};

/** `count` tokens in the fixed proportions, all scenarios present from about 80 on. */
export function mixedTokens(count: number, issuedAtMs: number): readonly MixedToken[] {
  return Array.from({ length: count }, (_, index) => tokenOf(LADDER[(index * 7) % LADDER.length] ?? 'ready-pass', issuedAtMs));
}

/** `count` tokens that need one read each. */
export function quickTokens(count: number, issuedAtMs: number): readonly MixedToken[] {
  return Array.from({ length: count }, (_, index) => tokenOf(DECIDED_AT_ONCE[index % DECIDED_AT_ONCE.length] ?? 'ready-pass', issuedAtMs));
}

function tokenOf(scenario: string, issuedAtMs: number): MixedToken {
  const expected = expectedOf(scenario);
  if (!expected) throw new Error(`no expectation for ${scenario}`);
  return { token: mintToken({ scenario, issuedAtMs }), scenario, issuedAtMs, expected };
}

/** The request record of one token; the session's link lives for three seconds of the compressed clock. */
export function requestOf(token: MixedToken): { value: string } {
  return {
    value: JSON.stringify({
      token: token.token,
      issuedAt: new Date(token.issuedAtMs).toISOString(),
      tokenExpiresAt: new Date(token.issuedAtMs + 3_000).toISOString(),
    }),
  };
}
