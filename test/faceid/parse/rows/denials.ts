import { expect } from 'vitest';
import { answer, THRESHOLDS } from '../../support/answers.ts';
import type { Row } from './row.ts';

const shown = (value: unknown): string => JSON.stringify(value);
const COMPARISON = { confidence: 80, thresholds: THRESHOLDS };
const LOW = { confidence: 10, thresholds: THRESHOLDS };

/** What says no beside OK and PASS, and what is recorded of it. */
const DENIALS: readonly (readonly [parts: object, told: string])[] = [
  ...[false, 0, 'no', 'FALSE', 'failed', 'NOT_PASSED', '0', 'N'].map((value) => [{ success: value }, 'success'] as const),
  [{ is_live: false }, 'live'],
  [{ isLive: 0 }, 'live'],
  [{ liveness_passed: 0 }, 'liveness_passed'],
  [{ liveness_status: 'FAIL' }, 'liveness_status'],
  [{ final_result: 'REJECTED' }, 'result'],
  [{ verified: 'no' }, 'verified'],
  [{ matched: false }, 'matched'],
  [{ verdict: 'DECLINED' }, 'verdict'],
  [{ data: { status: 'FAILED' } }, 'status'],
  [{ data: [{ liveness_result: { result: 'FAIL' } }] }, 'result'],
  [{ human: 'false' }, 'human'],
  [{ bonaFide: 0 }, 'bona'],
  [{ decision: 'REVIEW' }, 'decision'],
  [{ recommendation: 'decline' }, 'recommendation'],
  [{ risk_level: 'HIGH' }, 'risk'],
  [{ data: { status: 'CANCELLED' } }, 'status'],
  [{ final_status: 'TIMEOUT' }, 'status'],
  [{ expired: true }, 'expired'],
  [{ liveness_skipped: 1 }, 'liveness_skipped'],
  [{ rejected: true }, 'rejected'],
  [{ not_live: 1 }, 'live'],
  [{ failure: 'the face moved away' }, 'failure'],
  [{ failure_reason: 'LOW_LIGHT' }, 'failure'],
  [{ fail_reason: 'NETWORK_ERROR' }, 'fail'],
  [{ data: { error: 'NEW_CODE' } }, 'error'],
  [{ meta: { exception: { code: 1 } } }, 'error'],
  [{ remark: 'liveness not passed' }, 'text'],
  [{ remark: ['ok', 'the user is not live'] }, 'text'],
  [{ 结果: '未通过' }, 'text'],
  // However it is written, and whatever stands around it.
  ...['false.', 'no\u200B', '"no"', ' No! ', '\u00A0false', '0.0', '否', 'checkFailed'].map(
    (value) => [{ success: value }, 'success'] as const,
  ),
  // A text of a bad end, in whichever language and under whichever name.
  ...['liveness check failed', 'verification FAILED', 'rejected by risk control', 'verification unsuccessful', '验证失败'].map(
    (value) => [{ remark: value }, 'text'] as const,
  ),
  [{ data: { message: 'it failed' } }, 'text'],
  [{ final: 'FAIL' }, 'text'],
  // Words of a bad verdict are those of a bad name.
  ...['unsuccessful', 'cancelled', 'aborted', 'interrupted', 'incomplete', 'unverified', 'blocked', 'timeout', 'has_error'].map(
    (name) => [{ [name]: true }, name.replace('has_', '')] as const,
  ),
  [{ manual_review: 'yes' }, 'review'],
  [{ allowed: false }, 'allowed'],
  // What a name means is its last word.
  [{ id_verified: false }, 'verified'],
  [{ id_match: 'NO' }, 'match'],
  [{ id_check: 'FAILED' }, 'check'],
  [{ number_matched: false }, 'matched'],
  [{ time_expired: true }, 'expired'],
  // A risk that is there.
  ...[{ has_risk: true }, { risk: 'yes' }, { risk_level: 'VERY_HIGH' }, { risk_level: '高' }].map((parts) => [parts, 'risk'] as const),
  [{ risk_result: 'REJECT' }, 'risk_result'],
  [{ 结果: '活体检测失败' }, 'text'],
];

/** What only looks like it. */
const NO_DENIALS: readonly object[] = [
  { success: true, is_live: 1, verified: 'yes', matched: 'PASS', liveness_passed: '1' },
  { success: null, result: {}, check: '', state: 0, decision_code: 0 },
  { fail_count: 2, failed_attempts: 1, fail_reason: 'None', failures: [] },
  { risk_level: 'LOW', expired: false, expired_at: '2026-01-01', status_message: 'OK', status_code: 200 },
  { rejected: false, failure: null, not_live: 0 },
  { biz_info: { biz_extra_data: '{"success":false}', biz_id: 'not-live' }, biz_no: 'not_passed' },
  { image_best: 'not live '.repeat(40) },
  { time_valid: 0, idcard_valid_time: 0, is_final: false, idcard_mode: 0, liveness_type: 'none' },
  { id_exceptions: { id_photo_monochrome: 0 }, remark: 'no problem found' },
  { data: { error: null, errors: [], message: 'x', code: 7 } },
  { num_failed: 2, failed_times_today: 1, idcard_valid_number: 0, time_expired: '2026-01-01', check_time: 0 },
  { review_passed: true, review_result: 'PASSED', blocked: 'no', timeout: 30, has_error: 0, risk: 1, risk_score: 0.2 },
  { remark: 'no failure, not rejected', note: 'without error' },
];

export const DENIAL_ROWS: Row[] = [
  ...DENIALS.map(([parts, told]): Row => ({
    row: `row 68: ${shown(parts)} beside PASS says no`,
    body: answer(parts),
    expected: { status: 'OK', unclear: [told], attackSigns: undefined },
  })),
  ...NO_DENIALS.map((parts): Row => ({
    row: `row 68: ${shown(parts).slice(0, 90)} says nothing`,
    body: answer(parts),
    expected: { unclear: [] },
  })),
  { row: 'row 68: a review that was not passed', body: answer({ review_passed: false }), expected: { unclear: ['review_passed'] } },
  {
    row: 'row 68: a comparison that says no',
    body: answer({ verify_result: { result_ref1: { ...COMPARISON, matched: false } } }),
    expected: { unclear: ['matched'] },
  },
  {
    row: 'row 68: hidden by a repeated key',
    body: `{"success":false,"success":true,${JSON.stringify(answer()).slice(1)}`,
    expected: { unclear: ['success'] },
  },
  {
    row: 'row 68: beside liveness FAIL it says the same',
    body: answer({ liveness_result: { result: 'FAIL' }, success: false }),
    expected: { liveness: { result: 'FAIL' }, unclear: [] },
  },
  { row: 'row 68: beside status FAILED it says the same', body: answer({ status: 'FAILED', success: false }), expected: { unclear: [] } },
  { row: 'row 68: before the session is over it ends nothing', body: { status: 'PROCESSING', success: false }, expected: { unclear: [] } },
  {
    row: 'row 68: issue counts say nothing',
    body: answer({ liveness_result: { result: 'PASS', details: { LIVE: 0, NOT_VALID: 1 } } }),
    expected: { unclear: [] },
  },
];

/** Texts that deny an attack, and texts that only seem to. */
const DENIED = [
  'without mask',
  'free of attacks',
  'no signs of tampering',
  'no living face attack',
  'no replay, no mask',
  'no attack, no failure',
  'no mask, without any failure',
  'real person, no mask',
  '不存在注入攻击',
  '没有攻击行为',
  '未发现换脸或伪造',
];
const NOT_DENIED = [
  'mask: none; spoof: yes',
  'no mask but replay',
  'AI generated face',
  'virtual camera',
  'antispoof failed',
  'attack not failed',
  'the attack was not rejected',
  'mask: none, liveness failed',
  'anti-spoofing declined',
  'no mask, check expired',
  '攻击无疑',
  '未佩戴眼镜但有面具',
  '防攻击检测失败',
  '人脸伪造',
  '可疑',
];

export const CLAUSE_ROWS: Row[] = [
  ...DENIED.map((remark): Row => ({
    row: `row 45: "${remark}" denies it`,
    body: answer({ remark }),
    expected: { attackSigns: undefined, unclear: [] },
  })),
  ...NOT_DENIED.map((remark): Row => ({
    row: `row 45: "${remark}" does not deny it`,
    body: answer({ remark }),
    expected: { attackSigns: expect.anything() },
  })),
  ...['通过', '正常', '无', 'PASSED'].map((text): Row => ({
    row: `row 45: an attack check that is "${text}"`,
    body: answer({ attack_check: text }),
    expected: { attackSigns: undefined },
    quirks: ['ATTACK_FIELD_QUIET'],
  })),
  ...['MATCHED', 'HIGH', 'YES'].map((text): Row => ({
    row: `row 45: an attack check that is "${text}"`,
    body: answer({ attack_check: text }),
    expected: { attackSigns: ['ATTACK'] },
  })),
  {
    row: 'row 45: references may hold any word',
    body: answer({ session: { id: 'abc-attack', trace_id: 'mask-1' }, images: [{ url: 'https://vendor.example/replay.jpg' }] }),
    expected: { attackSigns: undefined, unclear: [] },
  },
];

/** Scores of liveness below a threshold of their own. */
const DOUBTFUL: readonly object[] = [
  { liveness_result: { result: 'PASS', liveness_score: 0.2, liveness_threshold: 0.5 } },
  { liveness_result: { result: 'PASS', confidence: 20, threshold: 50 } },
  { liveness_result: { result: 'PASS', passive: { score: 0.2, threshold: 50 } } },
  { liveness: { score: '0.1', threshold: 0.7 } },
  { live_confidence: 60, live_threshold: 80 },
];
const UNDOUBTED: readonly object[] = [
  { liveness_result: { result: 'PASS', liveness_score: 0.98, liveness_threshold: 0.5, confidence: 99, thresholds: [50, 90] } },
  { liveness_result: { result: 'PASS', score: 0.1, liveness_score: 0.1 } },
  { face_quality: { confidence: 0.3, threshold: 0.5 } },
];

export const LIVE_SCORE_ROWS: Row[] = [
  ...DOUBTFUL.map((parts): Row => ({ row: `row 45: ${shown(parts)}`, body: answer(parts), expected: { attackSigns: ['NOT_GENUINE'] } })),
  ...UNDOUBTED.map((parts): Row => ({ row: `row 45, above: ${shown(parts)}`, body: answer(parts), expected: { attackSigns: undefined } })),
];

/** Other spellings of what decides, at the top. */
const AT_TOP: readonly (readonly [parts: object, told: string])[] = [
  [{ Status: 'FAILED' }, 'status'],
  [{ STATUS: 'OK' }, 'status'],
  [{ 'status ': 'FAILED' }, 'status'],
  [{ livenessResult: { result: 'FAIL' } }, 'liveness_result'],
  [{ 'Liveness-Result': { result: 'PASS' } }, 'liveness_result'],
  [{ verifyResult: { result_ref1: LOW } }, 'verify_result'],
  [{ multiFaces: 1 }, 'multifaces_tag'],
  [{ multifacesTag: true }, 'multifaces_tag'],
  [{ multiple_faces: 2 }, 'multifaces_tag'],
  [{ has_multiple_faces: true }, 'multifaces_tag'],
  [{ multiple_faces_detected: 'yes' }, 'multifaces_tag'],
  [{ checks: { too_many_faces: 1 } }, 'multifaces_tag'],
  [{ faceCount: 2 }, 'multifaces_tag'],
  [{ faces: [{ id: 1 }, { id: 2 }] }, 'multifaces_tag'],
  [{ extra: { multifaces_tag: 1 } }, 'multifaces_tag'],
  [{ result_ref2: LOW }, 'verify_result'],
  [{ resultRef2: LOW }, 'verify_result'],
];
const COMPARISONS = ['result_ref_2', 'result_ref1000', 'RESULT_REF2', 'resultRef2', 'result-ref2', 'result_ref', 'Result_FaceID'];
const inLiveness = (parts: object): object => answer({ liveness_result: { result: 'PASS', ...parts } });
const inComparison = (parts: object): object => answer({ verify_result: { result_ref1: { ...COMPARISON, ...parts } } });

export const SPELLING_ROWS: Row[] = [
  ...AT_TOP.map(([parts, told]): Row => ({
    row: `row 69: ${shown(parts)} is not understood`,
    body: answer(parts),
    expected: { unclear: expect.arrayContaining([told]) },
  })),
  ...COMPARISONS.map((name): Row => ({
    row: `row 69: a comparison called ${name} is not understood`,
    body: answer({ verify_result: { result_ref1: COMPARISON, [name]: LOW } }),
    expected: { unclear: ['verify_result'] },
  })),
  {
    row: 'row 69: a comparison of no known name is not understood',
    body: answer({ verify_result: { result_ref1: COMPARISON, image_ref2: LOW } }),
    expected: { unclear: ['verify_result'] },
  },
  ...['bizNo', 'BIZ_NO', 'biz-no'].map((name): Row => ({
    row: `row 69: another business number under ${name}`,
    body: answer({ biz_info: { [name]: 'order-2' } }),
    bizNo: 'order-1',
    expected: { unclear: ['biz_no'] },
  })),
  ...[{ data: { biz_no: 'order-2' } }, { biz_info: [{ biz_no: 'order-2' }] }, { data: { biz_info: { biz_no: 7 } } }].map((parts): Row => ({
    row: `row 69: another business number elsewhere: ${shown(parts)}`,
    body: answer(parts),
    bizNo: 'order-1',
    expected: { unclear: ['biz_no'] },
  })),
  {
    row: 'row 69: another business number where it belongs is no contradiction',
    body: `{"biz_no":"order-2","biz_no":"order-1","biz_info":{"biz_no":"order-2"},${JSON.stringify(answer()).slice(1)}`,
    bizNo: 'order-1',
    expected: { bizNo: 'DIFFERS', unclear: [] },
  },
  {
    row: 'row 69: the same business number elsewhere',
    body: answer({ biz_info: [{ biz_no: 'o' }], data: { biz_no: 'o' } }),
    bizNo: 'o',
    expected: { unclear: [] },
  },
  { row: 'row 69: the same business number under another name', body: answer({ bizNo: 'o' }), bizNo: 'o', expected: { unclear: [] } },
  { row: 'row 69: one face', body: answer({ face_count: 1, faces: [{}], extra: { multifaces_tag: 0 } }), expected: { unclear: [] } },
  {
    row: 'row 69: Result beside result',
    body: inLiveness({ Result: 'PASS' }),
    expected: { unclear: ['liveness_result.result'] },
  },
  {
    row: 'row 69: Confidence beside confidence',
    body: inComparison({ Confidence: 99 }),
    expected: { unclear: ['verify_result.result_ref1.confidence'] },
  },
  {
    row: 'row 69: a level twice',
    body: inComparison({ thresholds: { ...THRESHOLDS, '0.0001': 95 } }),
    expected: { unclear: ['verify_result.result_ref1.thresholds.1e-4'] },
  },
  ...[{ Status: null }, { multiFaces: 0 }, { verifyResult: {} }, { livenessResult: null }, { result_reference: undefined }].map(
    (parts): Row => ({
      row: `row 69: ${shown(parts)} is no data`,
      body: answer(parts),
      expected: { unclear: [] },
    }),
  ),
  { row: 'row 69: before the session is over it ends nothing', body: { status: 'PROCESSING', Status: 'OK' }, expected: { unclear: [] } },
  {
    row: 'row 69: of a name that is repeated no more is recorded than what it means',
    body: `{"result_ref_of_Jo_Bloggs":1,"result_ref_of_Jo_Bloggs":null,${JSON.stringify(answer()).slice(1)}`,
    expected: { unclear: ['verify_result'] },
  },
];
