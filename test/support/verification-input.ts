import { randomBytes } from 'node:crypto';
import { verificationIdOf } from '../../src/contracts/wire/token-identity.ts';
import type { VerificationInput } from '../../src/contracts/workflow.ts';
import type { Answer } from '../../src/domain/judging/answer.ts';
import type { Policy } from '../../src/domain/policy.ts';
import { resolvePolicy } from '../../src/domain/reading/plan.ts';
import type { ReadReport } from '../../src/domain/reading/report.ts';
import { createTokenSeal } from '../../src/temporal/token-seal.ts';
import { SETTINGS } from '../domain/samples.ts';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

export const TEST_SEAL = createTokenSeal([{ id: 'test', key: Buffer.alloc(32, 7) }]);

export type InputOverrides = Partial<VerificationInput> & {
  /** How long before admission the token was issued. Default 0. */
  readonly ageMs?: number;
  readonly token?: string;
};

/** Reads at admission, 60 s later, and the reserve at 23 h: the profile `completed`, spelled out. */
export const PLAIN_POLICY: Policy = {
  ...resolvePolicy('completed', SETTINGS),
  sessionAllowanceMs: 4 * MINUTE_MS,
  plan: [
    { anchor: 'ADMITTED', offsetMs: 0, notBeforeMs: 0, reserve: false },
    { anchor: 'ADMITTED', offsetMs: MINUTE_MS, notBeforeMs: 0, reserve: false },
    { anchor: 'ISSUED', offsetMs: 23 * HOUR_MS, notBeforeMs: 0, reserve: true },
  ],
};

/** First read only after ten minutes: begins by waiting. */
export const PATIENT_POLICY: Policy = {
  ...PLAIN_POLICY,
  id: 'patient',
  plan: [
    { anchor: 'ISSUED', offsetMs: 30 * MINUTE_MS, notBeforeMs: 0, reserve: false },
    { anchor: 'ISSUED', offsetMs: 6 * HOUR_MS, notBeforeMs: 0, reserve: false },
    { anchor: 'ISSUED', offsetMs: 23 * HOUR_MS, notBeforeMs: 0, reserve: true },
  ],
};

/** A valid input admitted at `nowMs`, with a fresh random token unless one is given. */
export function inputAt(nowMs: number, overrides: InputOverrides = {}): VerificationInput {
  const { ageMs = 0, token = randomBytes(18).toString('base64url'), ...fields } = overrides;
  const verificationId = verificationIdOf(token);
  const issuedAtMs = nowMs - ageMs;
  const policy = fields.policy ?? PLAIN_POLICY;
  return {
    v: 1,
    verificationId,
    sealedToken: TEST_SEAL.seal(token, verificationId),
    issuedAt: iso(issuedAtMs),
    admittedAt: iso(nowMs),
    tokenExpiresAt: iso(issuedAtMs + HOUR_MS),
    deadlineAt: iso(issuedAtMs + policy.windowMs),
    comparisons: [],
    returnImage: 0,
    attributes: { tenant: 'acme' },
    policy,
    vendorRegion: 'sgp',
    source: { topic: 'requests', partition: 3, offset: '1200' },
    ...fields,
  };
}

export function answer(overrides: Partial<Answer> = {}): ReadReport {
  return {
    kind: 'ANSWER',
    sentAt: '2026-01-05T10:00:00.000Z',
    answeredAt: '2026-01-05T10:00:00.250Z',
    answer: {
      status: 'OK',
      liveness: { result: 'PASS' },
      verifyPresent: true,
      comparisons: [{ name: 'result_ref1', confidence: 95, thresholds: { '1e-3': 60, '1e-4': 70, '1e-5': 75, '1e-6': 80 } }],
      bizNo: 'NOT_EXPECTED',
      unclear: [],
      vendorRequestIds: ['1737010000,aaaa'],
      quirks: [],
      ...overrides,
    },
  };
}

export const PASSED_READ = answer();
export const PENDING_READ = answer({
  status: 'PROCESSING',
  liveness: { result: 'ABSENT' },
  verifyPresent: false,
  comparisons: [],
});
export const UNCERTAIN_READ: ReadReport = {
  kind: 'UNCERTAIN',
  cause: 'TIMEOUT',
  sentAt: '2026-01-05T10:00:00.000Z',
  endedAt: '2026-01-05T10:00:10.000Z',
};

export function iso(atMs: number): string {
  return new Date(atMs).toISOString();
}
