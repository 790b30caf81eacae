import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mintToken } from '../../src/emulator/mint-token.ts';
import { expectedOf, playOf, SCENARIOS } from '../../src/emulator/scenarios.ts';
import { SEED_FAILED, SEED_NOT_STARTED, SEED_OK, SEED_OK_REPAIRED } from '../../src/emulator/scenarios/seed-samples.ts';
import { DAY_MS, emulator, type Fixture } from './fixture.ts';

let fixture: Fixture;

beforeAll(async () => {
  fixture = await emulator();
});
afterAll(async () => {
  await fixture.close();
});

/** One word for how a read ended, as a client sees it. */
async function seen(token: string, timeoutMs: number): Promise<string> {
  try {
    const { status, text, body } = await fixture.read(token, { timeoutMs });
    const { error_message: error, status: word = error } = body;
    if (status !== 200) return `${status} ${typeof error === 'string' ? error : text.slice(0, 6)}`.trim();
    return typeof word === 'string' ? word : 'unreadable';
  } catch (error) {
    return error instanceof Error && error.name === 'TimeoutError' ? 'silence' : 'broken';
  }
}

const PASS = 'OK';
const SHAPES: readonly [scenario: string, ...answers: string[]][] = [
  ['processing-2', 'PROCESSING', 'PROCESSING', PASS],
  ['not-started-1', 'NOT_STARTED', PASS],
  ['never-started', 'NOT_STARTED', 'NOT_STARTED', 'NOT_STARTED'],
  ['failed-session', 'FAILED'],
  ['cancelled', 'CANCELLED'],
  ['timeout', 'TIMEOUT'],
  ['webrtc-unsupported', 'WEBRTC_UNSUPPORTED'],
  ['unknown-status', 'VERIFYING', 'VERIFYING'],
  ['result-not-found', '400 RESULT_NOT_FOUND', '400 RESULT_NOT_FOUND'],
  ['authentication-error', '403 AUTHENTICATION_ERROR'],
  ['authorization-error-once', '403 AUTHORIZATION_ERROR:Denied (no API permission)', PASS],
  ['concurrency-2', '403 CONCURRENCY_LIMIT_EXCEEDED', '403 CONCURRENCY_LIMIT_EXCEEDED', PASS],
  ['missing-arguments', '400 MISSING_ARGUMENTS:token'],
  ['bad-arguments', '400 BAD_ARGUMENTS:token'],
  ['api-not-found', '404 API_NOT_FOUND'],
  ['data-destroyed', '403 DATA_DESTROYED'],
  ['internal-error-2', '500 INTERNAL_ERROR', '500 INTERNAL_ERROR', PASS],
  ['internal-error-always', '500 INTERNAL_ERROR', '500 INTERNAL_ERROR', '500 INTERNAL_ERROR'],
  ['slow-50', PASS],
  ['hung', 'silence', 'silence'],
  ['hung-once', 'silence', PASS],
  ['reset', 'broken', 'broken'],
  ['reset-once', 'broken', PASS],
  ['half-body', 'broken', 'broken'],
  ['half-body-once', 'broken', PASS],
  ['malformed', 'unreadable', 'unreadable'],
  ['malformed-once', 'unreadable', PASS],
  ['html-502', '502 <html>'],
  ['html-502-once', '502 <html>', PASS],
  ['throttled-429-once', '429 Too Ma', PASS],
  ['seed-ok', 'unreadable'],
  ['seed-ok-repaired', PASS],
  ['seed-failed', 'Failed'],
  ['seed-not-started', 'NOT_STARTED'],
  ['ok-after-3600000', 'PROCESSING'],
  ['ok-after-0', PASS],
  ['redirect', '302'],
  ['error-with-200', 'RESULT_NOT_FOUND'],
  ['refusal-by-200', 'BAD_ARGUMENTS:x', 'BAD_ARGUMENTS:x', 'BAD_ARGUMENTS:x', '403 DATA_DESTROYED'],
  ['lower-case-concurrency-once', '403 concurrency limit exceeded', PASS],
  ['quirk-gzip', PASS],
  ['quirk-brotli', PASS],
  ['incomplete', PASS],
  ['reset+processing-1+ready-pass', 'broken', 'PROCESSING', PASS, '403 DATA_DESTROYED'],
];

/** The oracle of the end-to-end tests, by hand from docs/vendor.md. */
const ENDS: readonly [scenario: string, end: string][] = [
  ['ready-pass', 'PASSED null'],
  ['ready-fail-liveness', 'FAILED LIVENESS_FAIL'],
  ['ready-fail-match', 'FAILED MATCH_BELOW_THRESHOLD'],
  ['ready-boundary', 'FAILED MATCH_BELOW_THRESHOLD'],
  ['ready-tie', 'PASSED null'],
  ['review-numeric-liveness', 'NEEDS_REVIEW LIVENESS_INDETERMINATE'],
  ['review-missing-threshold', 'NEEDS_REVIEW THRESHOLD_MISSING'],
  ['review-multifaces', 'NEEDS_REVIEW MULTIPLE_FACES'],
  ['review-biz-mismatch', 'NEEDS_REVIEW CORRELATION_MISMATCH'],
  ['review-duplicate-keys', 'NEEDS_REVIEW CONTRADICTORY_RESPONSE'],
  ['review-no-comparison', 'NEEDS_REVIEW COMPARE_MISSING'],
  ['no-face', 'NEEDS_REVIEW COMPARE_NO_FACE'],
  ['data-source-error', 'ERROR DATA_SOURCE_ERROR'],
  ['internal-in-body', 'ERROR VENDOR_INTERNAL'],
  ['internal-in-body-once', 'PASSED null'],
  ['processing-1', 'PASSED null'],
  ['processing-2', 'PASSED null'],
  ['processing-3', 'EXPIRED QUOTA_EXHAUSTED'],
  ['processing-9', 'EXPIRED QUOTA_EXHAUSTED'],
  ['not-started-1', 'PASSED null'],
  ['not-started-2', 'NOT_COMPLETED NEVER_STARTED'],
  ['never-started', 'NOT_COMPLETED NEVER_STARTED'],
  ['failed-session', 'FAILED LIVENESS_SESSION_FAILED'],
  ['cancelled', 'NOT_COMPLETED USER_CANCELLED'],
  ['timeout', 'NOT_COMPLETED SESSION_TIMEOUT'],
  ['webrtc-unsupported', 'NOT_COMPLETED BROWSER_UNSUPPORTED'],
  ['unknown-status', 'NEEDS_REVIEW UNKNOWN_STATUS'],
  ['result-not-found', 'ERROR TOKEN_UNKNOWN'],
  ['result-not-found-once', 'PASSED null'],
  ['authentication-error', 'ERROR AUTHENTICATION'],
  ['authorization-error', 'ERROR AUTHORIZATION'],
  ['concurrency-5', 'PASSED null'],
  ['concurrency-8', 'ERROR CONCURRENCY_SATURATED'],
  ['missing-arguments', 'ERROR BAD_REQUEST'],
  ['api-not-found', 'ERROR API_NOT_FOUND'],
  ['data-destroyed', 'EXPIRED RESULT_DESTROYED_UNEXPLAINED'],
  ['internal-error-2', 'PASSED null'],
  ['internal-error-3', 'ERROR VENDOR_UNAVAILABLE'],
  ['slow-500', 'PASSED null'],
  ['slow-60000', 'ERROR VENDOR_UNAVAILABLE'],
  ['hung', 'ERROR VENDOR_UNAVAILABLE'],
  ['reset-always', 'ERROR VENDOR_UNAVAILABLE'],
  ['half-body-once', 'PASSED null'],
  ['malformed', 'ERROR MALFORMED_RESPONSE'],
  ['malformed-once', 'PASSED null'],
  ['html-502', 'ERROR VENDOR_UNAVAILABLE'],
  ['redirect', 'ERROR VENDOR_UNAVAILABLE'],
  ['seed-ok', 'ERROR MALFORMED_RESPONSE'],
  ['seed-ok-repaired', 'NEEDS_REVIEW LIVENESS_INDETERMINATE'],
  ['seed-failed', 'FAILED LIVENESS_SESSION_FAILED'],
  [`ok-after-${DAY_MS}`, 'EXPIRED QUOTA_EXHAUSTED'],
  ['error-with-200', 'ERROR TOKEN_UNKNOWN'],
  ['review-thresholds-zero', 'NEEDS_REVIEW THRESHOLD_IMPLAUSIBLE'],
  ['review-thresholds-scale', 'NEEDS_REVIEW THRESHOLD_IMPLAUSIBLE'],
  ['attack-mask', 'NEEDS_REVIEW ATTACK_SUSPECTED'],
  ['attack-nested-error', 'NEEDS_REVIEW ATTACK_SUSPECTED'],
  ['review-error-beside-ok', 'NEEDS_REVIEW CONTRADICTORY_RESPONSE'],
  ['review-flat-no', 'NEEDS_REVIEW CONTRADICTORY_RESPONSE'],
  ['quirk-error-false', 'PASSED null'],
  ['quirk-gzip', 'PASSED null'],
  ['result-not-found-2', 'ERROR TOKEN_UNKNOWN'],
  ['invalid-token', 'ERROR TOKEN_UNKNOWN'],
  ['invalid-token-once', 'PASSED null'],
  ['bad-arguments', 'ERROR BAD_REQUEST'],
  ['bad-arguments-2', 'ERROR BAD_REQUEST'],
  ['bad-arguments-once', 'PASSED null'],
  ['invalid-arguments-7', 'PASSED null'],
  ['invalid-arguments-8', 'ERROR BAD_REQUEST'],
  ['refusal-by-200-2', 'PASSED null'],
  ['refusal-by-200-3', 'ERROR BAD_REQUEST'],
  ['lower-case-destroyed', 'EXPIRED RESULT_DESTROYED_UNEXPLAINED'],
  ['data-source-at-top', 'ERROR DATA_SOURCE_ERROR'],
  ['no-face-at-top', 'NEEDS_REVIEW COMPARE_NO_FACE'],
  ['multiple-faces-at-top', 'NEEDS_REVIEW REFERENCE_IMAGE_UNUSABLE'],
  ['incomplete', 'NEEDS_REVIEW COMPARE_MISSING'],
  ['incomplete-once', 'PASSED null'],
  ['answered-twice', 'ERROR VENDOR_UNAVAILABLE'],
  ['answered-twice-once', 'PASSED null'],
  ['many-keys', 'ERROR MALFORMED_RESPONSE'],
  ['huge-body', 'ERROR VENDOR_UNAVAILABLE'],
  ['gzip-bomb-once', 'PASSED null'],
];

describe('scenarios over HTTP', () => {
  it.each(SHAPES.map(([scenario, ...answers]) => ({ scenario, answers })))('$scenario answers $answers', async ({ scenario, answers }) => {
    const token = mintToken({ scenario });
    const got: string[] = [];
    for (const answer of answers) got.push(await seen(token, answer === 'silence' ? 500 : 4_500));
    expect(got).toEqual(answers);
  });

  it('sends a pass that looks like the vendor’s', async () => {
    const { body } = await fixture.read(mintToken({ scenario: 'ready-pass' }));
    expect(body).toEqual({
      request_id: expect.stringMatching(/^\d{10},[0-9a-f-]{36}$/),
      time_used: expect.any(Number),
      status: 'OK',
      liveness_result: {
        score: { flash_attack: expect.any(Number), living_attack: expect.any(Number) },
        result: 'PASS',
        details: expect.objectContaining({ FACE_NOT_FOUND: expect.any(Number), LOW_FACE_QUALITY: expect.any(Number) }),
      },
      verify_result: {
        error_message: null,
        result_ref1: { confidence: 91.347, thresholds: { '1e-3': 62.169, '1e-4': 69.315, '1e-5': 74.399, '1e-6': 78.038 } },
      },
    });
  });

  it('contradicts itself where a plain JSON parser sees only PASS', async () => {
    const { text, body } = await fixture.read(mintToken({ scenario: 'review-duplicate-keys' }));
    expect(text).toContain('"result":"FAIL","result":"PASS"');
    expect(body).toMatchObject({ liveness_result: { result: 'PASS' } });
  });

  it('counts who follows a redirect with the secret in hand', async () => {
    const before = fixture.summary().redirectsFollowed;
    await fetch(`${fixture.url}/__redirected`);
    expect(fixture.summary().redirectsFollowed).toBe(before + 1);
  });
});

describe('scenario table', () => {
  it('has unique names with one line about each', () => {
    const names = SCENARIOS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(SCENARIOS.filter(({ about }) => about === '' || about.includes('\n'))).toEqual([]);
  });

  it('plays every row, and says what it must end as', () => {
    const names = SCENARIOS.map(({ name }) => name.replace(/<\w+>/, '1'));
    expect(names.filter((name) => !playOf(name) || !expectedOf(name))).toEqual([]);
  });

  it.each(ENDS)('%s must end as %s', (scenario, end) => {
    const expected = expectedOf(scenario);
    expect(`${expected?.outcome} ${expected?.reason}`).toBe(end);
  });

  it.each(['', 'nothing', 'processing-', 'processing-x', 'processing-1x', 'ready-pass+', 'ready-pass+nothing'])(
    'knows no scenario "%s"',
    (name) => {
      expect(playOf(name)).toBeUndefined();
    },
  );

  it('says which expectation depends on the policy', () => {
    expect(expectedOf('never-started')?.dependsOn).toBeDefined();
    expect(expectedOf('ready-boundary')?.dependsOn).toBeDefined();
    expect(expectedOf('ready-pass')?.dependsOn).toBeUndefined();
  });
});

describe('seed samples', () => {
  it('keep the vendor’s mistake: 12 opening braces, 11 closing ones', () => {
    expect([SEED_OK.split('{').length - 1, SEED_OK.split('}').length - 1]).toEqual([12, 11]);
    expect(() => JSON.parse(SEED_OK)).toThrow(SyntaxError);
  });

  it('parse once repaired, and the other two as they are', () => {
    expect(Object.keys(JSON.parse(SEED_OK_REPAIRED))).toContain('verify_result');
    expect(JSON.parse(SEED_FAILED)).toMatchObject({ status: 'Failed' });
    expect(JSON.parse(SEED_NOT_STARTED)).toMatchObject({ status: 'NOT_STARTED' });
  });
});
