import { expect } from 'vitest';
import { answer, THRESHOLDS } from '../../support/answers.ts';
import type { Row } from './row.ts';

const shown = (value: unknown): string => JSON.stringify(value);
const COMPARISON = { confidence: 80, thresholds: THRESHOLDS };

/** What servers write where there is no error. */
const NO_ERRORS: readonly unknown[] = [
  false,
  0,
  '',
  {},
  [],
  'SUCCESS',
  'None',
  'success',
  'null',
  'NULL',
  'ok',
  'No error',
  'no_error',
  '0',
  'N/A',
  '成功',
];
const ERRORS: readonly unknown[] = [
  'NEW_CODE',
  'DATA_DESTROYED',
  'BAD_ARGUMENTS: x',
  'something failed',
  true,
  1,
  500,
  { code: 7 },
  ['x'],
  'unsuccessful',
  'ſuccess',
];

export const ERROR_ROWS: Row[] = [
  ...['error', 'ERROR', 'error_message', 'Error', 'errorMessage', 'error_msg'].flatMap((key) => [
    ...NO_ERRORS.map((value): Row => ({
      row: `row 37: "${key}": ${shown(value)} beside a status is no error`,
      body: answer({ [key]: value }),
      expected: { status: 'OK', unclear: [] },
      quirks: ['ERROR_KEY_WITHOUT_ERROR'],
    })),
    ...ERRORS.map((value): Row => ({
      row: `row 38: "${key}": ${shown(value)} beside a final status keeps the answer`,
      body: answer({ [key]: value }),
      expected: { status: 'OK', liveness: { result: 'PASS' }, unclear: [key] },
    })),
  ]),
  ...['message', 'msg', 'code', 'error_code', 'errcode', 'result_code'].flatMap((key) => [
    ...[0, '0', 200, 1000, 'ok', 'Success.'].map((value): Row => ({
      row: `row 37: "${key}": ${shown(value)} beside a status is no error`,
      body: answer({ [key]: value }),
      expected: { status: 'OK', unclear: [] },
      quirks: ['MESSAGE_IGNORED'],
    })),
    ...['DATA_DESTROYED', 'it failed', 1, 500, '5001'].map((value): Row => ({
      row: `row 38: "${key}": ${shown(value)} beside a final status keeps the answer`,
      body: answer({ [key]: value }),
      expected: { status: 'OK', unclear: [key] },
      quirks: key === 'message' ? [] : ['ERROR_UNDER_OTHER_KEY'],
    })),
  ]),
  // Other separators and names; what is recorded is the name, never more of the text.
  ...Object.entries({
    'error.message': 'errormessage',
    'error-message': 'error-message',
    'err:': 'err',
    err: 'err',
    'Error Message': 'errormessage',
    'error[message]': 'errormessage',
    '@error': 'error',
    '错误 error': 'error',
    error_1: 'error',
    errors: 'errors',
    exception: 'exception',
    Exception_Message: 'Exception_Message',
    fault: 'fault',
    faultString: 'faultString',
    error_description: 'error_description',
    errno: 'errno',
    retCode: 'retCode',
    return_msg: 'return_msg',
    'msg!': 'msg',
  }).map(([key, name]): Row => ({
    row: `row 51: "${key}" beside a final status is an error`,
    body: answer({ [key]: 'it failed' }),
    expected: { status: 'OK', unclear: [name] },
  })),
  ...[['x'], { reason: 'x' }, true, 7].map((value): Row => ({
    row: `row 51: "errors": ${shown(value)} is an error`,
    body: answer({ errors: value }),
    expected: { unclear: ['errors'] },
  })),
  ...[[], {}, null, 0, ''].map((value): Row => ({
    row: `row 51: "errors": ${shown(value)} is none`,
    body: answer({ errors: value, exception: value, fault: value }),
    expected: { unclear: [] },
  })),
  {
    row: 'row 51: no text of more than 64 characters is the name of an error, nor is it recorded',
    body: answer({ [`error${' '.repeat(60)}of Jo Bloggs`]: 'x' }),
    expected: { unclear: [] },
  },
  {
    row: 'row 51: a repeated name of an error is recorded as a name',
    body: '{"status":"OK","err: ":"Jo","err: ":"Bloggs"}',
    expected: { unclear: ['err'] },
  },
  ...['FAILED', 'CANCELLED', 'TIMEOUT', 'WEBRTC_UNSUPPORTED'].map((status): Row => ({
    row: `row 38: an error beside ${status}`,
    body: answer({ status, error: 'NEW_CODE' }),
    expected: { status, unclear: ['error'] },
  })),
  {
    row: 'row 37: an error under msg and code without a status says so',
    body: { code: 40001, msg: 'the session is gone' },
    expected: { status: 'UNKNOWN', unclear: [] },
    quirks: ['STATUS_MISSING', 'ERROR_UNDER_OTHER_KEY'],
  },
  {
    row: 'row 37: an error under error_code beside a pending status says so and ends nothing',
    body: { status: 'PROCESSING', error_code: 17 },
    expected: { status: 'PROCESSING', unclear: [] },
    quirks: ['ERROR_UNDER_OTHER_KEY'],
  },
  ...['no_face_found', 'No Face Found: image_ref1', 'noFaceFound', 'FACE_NOT_FOUND'].map((error_message): Row => ({
    row: `row 20: "${error_message}" is a code all the same`,
    body: answer({ verify_result: { error_message, result_ref1: COMPARISON } }),
    expected: { verifyError: 'NO_FACE_FOUND' },
    quirks: ['ERROR_CODE_FOLDED'],
  })),
];

const inLiveness = (parts: object): object => answer({ liveness_result: { result: 'PASS', ...parts } });
const inVerify = (parts: object): object => answer({ verify_result: { error_message: null, result_ref1: COMPARISON, ...parts } });
const inComparison = (parts: object): object =>
  answer({ verify_result: { error_message: null, result_ref1: { ...COMPARISON, ...parts } } });
const genuineness = (parts: object): object => ({ face_genuineness: parts });

/** Signs of an attack, each at one of the places where siblings have it. */
const SIGNS: readonly (readonly [name: string, parts: object, sign: string])[] = [
  ['a mask above its threshold', genuineness({ mask_confidence: 0.9, mask_threshold: 0.5 }), 'MASK'],
  ['a mask exactly at its threshold', genuineness({ mask_confidence: 0.5, mask_threshold: 0.5 }), 'MASK'],
  ['a mask as text', genuineness({ mask_confidence: '0.9', mask_threshold: '0.5' }), 'MASK'],
  ['a mask without a threshold', genuineness({ mask_confidence: 0.7 }), 'MASK'],
  ['a mask whose threshold none could reach', genuineness({ mask_confidence: 0.7, mask_threshold: 50 }), 'MASK'],
  ['a mask in percent', genuineness({ mask_confidence: 71, mask_threshold: 50 }), 'MASK'],
  ['a nested mask', { checks: { mask: { confidence: 0.8, threshold: 0.6 } } }, 'MASK'],
  ['a nested mask with several thresholds', { checks: [{ mask: { score: 0.8, thresholds: { '1e-3': 0.6, '1e-4': 0.9 } } }] }, 'MASK'],
  ['camel case', { faceGenuineness: { maskConfidence: 0.9, maskThreshold: 0.5 } }, 'MASK'],
  ['a screen', genuineness({ screen_replay_confidence: 0.8, screen_replay_threshold: 0.5 }), 'SCREEN_REPLAY'],
  ['a synthetic face', genuineness({ synthetic_face_confidence: 0.8, synthetic_face_threshold: 0.5 }), 'SYNTHETIC_FACE'],
  ...[1, true, '1', 'true', 'TRUE', 'yes', 'Y', 2].map(
    (flag) => [`face_replaced ${shown(flag)}`, { face_replaced: flag }, 'FACE_REPLACED'] as const,
  ),
  ['face_replaced deep inside', genuineness({ face_replaced: 1 }), 'FACE_REPLACED'],
  ['id_attacked', { id_exceptions: { id_photo_monochrome: 0, id_attacked: 1 } }, 'ATTACK'],
  ['a word', { type: 'SCREEN_REPLAY' }, 'SCREEN_REPLAY'],
  ['a word in lower case', { reason: 'screen replay' }, 'SCREEN_REPLAY'],
  ['a word in a list', { labels: ['live', 'face-mask'] }, 'MASK'],
  ['a result word of the sibling', { result_message: 'FAIL_LIVING_FACE_ATTACK' }, 'ATTACK'],
  ['a replaced face', { remark: 'REPLACED_FACE_ATTACK' }, 'FACE_REPLACED'],
  ['a changed face', { remark: 'CHANGE_FACE_ATTACK' }, 'ATTACK'],
  ['a result code of the sibling', { result_code: 4100 }, 'ATTACK'],
  ['a result code as text', { result_code: '4000' }, 'ATTACK'],
  ['an attack type', { livenessAttackType: 2 }, 'ATTACK'],
  ['an attack in so many words', { note: 'liveness attack detected' }, 'ATTACK'],
  ['spoofing', { is_spoof: true }, 'ATTACK'],
  ['a deepfake', { deepfake_score: 0.97 }, 'SYNTHETIC_FACE'],
  ['an injected stream', { injection: 'DETECTED' }, 'INJECTION'],
  ['a key with a word and any other text', { attack_result: 'FAIL' }, 'ATTACK'],
  ['genuineness as a word', { face_genuineness: 'FAIL' }, 'NOT_GENUINE'],
  ['genuineness as a flag', { is_genuine: false }, 'NOT_GENUINE'],
  ['anti-spoofing that failed', { anti_spoofing: { result: 'FAILED' } }, 'NOT_GENUINE'],
  ['Chinese', { 结果: '检测到攻击' }, 'ATTACK'],
  ['genuineness below its threshold', { genuineness: { confidence: 60, threshold: 80 } }, 'NOT_GENUINE'],
  ['genuineness below its threshold between 0 and 1', { genuineness: { confidence: 0.6, threshold: 0.8 } }, 'NOT_GENUINE'],
  ['genuineness beside its threshold', { genuineness_score: 60, genuineness_threshold: 80 }, 'NOT_GENUINE'],
  ['genuineness below the threshold beside its object', { genuineness: { score: 0.6 }, genuineness_threshold: 0.8 }, 'NOT_GENUINE'],
  ['genuineness below a threshold of another scale', { face_genuineness: { confidence: 60, threshold: 0.8 } }, 'NOT_GENUINE'],
  ['genuineness below the greatest threshold', { genuineness: { score: 70, thresholds: { low: 60, high: 80 } } }, 'NOT_GENUINE'],
  ['genuineness below a threshold of another name', { genuineness: { value: 0.6, pass_threshold: 0.8 } }, 'NOT_GENUINE'],
  ['genuineness below half of the scale of 100', { genuineness_score: 12 }, 'NOT_GENUINE'],
  ['anti-spoofing below half of its scale', { anti_spoofing: { score: 49.9 } }, 'NOT_GENUINE'],
  ...['NOT_PASSED', 'no result', 'UNKNOWN', 'suspected', 'LOW', 'denied', 'not genuine', 'PASS?', 'fake', '未通过', 'хорошо'].map(
    (text) => [`genuineness that is "${text}"`, { face_genuineness: text }, 'NOT_GENUINE'] as const,
  ),
  ...['NOT_PASSED', 'NO_RESULT', 'not a live person', 'NOT_LIVE', 'NO_MATCH', '未通过', 'no face attack check: not passed'].map(
    (text) => [`an attack field that is "${text}"`, { face_attack: text }, 'ATTACK'] as const,
  ),
  ['a check that failed', { remark: 'anti-spoofing check failed' }, 'ATTACK'],
  ['a check that was not passed', { remark: 'anti_spoofing NOT_PASSED' }, 'ATTACK'],
  ...['未戴眼镜，检测到攻击', '无遮挡，疑似翻拍', '防攻击检测未通过', '活体非正常，存在注入', '没有问题的攻击', '翻拍，无眼镜'].map(
    (text) => [`Chinese: ${text}`, { remark: text }, 'ATTACK'] as const,
  ),
  ['a virtual camera', { camera_type: 'VIRTUAL_CAMERA' }, 'INJECTION'],
  ['a swapped face', { face_swap: 1 }, 'FACE_REPLACED'],
];

/** What is there and tells of no attack. */
const QUIET: readonly (readonly [name: string, parts: object])[] = [
  [
    'all below',
    genuineness({ mask_confidence: 0.1, mask_threshold: 0.5, screen_replay_confidence: 0, screen_replay_threshold: 0.5, face_replaced: 0 }),
  ],
  ['below in percent', genuineness({ mask_confidence: 12.5, mask_threshold: 50 })],
  ['flags that say no', { face_replaced: false, id_exceptions: { id_attacked: '0' } }],
  ['words that say no', { attack: 'NO', spoof: 'none', mask: 'NO_MASK', face_attack: 'NOT_DETECTED' }],
  ['genuineness', { face_genuineness: 'PASS', anti_spoofing: true, genuineness_score: 0.98 }],
  ...[
    'pass',
    'REAL_FACE',
    'genuine',
    'True',
    'yes',
    '1',
    'live person',
    'NO_ATTACK',
    'not a mask',
    '通过',
    '检测通过',
    '',
    'null',
    'N/A',
  ].map((text) => [`genuineness that is "${text}"`, { face_genuineness: text }] as const),
  ['genuineness at its threshold', { genuineness: { confidence: 80, threshold: 80 } }],
  ['genuineness above its own threshold, which is below one half', { genuineness: { confidence: 0.4, threshold: 0.3 } }],
  ['genuineness in percent', { genuineness_score: 98.5, anti_spoofing: { score: 50 } }],
  ['genuineness with a description', { face_genuineness: { result: 'PASS', model_version: 'fg-2.1', type: 'silent' } }],
  ['words that deny an attack', { attack: 'NOT_FOUND', mask_check: '未检出', replay: '无翻拍', spoof: 'no spoof, passed' }],
];

/** What only looks like one. */
const INNOCENT: readonly (readonly [name: string, parts: object])[] = [
  ['a word that is denied', { remark: 'no attack' }],
  ['a word that is denied after it', { remark: 'ATTACK_NOT_DETECTED' }],
  ...['未检测到攻击', '无翻拍、面具', '未发现人脸翻拍或注入', '攻击：无', '攻击行为未检出', '防攻击检测通过', '非假体'].map(
    (text) => [`Chinese that is denied: ${text}`, { remark: text }] as const,
  ),
  ["the customer's own words", { biz_no: 'mask-attack-17', biz_info: { biz_extra_data: '{"attack":1}', biz_id: 'replay' } }],
  ['an image', { image_best: `data:image/jpeg;base64,${'mask/attack/'.repeat(40)}` }],
  ['a monochrome photo', { id_exceptions: { id_photo_monochrome: 1 } }],
  ['null', { face_genuineness: null, attack: null }],
  ['a number that is masked', { idcard_number_masked: '****1234' }],
];

export const ATTACK_ROWS: Row[] = [
  ...SIGNS.flatMap(([name, parts, sign]) =>
    Object.entries({
      'at the top': answer(parts),
      'in liveness_result': inLiveness(parts),
      'in verify_result': inVerify(parts),
      'in a comparison': inComparison(parts),
    }).map(([place, body]): Row => ({
      row: `attack ${place}: ${name}`,
      body,
      expected: { status: 'OK', attackSigns: expect.arrayContaining([sign]) },
    })),
  ),
  ...QUIET.flatMap(([name, parts]) => [
    { row: `no attack: ${name}`, body: answer(parts), expected: { attackSigns: undefined, unclear: [] }, quirks: ['ATTACK_FIELD_QUIET'] },
    {
      row: `no attack in liveness_result: ${name}`,
      body: inLiveness(parts),
      expected: { attackSigns: undefined },
      quirks: ['ATTACK_FIELD_QUIET'],
    },
  ]),
  ...INNOCENT.map(([name, parts]): Row => ({ row: `no attack: ${name}`, body: answer(parts), expected: { attackSigns: undefined } })),
  ...['error_message', 'error', 'error_code', 'failure_reason', 'msg'].flatMap((key) => [
    { row: `an error in liveness_result: ${key}`, body: inLiveness({ [key]: 'NEW_CODE' }), expected: { attackSigns: ['NESTED_ERROR'] } },
    { row: `an error in a comparison: ${key}`, body: inComparison({ [key]: 'NEW_CODE' }), expected: { attackSigns: ['NESTED_ERROR'] } },
    { row: `no error in a comparison: ${key}`, body: inComparison({ [key]: null }), expected: { attackSigns: undefined }, quirks: [] },
    { row: `no error in liveness_result: ${key}`, body: inLiveness({ [key]: '' }), expected: { attackSigns: undefined }, quirks: [] },
  ]),
  ...[
    '{"status":"OK","face_replaced":1,"face_replaced":0}',
    '{"status":"OK","face_genuineness":{"mask_confidence":0.9},"face_genuineness":{}}',
    '{"status":"OK","x":{"face_genuineness":{"face_replaced":1}},"x":1}',
    '{"status":"OK","liveness_result":{"face_genuineness":{"mask_confidence":0.9,"mask_threshold":0.5,"mask_confidence":0}}}',
    '{"status":"OK","face_repl\\u0061ced":1}',
  ].map((body): Row => ({ row: `attack behind a repeated or escaped key: ${body}`, body, expected: { attackSigns: expect.anything() } })),
  {
    row: 'row 6: the documented scores have no threshold and decide nothing',
    body: inLiveness({ score: { flash_attack: 0.99, living_attack: 0.99 } }),
    expected: { attackSigns: undefined },
    quirks: [],
  },
  {
    row: 'row 6: unless the answer brings one',
    body: inLiveness({ score: { living_attack: 0.99, living_attack_threshold: 0.5 } }),
    expected: { attackSigns: ['ATTACK'] },
  },
];
