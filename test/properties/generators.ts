import fc from 'fast-check';
import { defined } from '../../src/domain/defined.ts';
import { EVIDENCE_FAILURES, EVIDENCE_KINDS, type EvidenceReference, type KeptEvidence } from '../../src/domain/evidence.ts';
import { type Answer, VENDOR_STATUSES, VERIFY_ERRORS } from '../../src/domain/judging/answer.ts';
import type { LedgerRead } from '../../src/domain/ledger/asking-run.ts';
import { FAR_LEVELS, POLICY_PROFILES } from '../../src/domain/policy.ts';
import { resolvePolicy } from '../../src/domain/reading/plan.ts';
import { type LedgerDoubt, type ReadReport, VENDOR_ERRORS } from '../../src/domain/reading/report.ts';
import type { Assignment, Hint } from '../../src/domain/state.ts';
import { answerWith, HOUR, MINUTE, pending, SECOND, T0, THRESHOLDS } from '../domain/samples.ts';

const AT = new Date(T0).toISOString();
const score = fc.oneof(fc.double({ min: 0, max: 100, noNaN: true }), fc.constantFrom(Number.NaN, -1, 101, Infinity, 69, 68.918));
const thresholds = fc.oneof(
  fc.constant({ '1e-3': 64, '1e-4': 69, '1e-5': 74, '1e-6': 79.9 }),
  fc.record({ '1e-3': score, '1e-4': score, '1e-5': score, '1e-6': score }, { requiredKeys: [] }),
);
const comparison = fc.record(
  { name: fc.constantFrom('result_ref1', 'result_ref2', 'result_faceid'), confidence: score, thresholds },
  { requiredKeys: ['name', 'thresholds'] },
);

const arbitraryAnswer: fc.Arbitrary<Answer> = fc.record(
  {
    status: fc.oneof({ arbitrary: fc.constant('OK' as const), weight: 3 }, { arbitrary: fc.constantFrom(...VENDOR_STATUSES), weight: 4 }),
    liveness: fc.record({
      result: fc.oneof(
        { arbitrary: fc.constant('PASS' as const), weight: 4 },
        { arbitrary: fc.constantFrom('FAIL', 'INDETERMINATE', 'ABSENT'), weight: 2 },
      ),
    }),
    verifyPresent: fc.oneof({ arbitrary: fc.constant(true), weight: 9 }, { arbitrary: fc.constant(false), weight: 1 }),
    verifyError: fc.constantFrom(...VERIFY_ERRORS),
    comparisons: fc.uniqueArray(comparison, { selector: ({ name }) => name, maxLength: 3 }),
    multipleFaces: fc.boolean(),
    bizNo: fc.oneof(
      { arbitrary: fc.constant('MATCHES' as const), weight: 5 },
      { arbitrary: fc.constantFrom('NOT_EXPECTED', 'ABSENT', 'DIFFERS'), weight: 3 },
    ),
    unclear: fc.oneof({ arbitrary: fc.constant([]), weight: 9 }, { arbitrary: fc.constant(['status']), weight: 1 }),
    vendorRequestIds: fc.constant([]),
    quirks: fc.constant([]),
  },
  { requiredKeys: ['status', 'liveness', 'verifyPresent', 'comparisons', 'bizNo', 'unclear', 'vendorRequestIds', 'quirks'] },
);

/** A passing answer, and the same with one flaw: the border where a wrong PASSED would hide. */
const nearlyPassing: fc.Arbitrary<Answer> = fc
  .constantFrom<Partial<Answer>>(
    {},
    {},
    {},
    { status: 'FAILED' },
    { liveness: { result: 'INDETERMINATE' } },
    { verifyPresent: false },
    { verifyError: 'UNKNOWN' },
    { multipleFaces: true },
    { bizNo: 'DIFFERS' },
    { unclear: ['confidence'] },
    { comparisons: [] },
  )
  .chain((flaw) => fc.boolean().map((second): Answer => answerWith({ comparisons: passingComparisons(second), ...flaw })));

function passingComparisons(second: boolean): Answer['comparisons'] {
  const names = second ? ['result_ref1', 'result_ref2'] : ['result_ref1'];
  return names.map((name) => ({ name, confidence: 80, thresholds: THRESHOLDS }));
}

/** Any normalized answer. */
export const anyAnswer: fc.Arbitrary<Answer> = fc.oneof(arbitraryAnswer, nearlyPassing);

function ledgerDoubt(doubt: LedgerDoubt): ReadReport {
  return { kind: 'WITHHELD', why: 'LEDGER_UNKNOWN', doubt, endedAt: AT };
}

/** Those that pass come more often. */
const LEDGER_DOUBTS = ['SERVER_UNAVAILABLE', 'SERVER_UNAVAILABLE', 'GRANT_UNCONFIRMED', 'HOME_NOT_FOUND', 'OTHER_TERMS'] as const;

/** Any report that a read can end with; a crash in mid-call ends as UNCERTAIN/WORKER_LOST. */
const anyReference: fc.Arbitrary<EvidenceReference> = fc.record({
  kind: fc.constantFrom(...EVIDENCE_KINDS),
  object: fc.stringMatching(/^[a-z2-7]{26}\/[a-z_]{1,20}-[0-9a-f]{16}$/),
  sha256: fc.stringMatching(/^[0-9a-f]{64}$/),
  bytes: fc.nat(),
  contentType: fc.constantFrom('image/jpeg', 'application/json'),
  keyId: fc.constantFrom('k1', '2026-01'),
  expiresAt: fc.constant(AT),
});

/** What may have become of what an answer brought. */
export const anyEvidence: fc.Arbitrary<KeptEvidence> = fc
  .record({
    references: fc.array(anyReference, { maxLength: 3 }),
    failures: fc.array(fc.record({ kind: fc.constantFrom(...EVIDENCE_KINDS), why: fc.constantFrom(...EVIDENCE_FAILURES) }), {
      maxLength: 2,
    }),
  })
  .map(({ references, failures }) => (failures.length === 0 ? { references } : { references, failures }));

export const anyReport: fc.Arbitrary<ReadReport> = fc.oneof(
  { weight: 5, arbitrary: fc.constant(pending()) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(anyAnswer, fc.option(anyEvidence, { nil: undefined, freq: 3 }))
      .map(([answer, evidence]): ReadReport => ({ kind: 'ANSWER', sentAt: AT, answeredAt: AT, answer, ...defined({ evidence }) })),
  },
  {
    weight: 4,
    arbitrary: fc
      .constantFrom(...VENDOR_ERRORS)
      .map((error): ReadReport => ({ kind: 'VENDOR_ERROR', sentAt: AT, answeredAt: AT, error, httpStatus: 403, vendorRequestIds: [] })),
  },
  {
    weight: 2,
    arbitrary: fc.constant<ReadReport>({ kind: 'MALFORMED', sentAt: AT, answeredAt: AT, httpStatus: 200, bodyBytes: 1, bodySha256: 'a' }),
  },
  {
    weight: 4,
    arbitrary: fc
      .constantFrom('TIMEOUT' as const, 'CONNECTION_LOST', 'HTTP_5XX', 'THROTTLED', 'WORKER_LOST')
      .map((cause): ReadReport => ({ kind: 'UNCERTAIN', cause, endedAt: AT })),
  },
  {
    weight: 4,
    arbitrary: fc
      .constantFrom('CONNECT_FAILED' as const, 'OWN_RATE_LIMIT', 'OUT_OF_TIME', 'NO_WORKER', 'WINDOW_PASSED', 'TOKEN_KEY_UNKNOWN')
      .map((cause): ReadReport => ({ kind: 'UNSENT', cause, endedAt: AT })),
  },
  // Often enough that it comes several times in a row.
  { weight: 4, arbitrary: fc.constant<ReadReport>({ kind: 'UNSENT', cause: 'GATE_CLOSED', endedAt: AT }) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('REDISPATCHED' as const, 'NOT_IN_WORKFLOW', 'NO_SLOT_LEFT', 'LEDGER_UNKNOWN')
      .map((why): ReadReport => ({ kind: 'WITHHELD', why, endedAt: AT })),
  },
  { weight: 3, arbitrary: fc.constantFrom(...LEDGER_DOUBTS).map(ledgerDoubt) },
);

/** Any profile, quota, window and time of admission, late ones included. */
export const anyAssignment: fc.Arbitrary<Assignment> = fc
  .record({
    profile: fc.constantFrom(...POLICY_PROFILES),
    maxReads: fc.constantFrom(1, 2, 3, 3, 3, 5),
    windowMs: fc.constantFrom(24 * SECOND, 10 * MINUTE, 24 * HOUR, 24 * HOUR),
    minGapMs: fc.constantFrom(0, SECOND, 20 * SECOND),
    errorBackoffMs: fc.constantFrom(SECOND, 30 * SECOND),
    requiredFar: fc.constantFrom(...FAR_LEVELS),
    countRefused: fc.boolean(),
    offsets: fc.uniqueArray(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1, maxLength: 5 }),
    admittedShare: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1.1, noNaN: true })),
    expiryShare: fc.double({ min: 0, max: 1.2, noNaN: true }),
    endedShare: fc.option(fc.double({ min: -0.1, max: 1, noNaN: true }), { nil: undefined }),
    comparisons: fc.constantFrom<readonly string[]>([], ['result_ref1'], ['result_ref1', 'result_ref2']),
    verificationId: fc.stringMatching(/^[a-z2-7]{26}$/),
  })
  .map(({ profile, offsets, admittedShare, expiryShare, endedShare, comparisons, verificationId, ...settings }) => {
    const at = (share: number): number => T0 + Math.floor(share * settings.windowMs);
    const customOffsetsMs = offsets
      .map((share) => at(share) - T0)
      .toSorted((one, other) => one - other)
      .slice(0, settings.maxReads);
    return {
      verificationId,
      issuedAtMs: T0,
      admittedAtMs: at(admittedShare),
      tokenExpiresAtMs: at(expiryShare),
      ...(endedShare === undefined ? {} : { sessionEndedAtMs: at(endedShare) }),
      comparisons,
      policy: resolvePolicy(profile, { ...settings, customOffsetsMs }),
    };
  });

/** What happens between two decisions. Shares are of the time until the wait ends (beyond 1: a late timer). */
export type Happening =
  | { readonly kind: 'JUMP'; readonly share: number }
  | { readonly kind: 'HINT'; readonly share: number; readonly hint: Hint }
  | { readonly kind: 'CANCEL' };

export const anyHappening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('JUMP' as const), share: fc.constantFrom(1, 1, 1, 1.2, 3) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('HINT' as const),
      share: fc.double({ min: 0, max: 0.99, noNaN: true }),
      // Few instants, so that hints repeat.
      hint: fc.record(
        { kind: fc.constant('SESSION_ENDED' as const), trusted: fc.boolean(), recordedAtMs: fc.constantFrom(T0, T0 + 1) },
        { requiredKeys: ['kind', 'trusted'] },
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('CANCEL' as const) }) },
);

/** What comes instead of a read, once, and instead of the receipts of the first emissions. */
export type Trouble = {
  readonly atRead: number;
  readonly atEmissions: readonly ('RECOVERED' | 'STOPPED')[];
  /** What the ledger knows. */
  readonly reads: readonly LedgerRead[];
};

export const anyTrouble: fc.Arbitrary<Trouble> = fc.record({
  atRead: fc.integer({ min: -1, max: 3 }),
  atEmissions: fc.array(fc.constantFrom('RECOVERED', 'STOPPED'), { maxLength: 3 }),
  reads: fc.array(
    fc
      .record({ report: anyReport, granted: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }) })
      .map(({ report, granted }): LedgerRead => ({ scheduledAt: new Date(T0 + SECOND).toISOString(), report, ...defined({ granted }) })),
    { maxLength: 3 },
  ),
});

export type Script = {
  readonly assignment: Assignment;
  readonly reports: readonly ReadReport[];
  readonly happenings: readonly Happening[];
  /** How long reads take, as seconds. */
  readonly readMs: readonly number[];
};

export const anyScript: fc.Arbitrary<Script> = fc.record({
  assignment: anyAssignment,
  reports: fc.array(anyReport, { minLength: 1, maxLength: 12 }),
  happenings: fc.array(anyHappening, { minLength: 1, maxLength: 12 }),
  readMs: fc.array(fc.constantFrom(0, 50, 9000, 40_000), { minLength: 1, maxLength: 5 }),
});
