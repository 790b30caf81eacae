import { comparison, livenessResult, okBody, type OkParts, passed, SEED_THRESHOLDS } from '../bodies.ts';
import { type Asked, ok, type Reply } from '../reply.ts';
import { type Expected, fixed, PASSED, type Scenario } from './scenario.ts';
import { SEED_FAILED, SEED_NOT_STARTED, SEED_OK, SEED_OK_REPAIRED } from './seed-samples.ts';

const FAR = 'requiredFar: 1e-3 would pass';
const BIZ_NO = 'the request must name a bizNo; without one this is PASSED';
const SEED_BIZ_NO = "a request that names a bizNo gets CORRELATION_MISMATCH, as the sample's is foreign";

function finished(parts: OkParts): (asked: Asked) => Reply {
  return (asked) => ok('OK', okBody(asked, parts));
}

function review(reason: string, dependsOn?: string): Expected {
  return { outcome: 'NEEDS_REVIEW', reason, ...(dependsOn === undefined ? {} : { dependsOn }) };
}

function matched(confidence: unknown, thresholds?: object): OkParts {
  return { verify: { error_message: null, result_ref1: comparison(confidence, thresholds) } };
}

/** JSON with `result` twice; a plain `JSON.parse` would keep the last, PASS. */
function contradictory(asked: Asked): Reply {
  const text = JSON.stringify(okBody(asked, { liveness: livenessResult('FAIL') }));
  return ok('OK', text.replace('"result":"FAIL"', '"result":"FAIL","result":"PASS"'));
}

const READY: readonly Scenario[] = [
  fixed({ name: 'ready-pass', about: 'liveness PASS, strong match', reply: passed, expected: PASSED }),
  fixed({
    name: 'ready-fail-liveness',
    about: 'OK with liveness FAIL and a strong match',
    reply: finished({ liveness: livenessResult('FAIL') }),
    expected: { outcome: 'FAILED', reason: 'LIVENESS_FAIL' },
  }),
  fixed({
    name: 'ready-fail-match',
    about: 'OK with a confidence below every threshold',
    reply: finished(matched(31.402)),
    expected: { outcome: 'FAILED', reason: 'MATCH_BELOW_THRESHOLD' },
  }),
  fixed({
    name: 'ready-boundary',
    about: 'confidence 68.918: meets 1e-3 (64), misses 1e-4 (69)',
    reply: finished(matched(68.918, SEED_THRESHOLDS)),
    expected: { outcome: 'FAILED', reason: 'MATCH_BELOW_THRESHOLD', dependsOn: FAR },
  }),
  fixed({
    name: 'ready-tie',
    about: 'confidence exactly at 1e-4 (69)',
    reply: finished(matched(69, SEED_THRESHOLDS)),
    expected: { ...PASSED, dependsOn: 'requiredFar: 1e-5 or stricter fails' },
  }),
];

const REVIEW: readonly Scenario[] = [
  fixed({
    name: 'review-numeric-liveness',
    about: 'liveness result 0.5 instead of PASS or FAIL',
    reply: finished({ liveness: { score: { flash_attack: 0.5, living_attack: 0.5 }, result: 0.5, details: 0.5 } }),
    expected: review('LIVENESS_INDETERMINATE'),
  }),
  fixed({
    name: 'review-missing-threshold',
    about: 'a comparison with only the 1e-3 threshold',
    reply: finished(matched(91.347, { '1e-3': 62.169 })),
    expected: review('THRESHOLD_MISSING', 'requiredFar: 1e-3 would pass'),
  }),
  fixed({
    name: 'review-multifaces',
    about: 'multifaces_tag "1"',
    reply: finished({ extra: { multifaces_tag: '1', multifaces_image: '' } }),
    expected: review('MULTIPLE_FACES'),
  }),
  fixed({
    name: 'review-biz-mismatch',
    about: "a good answer with someone else's biz_no",
    reply: finished({ extra: { biz_no: 'c22fe4e0-66ba-4078-bd9b-3b1a20628f8d' } }),
    expected: review('CORRELATION_MISMATCH', BIZ_NO),
  }),
  fixed({
    name: 'review-duplicate-keys',
    about: 'liveness result twice, FAIL then PASS',
    reply: contradictory,
    expected: review('CONTRADICTORY_RESPONSE'),
  }),
  fixed({
    name: 'review-no-comparison',
    about: 'OK without verify_result',
    reply: finished({ verify: undefined }),
    expected: review('COMPARE_MISSING'),
  }),
  fixed({
    name: 'no-face',
    about: 'verify_result.error_message NO_FACE_FOUND',
    reply: finished({ verify: { error_message: 'NO_FACE_FOUND: ' } }),
    expected: review('COMPARE_NO_FACE'),
  }),
];

const ATTACK = { outcome: 'NEEDS_REVIEW', reason: 'ATTACK_SUSPECTED' } as const;

/** A pass with one field more in its liveness result. */
function suspicious(parts: object): (asked: Asked) => Reply {
  return finished({ liveness: { ...livenessResult('PASS'), ...parts } });
}

/** What would pass anyone, or tells of an attack, in an answer that says PASS. */
const TRAPS: readonly Scenario[] = [
  fixed({
    name: 'review-thresholds-zero',
    about: 'confidence 0 against thresholds of 0',
    reply: finished(matched(0, { '1e-3': 0, '1e-4': 0, '1e-5': 0, '1e-6': 0 })),
    expected: review('THRESHOLD_IMPLAUSIBLE'),
  }),
  fixed({
    name: 'review-thresholds-scale',
    about: 'confidence 41.2 against thresholds between 0 and 1',
    reply: finished(matched(41.2, { '1e-3': 0.62, '1e-4': 0.69, '1e-5': 0.74, '1e-6': 0.78 })),
    expected: review('THRESHOLD_IMPLAUSIBLE'),
  }),
  fixed({
    name: 'review-thresholds-fall',
    about: 'thresholds that fall from 1e-3 to 1e-6',
    reply: finished(matched(91.347, { '1e-3': 79.9, '1e-4': 74, '1e-5': 69, '1e-6': 64 })),
    expected: review('THRESHOLD_IMPLAUSIBLE'),
  }),
  fixed({
    name: 'attack-mask',
    about: 'PASS, and face_genuineness with a mask above its threshold',
    reply: suspicious({ face_genuineness: { mask_confidence: 0.9, mask_threshold: 0.5 } }),
    expected: ATTACK,
  }),
  fixed({
    name: 'attack-face-replaced',
    about: 'PASS, and "face_replaced": 1',
    reply: finished({ extra: { face_replaced: 1 } }),
    expected: ATTACK,
  }),
  fixed({
    name: 'attack-id',
    about: 'PASS, and id_exceptions with "id_attacked": 1',
    reply: finished({ extra: { id_exceptions: { id_photo_monochrome: 0, id_attacked: 1 } } }),
    expected: ATTACK,
  }),
  fixed({
    name: 'attack-word',
    about: 'PASS, and the word SCREEN_REPLAY',
    reply: suspicious({ attack_type: 'SCREEN_REPLAY' }),
    expected: ATTACK,
  }),
  fixed({
    name: 'attack-nested-error',
    about: 'PASS, and an error_message inside liveness_result',
    reply: suspicious({ error_message: 'VIDEO_LACK_FRAMES' }),
    expected: ATTACK,
  }),
  fixed({
    name: 'review-error-beside-ok',
    about: 'a pass with "error": "BAD_ARGUMENTS: x" beside it',
    reply: finished({ extra: { error: 'BAD_ARGUMENTS: x' } }),
    expected: review('CONTRADICTORY_RESPONSE'),
  }),
  fixed({
    name: 'review-flat-no',
    about: 'a pass with "success": false beside it',
    reply: finished({ extra: { success: false } }),
    expected: review('CONTRADICTORY_RESPONSE'),
  }),
  fixed({
    name: 'review-biz-number',
    about: 'biz_no as the number 1934567890123456788',
    reply: numericBizNo,
    expected: review(
      'CORRELATION_MISMATCH',
      'the request must name the bizNo 1934567890123456789, which is the same number to a careless parser',
    ),
  }),
];

/** No JavaScript number holds it, so it is written into the text. */
function numericBizNo(asked: Asked): Reply {
  const text = JSON.stringify(okBody(asked, { extra: { biz_no: 'BIZ_NO' } }));
  return ok('OK', text.replace('"BIZ_NO"', '1934567890123456788'));
}

const SEED: readonly Scenario[] = [
  fixed({
    name: 'seed-ok',
    about: "the vendor page's OK sample, verbatim: invalid JSON",
    reply: () => ok('OK', SEED_OK),
    expected: { outcome: 'ERROR', reason: 'MALFORMED_RESPONSE' },
  }),
  fixed({
    name: 'seed-ok-repaired',
    about: 'the OK sample with its missing brace: numeric liveness, 1e-4 missed',
    reply: () => ok('OK', SEED_OK_REPAIRED),
    expected: review('LIVENESS_INDETERMINATE', SEED_BIZ_NO),
  }),
  fixed({
    name: 'seed-failed',
    about: "the vendor page's Failed sample, verbatim",
    reply: () => ok('Failed', SEED_FAILED),
    expected: { outcome: 'FAILED', reason: 'LIVENESS_SESSION_FAILED', dependsOn: SEED_BIZ_NO },
  }),
  fixed({
    name: 'seed-not-started',
    about: "the vendor page's NOT_STARTED sample, verbatim, for ever",
    reply: () => ok('NOT_STARTED', SEED_NOT_STARTED),
    expected: { outcome: 'NOT_COMPLETED', reason: 'NEVER_STARTED', dependsOn: SEED_BIZ_NO },
  }),
];

/** Answers of a finished session. */
export const VERDICTS: readonly Scenario[] = [...READY, ...REVIEW, ...TRAPS, ...SEED];
