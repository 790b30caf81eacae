import { randomUUID } from 'node:crypto';
import { usualImages } from './images.ts';
import type { ErrorKey } from './options.ts';
import { type Asked, ok, type Reply } from './reply.ts';

const DETAIL_KEYS = [
  'FACE_NOT_FOUND',
  'SIDE_FACE',
  'UPDOWN_FACE',
  'EYE_OCCLUSION',
  'MOUTH_OCCLUSION',
  'AWAY_FROM_CAMERA',
  'CLOSE_TO_CAMERA',
  'FACE_OUT_OF_CAMERA',
  'HIGH_BRIGHTNESS',
  'LOW_BRIGHTNESS',
  'LOW_FACE_QUALITY',
] as const;

/** Thresholds as real payloads carry them; the rounder ones of the vendor's page are {@link SEED_THRESHOLDS}. */
const THRESHOLDS = { '1e-3': 62.169, '1e-4': 69.315, '1e-5': 74.399, '1e-6': 78.038 };
export const SEED_THRESHOLDS = { '1e-3': 64, '1e-4': 69, '1e-5': 74, '1e-6': 79.9 };

/** The vendor's request id has a comma: epoch seconds, then a UUID (docs/vendor.md row 32). */
export function requestId(nowMs: number): string {
  return `${Math.floor(nowMs / 1000)},${randomUUID()}`;
}

export function comparison(confidence: unknown, thresholds: object = THRESHOLDS): object {
  return { confidence, thresholds };
}

export function livenessResult(result: 'PASS' | 'FAIL'): object {
  const attack = result === 'PASS' ? 0.021 : 0.934;
  return {
    score: { flash_attack: attack, living_attack: attack / 2 },
    result,
    details: Object.fromEntries(DETAIL_KEYS.map((key, index) => [key, result === 'PASS' ? Number(index === 0) : index % 3])),
  };
}

/** A body with what every status has; `parts` come after it and may override. */
export function statusBody(asked: Asked, options: { status: string; parts?: object }): object {
  return {
    request_id: requestId(asked.nowMs),
    ...(asked.bizNo === undefined ? {} : { biz_no: asked.bizNo }),
    time_used: 40 + (asked.attempt % 7) * 13,
    status: options.status,
    ...options.parts,
  };
}

export type OkParts = {
  readonly status?: string;
  readonly liveness?: unknown;
  readonly verify?: object | undefined;
  readonly extra?: object;
  /** The fields of the images that were asked for. */
  readonly images?: (asked: Asked) => object;
};

/** A finished session. Defaults: liveness PASS, one strong match, no comparison error. */
export function okBody(asked: Asked, parts: OkParts = {}): object {
  const verify = 'verify' in parts ? parts.verify : { error_message: null, result_ref1: comparison(91.347) };
  return statusBody(asked, {
    status: parts.status ?? 'OK',
    parts: {
      liveness_result: parts.liveness ?? livenessResult('PASS'),
      ...(verify === undefined ? {} : { verify_result: verify }),
      ...(parts.images ?? usualImages)(asked),
      ...parts.extra,
    },
  });
}

/** The answer of a session that passed. */
export function passed(asked: Asked): Reply {
  return ok('OK', okBody(asked));
}

/** A session that has not ended: the vendor sends empty parts, not absent ones (docs/vendor.md row 8). */
export function pending(asked: Asked, status: string): Reply {
  const empty = { score: { flash_attack: null, living_attack: null }, result: null, details: null };
  const parts = { image_best: 'data:image/jpeg;base64,', liveness_result: empty, verify_result: {} };
  return ok(status, statusBody(asked, { status, parts }));
}

/** A session that ended without a result; `failReason` as in the sibling products (docs/vendor.md, What siblings document). */
export function ended(asked: Asked, options: { status: string; failReason?: string }): Reply {
  const parts = options.failReason === undefined ? {} : { fail_reason: options.failReason };
  return ok(options.status, statusBody(asked, { status: options.status, parts }));
}

const REFUSED_BEFORE_LOOKING = [
  'CONCURRENCY_LIMIT_EXCEEDED',
  'AUTHENTICATION_ERROR',
  'AUTHORIZATION_ERROR',
  'MISSING_ARGUMENTS',
  'BAD_ARGUMENTS',
  'INVALID_ARGUMENTS',
  'API_NOT_FOUND',
];

/** An error answer; the vendor's page does not show its body, the shape is the siblings' (docs/vendor.md, What siblings document). */
export function vendorError(message: string, options: { httpStatus: number; nowMs: number; errorKey: ErrorKey }): Reply {
  const code = message.split(':', 1).join('').trim().toUpperCase().replaceAll(/[ -]+/g, '_');
  const isClientError = options.httpStatus >= 400 && options.httpStatus < 500;
  return {
    ...ok(code, { [options.errorKey]: message, request_id: requestId(options.nowMs), time_used: 3 }),
    httpStatus: options.httpStatus,
    // Said by a 200, a refusal is the answer to a read like any other.
    refused: isClientError && REFUSED_BEFORE_LOOKING.includes(code),
    terminal: false,
  };
}
