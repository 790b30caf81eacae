import { brotliCompressSync, gzipSync } from 'node:zlib';
import { comparison, livenessResult, okBody, type OkParts, vendorError } from '../bodies.ts';
import { usualImages } from '../images.ts';
import { type Asked, ok, type Reply } from '../reply.ts';
import { fixed, PASSED, type Scenario } from './scenario.ts';

function quirk(name: string, row: { about: string; parts: OkParts }): Scenario {
  return fixed({ name, about: row.about, reply: (asked) => ok('OK', okBody(asked, row.parts)), expected: PASSED });
}

function compressed(name: string, row: { about: string; encoding: string; compress: (body: string) => Uint8Array }): Scenario {
  const reply = (asked: Asked): Reply => ({ ...ok('OK', row.compress(JSON.stringify(okBody(asked)))), contentEncoding: row.encoding });
  return fixed({ name, about: row.about, reply, expected: PASSED });
}

function errorWith200(asked: Asked) {
  const reply = vendorError('RESULT_NOT_FOUND', { httpStatus: 200, nowMs: asked.nowMs, errorKey: asked.errorKey });
  return reply;
}

/** Odd but understandable answers (docs/vendor.md, Parsing rules): a tolerant client ends as with the plain answer. */
export const TOLERANCES: readonly Scenario[] = [
  quirk('quirk-status-case', { about: 'status " Ok "', parts: { status: ' Ok ' } }),
  quirk('quirk-numeric-strings', {
    about: 'confidence as the string "91.347"',
    parts: { verify: { error_message: 'null', result_ref1: comparison('91.347') } },
  }),
  quirk('quirk-flat-scores', {
    about: 'attack scores beside `result` instead of under `score`',
    parts: { liveness: { result: 'pass', flash_attack: 0.01, living_attack: 0.02, details: null } },
  }),
  quirk('quirk-unknown-fields', {
    about: 'fields that no page documents',
    parts: { extra: { result_code: 1000, biz_info: { biz_extra_data: '' }, liveness_result_v2: livenessResult('PASS') } },
  }),
  quirk('quirk-error-false', { about: '"error": false beside the answer', parts: { extra: { error: false } } }),
  quirk('quirk-error-success', { about: '"error_message": "SUCCESS" beside the answer', parts: { extra: { error_message: 'SUCCESS' } } }),
  quirk('quirk-code-zero', { about: '"code": 0 and "msg": "ok" beside the answer', parts: { extra: { code: 0, msg: 'ok' } } }),
  quirk('quirk-genuineness', {
    about: 'face_genuineness with everything below its threshold',
    parts: { extra: { face_genuineness: { mask_confidence: 0.02, mask_threshold: 0.5, face_replaced: 0 } } },
  }),
  compressed('quirk-gzip', { about: 'a body in gzip that nobody asked for', encoding: 'gzip', compress: gzipSync }),
  compressed('quirk-brotli', { about: 'a body in br that nobody asked for', encoding: 'br', compress: brotliCompressSync }),
  quirk('quirk-image-prefix', {
    about: 'data URI with a stray space',
    parts: { images: (asked) => usualImages(asked, 'data: image/jpeg;base64,') },
  }),
  fixed({
    name: 'error-with-200',
    about: 'HTTP 200 whose body is the error RESULT_NOT_FOUND',
    reply: errorWith200,
    expected: { outcome: 'ERROR', reason: 'TOKEN_UNKNOWN' },
  }),
];
