import { ended, okBody, passed, pending, vendorError } from '../bodies.ts';
import { type Asked, ok, type Reply } from '../reply.ts';
import { type Assumptions, type Expected, fixed, PASSED, type Scenario } from './scenario.ts';

const PROFILE = 'profile and token expiry: NOT_STARTED ends it once a read falls after token expiry';
const NEVER_STARTED: Expected = { outcome: 'NOT_COMPLETED', reason: 'NEVER_STARTED' };
const STILL_PENDING: Expected = { outcome: 'EXPIRED', reason: 'QUOTA_EXHAUSTED' };

/** The reserve is read about an hour before the window ends; later than this share of the window nobody reads. */
const LAST_READ_SHARE = 0.85;

function failed(asked: Asked): Reply {
  return ok('FAILED', okBody(asked, { status: 'FAILED', liveness: {}, verify: {} }));
}

function destroyed(asked: Asked): Reply {
  return vendorError('DATA_DESTROYED', { httpStatus: 403, nowMs: asked.nowMs, errorKey: asked.errorKey });
}

function pendingThenPass(name: string, row: { about: string; status: string; expected: Scenario['expected'] }): Scenario {
  return {
    name,
    about: row.about,
    reply: (asked, number) => (asked.attempt <= number ? pending(asked, row.status) : passed(asked)),
    expected: row.expected,
  };
}

function unlessUsedUp(number: number, assumptions: Assumptions): Expected {
  return number < assumptions.maxCalls ? PASSED : STILL_PENDING;
}

/** NOT_STARTED until the token expires, then what the vendor may turn it into. */
function expiresTo(name: string, row: { about: string; then: (asked: Asked) => Reply; expected: Expected }): Scenario {
  return {
    name,
    about: row.about,
    reply: (asked) => (asked.nowMs < asked.expiresAtMs ? pending(asked, 'NOT_STARTED') : row.then(asked)),
    expected: () => ({ ...row.expected, dependsOn: 'the second read must fall after token expiry' }),
  };
}

function endedAs(name: string, row: { about: string; status: string; failReason?: string; reason: string }): Scenario {
  const expected: Expected = { outcome: 'NOT_COMPLETED', reason: row.reason };
  return fixed({ name, about: row.about, reply: (asked) => ended(asked, row), expected });
}

function unknownStatus(number: number, assumptions: Assumptions): Expected {
  return number < assumptions.maxCalls ? PASSED : { outcome: 'NEEDS_REVIEW', reason: 'UNKNOWN_STATUS' };
}

const PENDING: readonly Scenario[] = [
  pendingThenPass('processing-<n>', { about: 'n answers PROCESSING, then a pass', status: 'PROCESSING', expected: unlessUsedUp }),
  pendingThenPass('not-started-<n>', {
    about: 'n answers NOT_STARTED, then a pass',
    status: 'NOT_STARTED',
    expected: (number) => ({ ...(number < 2 ? PASSED : NEVER_STARTED), dependsOn: PROFILE }),
  }),
  pendingThenPass('unknown-status-<n>', {
    about: 'n answers with an undocumented status, then a pass',
    status: 'VERIFYING',
    expected: unknownStatus,
  }),
  {
    name: 'ok-after-<ms>',
    about: 'PROCESSING until ms after issue, then a pass',
    reply: (asked, number) => (asked.nowMs < asked.issuedAtMs + number ? pending(asked, 'PROCESSING') : passed(asked)),
    expected: (number, { windowMs }) => ({
      ...(number < windowMs * LAST_READ_SHARE ? PASSED : STILL_PENDING),
      dependsOn: 'reads must be left when it is over; the reserve finds it under profiles that keep one',
    }),
    completesAfterMs: (number) => number,
  },
];

const OVER: readonly Scenario[] = [
  fixed({
    name: 'never-started',
    about: 'NOT_STARTED for ever',
    reply: (asked) => pending(asked, 'NOT_STARTED'),
    expected: { ...NEVER_STARTED, dependsOn: PROFILE },
  }),
  fixed({
    name: 'unknown-status',
    about: 'an undocumented status for ever',
    reply: (asked) => pending(asked, 'VERIFYING'),
    expected: { outcome: 'NEEDS_REVIEW', reason: 'UNKNOWN_STATUS' },
  }),
  fixed({
    name: 'failed-session',
    about: 'status FAILED with empty results',
    reply: failed,
    expected: { outcome: 'FAILED', reason: 'LIVENESS_SESSION_FAILED' },
  }),
  endedAs('cancelled', { about: 'status CANCELLED', status: 'CANCELLED', reason: 'USER_CANCELLED' }),
  endedAs('timeout', { about: 'status TIMEOUT', status: 'TIMEOUT', reason: 'SESSION_TIMEOUT' }),
  endedAs('webrtc-unsupported', {
    about: 'status WEBRTC_UNSUPPORTED, fail_reason SUPPORT_ERROR',
    status: 'WEBRTC_UNSUPPORTED',
    failReason: 'SUPPORT_ERROR',
    reason: 'BROWSER_UNSUPPORTED',
  }),
  endedAs('webrtc-no-camera', {
    about: 'status WEBRTC_UNSUPPORTED, fail_reason PERMISSIONS_ERROR',
    status: 'WEBRTC_UNSUPPORTED',
    failReason: 'PERMISSIONS_ERROR',
    reason: 'CAMERA_DENIED',
  }),
  endedAs('webrtc-no-network', {
    about: 'status WEBRTC_UNSUPPORTED, fail_reason NETWORK_ERROR',
    status: 'WEBRTC_UNSUPPORTED',
    failReason: 'NETWORK_ERROR',
    reason: 'NETWORK_PROBLEM',
  }),
  expiresTo('expires-to-timeout', {
    about: 'NOT_STARTED until token expiry, then TIMEOUT',
    then: (asked) => ended(asked, { status: 'TIMEOUT' }),
    expected: { outcome: 'NOT_COMPLETED', reason: 'SESSION_TIMEOUT' },
  }),
  expiresTo('expires-to-failed', {
    about: 'NOT_STARTED until token expiry, then FAILED',
    then: failed,
    expected: { outcome: 'FAILED', reason: 'LIVENESS_SESSION_FAILED' },
  }),
  expiresTo('expires-to-destroyed', {
    about: 'NOT_STARTED until token expiry, then DATA_DESTROYED',
    then: destroyed,
    expected: { outcome: 'EXPIRED', reason: 'RESULT_DESTROYED_UNEXPLAINED' },
  }),
];

/** Sessions that are not over yet, or ended without a result. */
export const SESSIONS: readonly Scenario[] = [...PENDING, ...OVER];
