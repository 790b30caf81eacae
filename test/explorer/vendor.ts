import type { HttpAnswer } from '../../src/faceid/classify-answer.ts';

// The vendor of the model, and the referee of the quota: it counts what arrives by itself and shares nothing with the code
// that is tried on it.

const PASSED =
  '{"status":"OK","request_id":"1,a","liveness_result":{"result":"PASS"},"verify_result":{"error_message":null,' +
  '"result_ref1":{"confidence":82.5,"thresholds":{"1e-3":62.1,"1e-4":69.3,"1e-5":74.3,"1e-6":84.9}}}}';

/** What the vendor may answer. `NO_ANSWER`: it looked, and nobody hears of it. `NOT_CONNECTED`: no request reached it. */
const ANSWERS = {
  PROCESSING: [200, '{"status":"PROCESSING","request_id":"1,a"}'],
  PASSED: [200, PASSED],
  FAILED: [200, PASSED.replace('"PASS"', '"FAIL"')],
  INTERNAL_ERROR_IN_200: [200, PASSED.replace('"error_message":null', '"error_message":"INTERNAL_ERROR"')],
  MALFORMED: [200, '{"status":"OK","liveness_result":'],
  REFUSED: [403, '{"error_message":"AUTHENTICATION_ERROR","request_id":"1,a"}'],
  DENIED: [400, '{"error_message":"BAD_ARGUMENTS:token","request_id":"1,a"}'],
  REFUSED_IN_200: [200, '{"error_message":"AUTHENTICATION_ERROR","request_id":"1,a"}'],
  REFUSED_BESIDE_STATUS: [403, '{"status":"PROCESSING","error_message":"AUTHENTICATION_ERROR","request_id":"1,a"}'],
  CONTRADICTORY: [200, PASSED.replace('"request_id"', '"error":"BAD_ARGUMENTS: x","request_id"')],
  INCOMPLETE: [200, '{"status":"OK","request_id":"1,a","liveness_result":{"result":"PASS"},"verify_result":{}}'],
  RESULT_NOT_FOUND: [400, '{"error_message":"RESULT_NOT_FOUND","request_id":"1,a"}'],
  DATA_DESTROYED: [403, '{"error_message":"DATA_DESTROYED","request_id":"1,a"}'],
  SERVER_ERROR: [500, '{"error_message":"INTERNAL_ERROR","request_id":"1,a"}'],
  NO_ANSWER: undefined,
  NOT_CONNECTED: undefined,
} as const satisfies Record<string, readonly [httpStatus: number, body: string] | undefined>;

export type AnswerName = keyof typeof ANSWERS;
export const ANSWER_NAMES = Object.keys(ANSWERS).filter((name): name is AnswerName => name in ANSWERS);

/** Answers after which the session is over: it stays PASSED, or FAILED. */
const FINAL: ReadonlySet<AnswerName> = new Set(['PASSED', 'FAILED', 'INTERNAL_ERROR_IN_200', 'CONTRADICTORY', 'INCOMPLETE']);
/** What it says only of a session that is not over, or of data that it does not have yet. */
const BEFORE_THE_END: ReadonlySet<AnswerName> = new Set(['PROCESSING', 'REFUSED_BESIDE_STATUS', 'RESULT_NOT_FOUND']);
/** Credible refusals: 4xx, no status, no result. The vendor did not look. */
const NOT_COUNTED: ReadonlySet<AnswerName> = new Set(['REFUSED', 'DENIED']);

/** `requests`: all that left. `counted`: those it looked at: all but the credible refusals. */
export type Vendor = {
  readonly requests: number;
  readonly counted: number;
  /** Arrived after the window. */
  readonly late: number;
  /** How the session ended, once an answer has told. */
  readonly ended?: 'PASSED' | 'FAILED' | 'EITHER';
  readonly destroyed: boolean;
};

export const NEW_VENDOR: Vendor = { requests: 0, counted: 0, late: 0, destroyed: false };

/** What the vendor may answer next, out of those it can give: after the last read that it allows, the data is destroyed. */
export function possibleAnswers(vendor: Vendor, { among, maxReads }: { among: readonly AnswerName[]; maxReads: number }): AnswerName[] {
  if (vendor.destroyed || vendor.counted >= maxReads) return ['DATA_DESTROYED', ...among.filter((name) => NOT_COUNTED.has(name))];
  return among.filter((name) => {
    if (vendor.ended === undefined) return true;
    if (name === 'PASSED' || name === 'FAILED') return vendor.ended === 'EITHER' || vendor.ended === name;
    return !BEFORE_THE_END.has(name);
  });
}

/** A request arrives and is answered so. `inTime`: before the window ends. */
export function afterRequest(vendor: Vendor, { name, inTime }: { readonly name: AnswerName; readonly inTime: boolean }): Vendor {
  if (name === 'NOT_CONNECTED') return vendor;
  const { requests, counted, late, ended, destroyed } = vendor;
  return {
    requests: requests + 1,
    counted: counted + (NOT_COUNTED.has(name) ? 0 : 1),
    late: late + (inTime ? 0 : 1),
    ...endedBy(name, ended),
    destroyed: destroyed || name === 'DATA_DESTROYED',
  };
}

function endedBy(name: AnswerName, ended: Vendor['ended']): Pick<Vendor, 'ended'> {
  if (name === 'PASSED' || name === 'FAILED') return { ended: name };
  if (FINAL.has(name)) return { ended: ended ?? 'EITHER' };
  return ended === undefined ? {} : { ended };
}

/** The HTTP answer of that name; undefined if there is none. `at`: RFC 3339, when it was asked for and came. */
export function httpAnswer(name: AnswerName, at: string): HttpAnswer | undefined {
  const answer = ANSWERS[name];
  return answer && { httpStatus: answer[0], body: Buffer.from(answer[1]), sentAt: at, answeredAt: at };
}
