import { decide } from '../../src/domain/decide.ts';
import { evolve } from '../../src/domain/evolve.ts';
import { type Answer, VENDOR_STATUSES, VERIFY_ERRORS } from '../../src/domain/judging/answer.ts';
import { judge } from '../../src/domain/judging/judge.ts';
import { resolvePolicy } from '../../src/domain/reading/plan.ts';
import {
  type ReadReport,
  type UncertainCause,
  type UnsentCause,
  VENDOR_ERRORS,
  type VendorError,
} from '../../src/domain/reading/report.ts';
import { accountOf, type Fate, fateOf } from '../../src/domain/reading/slots.ts';
import { type Assignment, initialState } from '../../src/domain/state.ts';
import type { Verdict } from '../../src/domain/verdict.ts';
import { QUIRKS } from '../../src/faceid/parse/quirks.ts';
import { markdownTable } from './tables.ts';

// The sections of docs/vendor.md that the rules themselves can tell, found by letting them decide.

const SLOT: Readonly<Record<Fate, string>> = {
  ANSWERED: 'used',
  UNCERTAIN: 'uncertain, so used',
  REFUSED: 'given back, five times at most',
  UNSENT: 'given back',
  WITHHELD: 'given back',
};

/** HTTP status on the vendor's page, or what its siblings document, and what it says. */
const ON_THE_PAGE: Readonly<Record<VendorError, readonly [httpStatus: number, meaning: string]>> = {
  RESULT_NOT_FOUND: [400, 'no such token: another region or account, or not there yet'],
  AUTHENTICATION_ERROR: [403, 'key or secret are wrong'],
  AUTHORIZATION_ERROR: [403, 'key disabled, its limit exceeded, or a permission missing'],
  CONCURRENCY_LIMIT_EXCEEDED: [403, 'too many requests at once'],
  MISSING_ARGUMENTS: [400, 'a parameter is missing'],
  BAD_ARGUMENTS: [400, 'a parameter cannot be read'],
  API_NOT_FOUND: [404, 'wrong host or path'],
  DATA_DESTROYED: [403, 'too late, or read too often'],
  INTERNAL_ERROR: [500, 'a fault at the vendor'],
  INVALID_TOKEN: [400, 'no token of the vendor (siblings)'],
  DATA_SOURCE_ERROR: [400, "the vendor's data source failed; on the page inside `verify_result`"],
  NO_FACE_FOUND: [400, 'no face in an image; on the page inside `verify_result`'],
  MULTIPLE_FACES: [400, 'several faces in a reference image (siblings)'],
  IMAGE_ERROR_UNSUPPORTED_FORMAT: [400, 'a reference image cannot be used (siblings)'],
  NO_SUCH_ID_NUMBER: [400, 'the identity number is not known (siblings)'],
  ID_NUMBER_NAME_NOT_MATCH: [400, 'identity number and name do not belong together (siblings)'],
};

/** Every error code: what becomes of the slot, and how a verification ends to which the vendor says nothing else. */
export function vendorErrorTable(): string {
  const rows = VENDOR_ERRORS.map((error) => {
    const [httpStatus, meaning] = ON_THE_PAGE[error];
    const report: ReadReport = { kind: 'VENDOR_ERROR', sentAt: AT, answeredAt: AT, error, httpStatus, vendorRequestIds: [] };
    const { verdict, reads } = playOut(report);
    return [`\`${error}\``, String(httpStatus), meaning, SLOT[fateOf(report, { countRefused: false })], String(reads), endOf(verdict)];
  });
  return markdownTable(['Code', 'HTTP', 'Means', 'Slot', 'Requests made', 'Ends as, if nothing else comes'], rows);
}

/** Every status and what it leads to. */
export function vendorStatusTable(): string {
  const rows = VENDOR_STATUSES.map((status) => {
    const name = status === 'UNKNOWN' ? 'any other word, or none' : `\`${status}\``;
    if (status === 'OK') return [name, 'the session ended: see [Decision order](#decision-order)'];
    const judgement = judge({ ...PASSING, status, liveness: { result: 'ABSENT' }, comparisons: [], verifyPresent: false }, CRITERIA);
    if (judgement.kind === 'VERDICT') return [name, endOf(judgement.verdict)];
    return [name, status === 'UNKNOWN' ? 'pending; with no read left NEEDS_REVIEW, UNKNOWN_STATUS' : 'pending: another read follows'];
  });
  return markdownTable(['Status', 'Here'], rows);
}

/** Every error of `verify_result` beside an otherwise passing answer. */
export function verifyErrorTable(): string {
  const rows = VERIFY_ERRORS.map((verifyError) => {
    const judgement = judge({ ...PASSING, verifyError }, CRITERIA);
    if (judgement.kind === 'PENDING') throw new Error(`an OK with ${verifyError} is pending`);
    const [before, verdict] = judgement.kind === 'REREAD' ? ['one re-read; then ', judgement.otherwise] : ['', judgement.verdict];
    return [verifyError === 'UNKNOWN' ? 'any other' : `\`${verifyError}\``, before + endOf(verdict), `\`${verdict.retryAdvice}\``];
  });
  return markdownTable(['`verify_result.error_message`', 'Ends as', 'Advice'], rows);
}

const UNCERTAIN: Readonly<Record<UncertainCause, string>> = {
  TIMEOUT: 'no whole answer within `VF_FACEID_TIMEOUT`, or HTTP 408',
  CONNECTION_LOST: 'the connection broke after the request began',
  HTTP_5XX: 'HTTP 5xx without a code that is believed: a gateway may have answered',
  HTTP_4XX_UNKNOWN: 'HTTP 4xx in JSON without a known code',
  THROTTLED: 'HTTP 429',
  UNREADABLE_ERROR:
    'a redirect, a 4xx that is no JSON, no HTTP at all, a 2xx with an unknown error, more than one answer, or a wrong length',
  BODY_TOO_LARGE: 'more than 1 MiB, decompressed included',
  WORKER_LOST: 'the worker went away in the middle of the read, or an operator completed it by hand',
};

/** Requests of which nobody knows whether the vendor counted them. */
export function uncertainTable(): string {
  return markdownTable(['Cause', 'When'], rowsOf(UNCERTAIN));
}

const UNSENT: Readonly<Record<UnsentCause, string>> = {
  CONNECT_FAILED: 'no connection: DNS, TCP, TLS, it came up too late, or the other side spoke first',
  OWN_RATE_LIMIT: 'the turn under our own rate or concurrency limit would have come too late',
  OUT_OF_TIME: 'gate, ledger, grant and turn took so long that the answer might have come after its worker counts as lost',
  NO_WORKER: 'no worker took the read before the deadline',
  WINDOW_PASSED: 'the window ended before the first byte',
  GATE_CLOSED: 'the gate did not let it begin',
  TOKEN_KEY_UNKNOWN: 'the worker lacks the key that sealed the token',
};

/** Reads that provably never left. */
export function unsentTable(): string {
  return markdownTable(['Cause', 'When'], rowsOf(UNSENT));
}

/** The parser's tolerances. */
export function quirkTable(): string {
  return markdownTable(
    ['Quirk', 'Means'],
    QUIRKS.map(([code, meaning]) => [`\`${code}\``, meaning]),
  );
}

const AT = '2026-01-15T09:30:00.000Z';
const CRITERIA = { comparisons: [], requiredFar: '1e-4' } as const;
const PASSING: Answer = {
  status: 'OK',
  liveness: { result: 'PASS' },
  verifyPresent: true,
  comparisons: [{ name: 'result_ref1', confidence: 99, thresholds: { '1e-4': 69 } }],
  bizNo: 'NOT_EXPECTED',
  unclear: [],
  vendorRequestIds: [],
  quirks: [],
};

const HOUR_MS = 3_600_000;
const ISSUED_AT_MS = Date.parse(AT);
const ASSIGNMENT: Assignment = {
  verificationId: 'dwo7f5duyy4bp6gv3yi5xvnkk2',
  issuedAtMs: ISSUED_AT_MS,
  admittedAtMs: ISSUED_AT_MS,
  tokenExpiresAtMs: ISSUED_AT_MS + HOUR_MS,
  comparisons: [],
  policy: resolvePolicy('issued', {
    maxReads: 3,
    windowMs: 24 * HOUR_MS,
    minGapMs: 20_000,
    errorBackoffMs: 30_000,
    requiredFar: '1e-4',
    countRefused: false,
  }),
};

/** A verification by the default policy to which every read brings the same report: its verdict and how many reads it made. */
function playOut(report: ReadReport): { readonly verdict: Verdict; readonly reads: number } {
  let state = initialState(ASSIGNMENT);
  let nowMs = ISSUED_AT_MS;
  for (;;) {
    const decision = decide(state, nowMs);
    if (decision.kind === 'FINISH') return { verdict: decision.verdict, reads: accountOf(state).counted + accountOf(state).refused };
    if (decision.kind === 'WAIT') nowMs = decision.untilMs;
    else {
      state = evolve(state, { kind: 'READ_SCHEDULED', atMs: nowMs, trigger: decision.trigger });
      state = evolve(state, { kind: 'READ_ENDED', atMs: nowMs, report });
    }
  }
}

function endOf({ outcome, reasons }: Verdict): string {
  return [outcome, ...reasons.map(({ code }) => code)].join(', ');
}

function rowsOf(meanings: Readonly<Record<string, string>>): readonly (readonly string[])[] {
  return Object.entries(meanings).map(([code, meaning]) => [`\`${code}\``, meaning]);
}
