import { verificationIdOf } from '../../src/contracts/wire/token-identity.ts';
import { mintToken } from '../../src/emulator/mint-token.ts';
import { expectedOf } from '../../src/emulator/scenarios.ts';

/** One token of the demo, and how it must end. */
export type Role = {
  readonly verificationId: string;
  readonly scenario: string;
  readonly request: string;
  /** Sent to the hint topic this long after the request, as a customer's backend would. */
  readonly hintAfterMs?: number;
  readonly hint?: string;
  readonly expected: { readonly outcome: string; readonly reason: string | null };
};

const SCENARIOS = [
  'ready-pass',
  'ready-pass',
  'ok-after-2500',
  'processing-1',
  'ready-fail-liveness',
  'ready-pass',
  'ready-boundary',
  'review-numeric-liveness',
  'processing-2',
  'internal-error-1',
  'ready-pass',
  'hung-once',
  'cancelled',
  'processing-9',
  'reset-once',
  'ready-fail-match',
  'failed-session',
  'html-502-once',
  'malformed',
  'seed-ok',
] as const;

/** How long a link lives on the compressed clock. */
const TOKEN_LIFE_MS = 3_000;

/** The `index`-th token, issued now. */
export function castRole(index: number, nowMs: number): Role {
  const scenario = SCENARIOS[index % SCENARIOS.length] ?? 'ready-pass';
  const token = mintToken({ scenario, issuedAtMs: nowMs });
  const expected = expectedOf(scenario);
  if (!expected) throw new Error(`the emulator does not say how ${scenario} must end`);
  const request = JSON.stringify({
    token,
    issuedAt: new Date(nowMs).toISOString(),
    tokenExpiresAt: new Date(nowMs + TOKEN_LIFE_MS).toISOString(),
    attributes: { scenario },
  });
  const base = { verificationId: verificationIdOf(token), scenario, request, expected };
  return scenario === 'ok-after-2500' ? { ...base, hintAfterMs: 2_600, hint: JSON.stringify({ token, kind: 'SESSION_ENDED' }) } : base;
}
