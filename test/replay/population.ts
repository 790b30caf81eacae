import { defined } from '../../src/domain/defined.ts';
import { verificationIdOf } from '../../src/contracts/wire/token-identity.ts';
import { mintToken } from '../../src/emulator/mint-token.ts';
import { expectedOf } from '../../src/emulator/scenarios.ts';
import type { MixedToken } from '../conformance/scenario-mix.ts';

/** YOUNG: most of its window is left when it is planned. OLD: its window ends soon after admission. GONE: it had ended before. */
type Age = 'YOUNG' | 'OLD' | 'GONE';
/** What an operator does to it while it waits for its reserve. */
type Meddling = 'CANCEL' | 'TERMINATE';
type Kind = { readonly scenario: string; readonly age: Age; readonly weight: number; readonly meddling?: Meddling };

/** Its session goes on while the early reads are made, and is over when it is replayed. */
const STILL_GOING = 'ok-after-30000';

const KINDS: readonly Kind[] = [
  { scenario: 'ready-pass', age: 'YOUNG', weight: 8 },
  { scenario: 'ready-boundary', age: 'YOUNG', weight: 5 },
  { scenario: 'ready-fail-liveness', age: 'YOUNG', weight: 3 },
  { scenario: 'ready-fail-match', age: 'OLD', weight: 2 },
  { scenario: 'review-multifaces', age: 'YOUNG', weight: 2 },
  { scenario: 'failed-session', age: 'OLD', weight: 2 },
  { scenario: 'cancelled', age: 'YOUNG', weight: 2 },
  { scenario: 'processing-1', age: 'YOUNG', weight: 3 },
  { scenario: 'reset', age: 'OLD', weight: 3 },
  { scenario: 'internal-error', age: 'OLD', weight: 2 },
  { scenario: 'processing-9', age: 'OLD', weight: 3 },
  { scenario: 'ready-pass', age: 'GONE', weight: 2 },
  { scenario: 'data-destroyed', age: 'YOUNG', weight: 3 },
  { scenario: 'data-source-error-once', age: 'YOUNG', weight: 4 },
  { scenario: 'data-source-error', age: 'YOUNG', weight: 2 },
  { scenario: 'malformed-2', age: 'YOUNG', weight: 3 },
  { scenario: 'result-not-found-2', age: 'YOUNG', weight: 2 },
  { scenario: STILL_GOING, age: 'YOUNG', weight: 3, meddling: 'CANCEL' },
  { scenario: STILL_GOING, age: 'YOUNG', weight: 2, meddling: 'TERMINATE' },
  { scenario: 'processing-9', age: 'OLD', weight: 2, meddling: 'TERMINATE' },
  { scenario: 'processing-9', age: 'YOUNG', weight: 2 },
];

export const ISSUED_EVERY_MS = 200;

const LADDER = KINDS.flatMap((kind) => Array.from({ length: kind.weight }, () => kind));

export type Member = MixedToken & { readonly verificationId: string; readonly age: Age; readonly meddling?: Meddling };

/**
 * `count` tokens of every kind in fixed proportions. `leadMs`: how much of its window an OLD one has left. Young ones are
 * issued one after the other from a little later on, so that their planned reads are neither late nor all at once.
 */
export function population(
  count: number,
  { windowMs, leadMs, nowMs }: { windowMs: number; leadMs: number; nowMs: number },
): readonly Member[] {
  const issuedAt = { YOUNG: nowMs + 5_000, OLD: nowMs - windowMs + leadMs, GONE: nowMs - windowMs - 5_000 } as const;
  return Array.from({ length: count }, (_, index) => {
    const { scenario, age, meddling } = LADDER[index % LADDER.length] ?? { scenario: 'ready-pass', age: 'YOUNG' };
    const issuedAtMs = issuedAt[age] + (age === 'YOUNG' ? index * ISSUED_EVERY_MS : 0);
    const expected = expectedOf(scenario);
    if (expected === undefined) throw new Error(`no expectation for ${scenario}`);
    const token = mintToken({ scenario, issuedAtMs });
    return {
      token,
      verificationId: verificationIdOf(token),
      scenario,
      issuedAtMs,
      expected,
      age,
      ...defined({ meddling }),
    };
  });
}

export type Oracle = { readonly action: string; readonly atMost: number };

export type Seen = {
  /** In the vendor's log. */
  readonly reads: number;
  /** Temporal says that it is still running. */
  readonly open: boolean;
  readonly planAtMs: number;
  readonly windowMs: number;
};

/**
 * What the plan must say, from the scenario, the operator's meddling and the reads in the vendor's log alone: a scenario
 * that ends in a verdict is emitted again, one that does not is read while reads and time are left.
 */
export function oracle(member: Member, { reads, open, planAtMs, windowMs }: Seen): Oracle {
  const { scenario, age, meddling, expected, issuedAtMs } = member;
  if (open) return { action: 'REFUSE', atMost: 0 };
  const hasVerdict =
    meddling === undefined && age !== 'GONE' && scenario !== 'processing-9' && !['EXPIRED', 'ERROR'].includes(expected.outcome);
  if (hasVerdict) return { action: 'RE_EMIT', atMost: 0 };
  if (planAtMs >= issuedAtMs + windowMs) return { action: meddling === 'TERMINATE' ? 'RE_DECIDE' : 'REFUSE', atMost: 0 };
  const left = scenario === 'data-destroyed' ? 0 : 3 - reads;
  return left === 0 ? { action: 'REFUSE', atMost: 0 } : { action: 'READ', atMost: left };
}
