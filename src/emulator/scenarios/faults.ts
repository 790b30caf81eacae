import { gzipSync } from 'node:zlib';
import { okBody, passed, vendorError } from '../bodies.ts';
import { type Asked, foreign, noAnswer, ok, type Reply } from '../reply.ts';
import { type Assumptions, type Expected, PASSED, type Scenario } from './scenario.ts';

type Fault = {
  readonly name: string;
  readonly about: string;
  readonly reply: (asked: Asked) => Reply;
  /** The end when the first `number` requests meet the fault and the next would pass. */
  readonly expected: (number: number, assumptions: Assumptions) => Expected;
};

/** Three rows per fault: always, only the first request (`-once`), the first n requests (`-<n>`). */
function variants(fault: Fault): readonly Scenario[] {
  const limited = (asked: Asked, number: number): Reply => (asked.attempt <= number ? fault.reply(asked) : passed(asked));
  const always: Scenario = {
    name: fault.name,
    about: `${fault.about}, always`,
    reply: fault.reply,
    expected: (_number, assumptions) => fault.expected(Number.POSITIVE_INFINITY, assumptions),
  };
  return [
    always,
    {
      ...always,
      name: `${fault.name}-once`,
      about: `${fault.about}, once, then a pass`,
      reply: (asked) => limited(asked, 1),
      expected: (_number, assumptions) => fault.expected(1, assumptions),
    },
    { ...always, name: `${fault.name}-<n>`, about: `${fault.about}, n times, then a pass`, reply: limited, expected: fault.expected },
  ];
}

function unavailable(number: number, assumptions: Assumptions): Expected {
  return number < assumptions.maxCalls ? PASSED : { outcome: 'ERROR', reason: 'VENDOR_UNAVAILABLE' };
}

/** One more read is made if a slot besides the reserve is left (docs/vendor.md row 22); a second failure ends it. */
function oneReread(reason: string): Fault['expected'] {
  return (number, { maxCalls }) => (number === 0 || (number === 1 && maxCalls > 2) ? PASSED : { outcome: 'ERROR', reason });
}

/** A refusal that speaks of this token: one re-check, from whatever slot is left; the second one ends it. */
function oneRecheck(reason: string, { givesBack }: { givesBack: boolean }): Fault['expected'] {
  return (number, { maxCalls }) => (number === 0 || (number === 1 && (givesBack || maxCalls > 1)) ? PASSED : { outcome: 'ERROR', reason });
}

/** Conclusive: no other request is made. */
function atOnce(expected: Expected): Fault['expected'] {
  return (number) => (number === 0 ? PASSED : expected);
}

/** A refusal that counts as a read, because nothing shows that the vendor did not look. */
function countedRefusal(reason: string): Fault['expected'] {
  return (number, { maxCalls }) => (number < maxCalls ? PASSED : { outcome: 'ERROR', reason });
}

function incomplete(asked: Asked): Reply {
  return { ...ok('OK', okBody(asked, { verify: { error_message: null, result_ref1: [] } })), said: 'INCOMPLETE' };
}

/** Within what a client has to read, and more keys than any answer of the vendor's. */
function manyKeys(): Reply {
  const keys = Array.from({ length: 40_000 }, (_, index) => `"k${index}":${index}`);
  return { ...ok('OK', `{"status":"OK",${keys.join()}}`), said: 'MANY_KEYS' };
}

function hugeBody(asked: Asked): Reply {
  return { ...ok('OK', okBody(asked, { extra: { image_action1: 'A'.repeat(3 * 1024 * 1024) } })), said: 'HUGE_BODY' };
}

function bomb(): Reply {
  packed ??= gzipSync(Buffer.alloc(64 * 1024 * 1024, ' '));
  return { ...ok('OK', packed), contentEncoding: 'gzip', said: 'BOMB' };
}

/** Packed when first asked for: it takes as long as loading a fifth of the command line, whose list of scenarios loads this. */
let packed: Buffer | undefined;

/** Refused requests give their slots back `maxRefusals` times, later ones spend theirs (docs/vendor.md, Error playbook). */
function refused(reason: string): Fault['expected'] {
  return (number, { maxCalls, maxRefusals }) => ({
    ...(number < maxCalls + maxRefusals ? PASSED : { outcome: 'ERROR', reason }),
    ...(Number.isFinite(number) ? { dependsOn: 'VF_COUNT_REFUSED, the gate, and when refused requests are repeated' } : {}),
  });
}

function error(message: string, httpStatus: number): Fault['reply'] {
  return (asked) => vendorError(message, { httpStatus, nowMs: asked.nowMs, errorKey: asked.errorKey });
}

function halfBody(asked: Asked): Reply {
  return { ...passed(asked), delivery: 'HALF', said: 'HALF_BODY' };
}

function malformed(asked: Asked): Reply {
  return { ...ok('OK', JSON.stringify(okBody(asked)).slice(0, -2)), said: 'MALFORMED' };
}

function verifyError(message: string): Fault['reply'] {
  return (asked) => ok('OK', okBody(asked, { verify: { error_message: message } }));
}

function gatewayPage(): Reply {
  const body = '<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>';
  return foreign(502, { contentType: 'text/html', body, said: 'GATEWAY_PAGE' });
}

function throttled(): Reply {
  return foreign(429, { contentType: 'text/plain', body: 'Too Many Requests', said: 'THROTTLED' });
}

function redirect(): Reply {
  return { ...foreign(302, { contentType: 'text/html', body: '', said: 'REDIRECT' }), location: '/__redirected' };
}

const destroyed: Expected = { outcome: 'EXPIRED', reason: 'RESULT_DESTROYED_UNEXPLAINED' };
const dataSource: Expected = { outcome: 'ERROR', reason: 'DATA_SOURCE_ERROR', stopsTheBusiness: true };

const FAULT_ROWS: readonly Fault[] = [
  { name: 'hung', about: 'never answers', reply: () => noAnswer('HANG'), expected: unavailable },
  { name: 'reset', about: 'connection reset after the request arrived', reply: () => noAnswer('RESET'), expected: unavailable },
  { name: 'half-body', about: 'connection breaks in mid-body', reply: halfBody, expected: unavailable },
  { name: 'malformed', about: 'HTTP 200 with cut-off JSON', reply: malformed, expected: oneReread('MALFORMED_RESPONSE') },
  { name: 'html-502', about: "a gateway's HTML page, HTTP 502", reply: gatewayPage, expected: unavailable },
  { name: 'throttled-429', about: 'HTTP 429, plain text', reply: throttled, expected: unavailable },
  { name: 'redirect', about: 'HTTP 302 to a place that counts followers', reply: redirect, expected: unavailable },
  { name: 'internal-error', about: 'HTTP 500 INTERNAL_ERROR', reply: error('INTERNAL_ERROR', 500), expected: unavailable },
  {
    name: 'internal-in-body',
    about: 'verify_result.error_message INTERNAL_ERROR',
    reply: verifyError('INTERNAL_ERROR'),
    expected: oneReread('VENDOR_INTERNAL'),
  },
  {
    name: 'data-source-error',
    about: 'verify_result.error_message DATA_SOURCE_ERROR',
    reply: verifyError('DATA_SOURCE_ERROR'),
    expected: (number) => (number === 0 ? PASSED : dataSource),
  },
  {
    name: 'result-not-found',
    about: '400 RESULT_NOT_FOUND',
    reply: error('RESULT_NOT_FOUND', 400),
    expected: oneRecheck('TOKEN_UNKNOWN', { givesBack: false }),
  },
  {
    name: 'invalid-token',
    about: '400 INVALID_TOKEN',
    reply: error('INVALID_TOKEN', 400),
    expected: oneRecheck('TOKEN_UNKNOWN', { givesBack: false }),
  },
  {
    name: 'data-destroyed',
    about: '403 DATA_DESTROYED, as if someone else had read it',
    reply: error('DATA_DESTROYED', 403),
    expected: (number) => (number === 0 ? PASSED : destroyed),
  },
  {
    name: 'concurrency',
    about: '403 CONCURRENCY_LIMIT_EXCEEDED',
    reply: error('CONCURRENCY_LIMIT_EXCEEDED', 403),
    expected: refused('CONCURRENCY_SATURATED'),
  },
  {
    name: 'authentication-error',
    about: '403 AUTHENTICATION_ERROR',
    reply: error('AUTHENTICATION_ERROR', 403),
    expected: refused('AUTHENTICATION'),
  },
  {
    name: 'authorization-error',
    about: '403 AUTHORIZATION_ERROR:Denied',
    reply: error('AUTHORIZATION_ERROR:Denied (no API permission)', 403),
    expected: refused('AUTHORIZATION'),
  },
  {
    name: 'missing-arguments',
    about: '400 MISSING_ARGUMENTS:token',
    reply: error('MISSING_ARGUMENTS:token', 400),
    expected: oneRecheck('BAD_REQUEST', { givesBack: true }),
  },
  {
    name: 'bad-arguments',
    about: '400 BAD_ARGUMENTS:token',
    reply: error('BAD_ARGUMENTS:token', 400),
    expected: oneRecheck('BAD_REQUEST', { givesBack: true }),
  },
  {
    name: 'invalid-arguments',
    about: '400 INVALID_ARGUMENTS',
    reply: error('INVALID_ARGUMENTS', 400),
    expected: refused('BAD_REQUEST'),
  },
  {
    name: 'refusal-by-200',
    about: 'HTTP 200 whose body is the refusal BAD_ARGUMENTS:x',
    reply: error('BAD_ARGUMENTS:x', 200),
    expected: countedRefusal('BAD_REQUEST'),
  },
  {
    name: 'lower-case-concurrency',
    about: '403 "concurrency limit exceeded"',
    reply: error('concurrency limit exceeded', 403),
    expected: refused('CONCURRENCY_SATURATED'),
  },
  {
    name: 'lower-case-destroyed',
    about: '403 "Data_Destroyed"',
    reply: error('Data_Destroyed', 403),
    expected: atOnce(destroyed),
  },
  {
    name: 'data-source-at-top',
    about: '400 DATA_SOURCE_ERROR',
    reply: error('DATA_SOURCE_ERROR', 400),
    expected: atOnce(dataSource),
  },
  {
    name: 'no-face-at-top',
    about: '400 NO_FACE_FOUND:image_ref1',
    reply: error('NO_FACE_FOUND:image_ref1', 400),
    expected: atOnce({ outcome: 'NEEDS_REVIEW', reason: 'COMPARE_NO_FACE' }),
  },
  {
    name: 'multiple-faces-at-top',
    about: '400 MULTIPLE_FACES:image_ref1',
    reply: error('MULTIPLE_FACES:image_ref1', 400),
    expected: atOnce({ outcome: 'NEEDS_REVIEW', reason: 'REFERENCE_IMAGE_UNUSABLE' }),
  },
  {
    name: 'incomplete',
    about: 'OK with a comparison of `[]`',
    reply: incomplete,
    expected: (number, { maxCalls }) =>
      number === 0 || (number === 1 && maxCalls > 2) ? PASSED : { outcome: 'NEEDS_REVIEW', reason: 'COMPARE_MISSING' },
  },
  {
    name: 'answered-twice',
    about: 'the answer and a second, unasked copy of it',
    reply: (asked) => ({ ...passed(asked), delivery: 'TWICE', said: 'TWICE' }),
    expected: unavailable,
  },
  {
    name: 'short-length',
    about: 'a length header nine bytes too small',
    reply: (asked) => ({ ...passed(asked), delivery: 'SHORT', said: 'SHORT_LENGTH' }),
    expected: unavailable,
  },
  { name: 'many-keys', about: '40,000 distinct keys', reply: manyKeys, expected: oneReread('MALFORMED_RESPONSE') },
  { name: 'huge-body', about: 'a body of 3 MiB', reply: hugeBody, expected: unavailable },
  { name: 'gzip-bomb', about: '64 KiB of gzip that are 64 MiB', reply: bomb, expected: unavailable },
  { name: 'api-not-found', about: '404 API_NOT_FOUND', reply: error('API_NOT_FOUND', 404), expected: refused('API_NOT_FOUND') },
];

/** Slow but complete; beyond the client's own deadline it is as good as no answer. */
const SLOW: Scenario = {
  name: 'slow-<ms>',
  about: 'a pass that takes ms',
  reply: (asked, number) => ({ ...passed(asked), delayMs: number }),
  expected: (number, assumptions) => (number < assumptions.clientTimeoutMs ? PASSED : unavailable(assumptions.maxCalls, assumptions)),
  completesAfterMs: () => 0,
};

/** Every documented vendor error and every way a connection can fail. */
export const FAULTS: readonly Scenario[] = [...FAULT_ROWS.flatMap(variants), SLOW];
