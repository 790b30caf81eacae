import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mintToken, readOfflineToken } from '../../src/emulator/mint-token.ts';
import { verificationIdOfToken } from '../../src/emulator/token-ref.ts';
import { API_KEY, API_SECRET, ask, emulator, type Fixture } from './fixture.ts';

let fixture: Fixture;

beforeAll(async () => {
  fixture = await emulator();
});
afterAll(async () => {
  await fixture.close();
});

describe('get_result, refused or unknown', () => {
  it.each([
    { what: 'an empty key', query: { api_key: '' }, status: 400, error: 'MISSING_ARGUMENTS:api_key' },
    { what: 'an empty secret', query: { api_secret: '' }, status: 400, error: 'MISSING_ARGUMENTS:api_secret' },
    { what: 'an empty token', query: { token: '' }, status: 400, error: 'MISSING_ARGUMENTS:token' },
    { what: 'a wrong key', query: { api_key: 'other' }, status: 403, error: 'AUTHENTICATION_ERROR' },
    { what: 'a wrong secret', query: { api_secret: 'other' }, status: 403, error: 'AUTHENTICATION_ERROR' },
    { what: 'a bad return_image', query: { return_image: '3' }, status: 400, error: 'BAD_ARGUMENTS:return_image' },
    { what: 'an unknown token', query: { token: 'nobody-minted-this' }, status: 400, error: 'RESULT_NOT_FOUND' },
    { what: 'an unknown scenario', query: { token: 'emu1.no-such-thing.1' }, status: 400, error: 'RESULT_NOT_FOUND' },
  ])('answers $what with $error', async ({ query, status, error }) => {
    const answer = await fixture.read(mintToken({ scenario: 'ready-pass' }), { query });
    expect(answer).toMatchObject({ status, body: { error_message: error } });
    expect(Object.keys(answer.body).toSorted()).toEqual(['error_message', 'request_id', 'time_used']);
  });

  it.each(['/lite/raw/get_result', '/faceid/lite/get_result', '/faceid/lite/raw/get_results'])('knows no API at %s', async (path) => {
    expect(await ask(`${fixture.url}${path}?token=x`)).toMatchObject({ status: 404, body: { error_message: 'API_NOT_FOUND' } });
  });

  it('counts no refused request as a read', async () => {
    const before = fixture.summary();
    await fixture.read(mintToken({ scenario: 'ready-pass' }), { query: { api_secret: 'other' } });
    expect(fixture.summary()).toMatchObject({ reads: before.reads, refused: before.refused + 1 });
  });
});

describe('images', () => {
  it.each([
    { returnImage: '0', fields: [] },
    { returnImage: '1', fields: ['image_best'] },
    { returnImage: '2', fields: ['image_best', 'image_best_2'] },
  ])('returns $fields for return_image $returnImage', async ({ returnImage, fields }) => {
    const { body } = await fixture.read(mintToken({ scenario: 'ready-pass' }), { query: { return_image: returnImage } });
    expect(Object.keys(body).filter((key) => key.startsWith('image'))).toEqual(fields);
    for (const field of fields) {
      const [prefix, base64] = String(body[field]).split(',');
      expect(prefix).toBe('data:image/jpeg;base64');
      const bytes = Buffer.from(base64 ?? '', 'base64');
      expect([bytes.subarray(0, 3).toString('hex'), bytes.subarray(-2).toString('hex')]).toEqual(['ffd8ff', 'ffd9']);
    }
  });
});

describe('get_token', () => {
  const fields = { api_key: API_KEY, api_secret: API_SECRET, scenario: 'ready-fail-match', biz_no: 'order-17' };

  function multipart(): FormData {
    const form = new FormData();
    for (const [key, value] of Object.entries(fields)) form.append(key, value);
    form.append('image_ref1', new Blob([Buffer.from([0xff, 0xd8, 0xff])]), 'me.jpg');
    return form;
  }

  it.each([
    { form: 'JSON', init: () => ({ body: JSON.stringify(fields), headers: { 'content-type': 'application/json' } }) },
    { form: 'urlencoded', init: () => ({ body: new URLSearchParams(fields) }) },
    { form: 'multipart', init: () => ({ body: multipart() }) },
  ])('mints from a $form body, files ignored', async ({ init }) => {
    const minted = await ask(`${fixture.baseUrl}/lite/raw/get_token`, { method: 'POST', ...init() });
    expect(Object.keys(minted.body).toSorted()).toEqual(['biz_id', 'expired_time', 'request_id', 'time_used', 'token']);
    const { body } = await fixture.read(String(minted.body['token']));
    expect(body).toMatchObject({ status: 'OK', biz_no: 'order-17', verify_result: { result_ref1: { confidence: 31.402 } } });
  });

  it.each([
    { scenario: '{"name":"cancelled"}', statuses: ['CANCELLED'] },
    { scenario: '{"steps":["processing-9","cancelled"]}', statuses: ['PROCESSING', 'CANCELLED'] },
    { scenario: 'never-started+ready-pass', statuses: ['NOT_STARTED', 'OK', 'OK'] },
  ])('takes the scenario $scenario', async ({ scenario, statuses }) => {
    const init = { method: 'POST', body: new URLSearchParams({ ...fields, scenario }) };
    const { body } = await ask(`${fixture.baseUrl}/lite/raw/get_token`, init);
    const seen: unknown[] = [];
    for (const _ of statuses) seen.push((await fixture.read(String(body['token']))).body['status']);
    expect(seen).toEqual(statuses);
  });

  it.each([
    { changed: { api_secret: 'other' }, status: 403 },
    { changed: { scenario: 'no-such-thing' }, status: 400 },
    { changed: { expires_in_ms: 'soon' }, status: 400 },
  ])('refuses $changed', async ({ changed, status }) => {
    const body = new URLSearchParams({ ...fields, ...changed });
    expect(await ask(`${fixture.baseUrl}/lite/raw/get_token`, { method: 'POST', body })).toMatchObject({ status });
  });

  it('makes NOT_STARTED turn into TIMEOUT once the token has expired', async () => {
    const body = new URLSearchParams({ ...fields, scenario: 'expires-to-timeout', expires_in_ms: '0' });
    const minted = await ask(`${fixture.baseUrl}/lite/raw/get_token`, { method: 'POST', body });
    expect(await fixture.read(String(minted.body['token']))).toMatchObject({ body: { status: 'TIMEOUT' } });
    expect(await fixture.read(mintToken({ scenario: 'expires-to-timeout' }))).toMatchObject({ body: { status: 'NOT_STARTED' } });
  });
});

describe('self-describing tokens', () => {
  it('read back as minted', () => {
    expect(readOfflineToken(mintToken({ scenario: 'processing-2', issuedAtMs: 1_900_000_000_123 }))).toEqual({
      scenario: 'processing-2',
      issuedAtMs: 1_900_000_000_123,
    });
    expect(readOfflineToken(mintToken({ scenario: 'hung-once' }))).toEqual({ scenario: 'hung-once' });
  });

  it('are never minted for a scenario that does not exist', () => {
    expect(() => mintToken({ scenario: 'redy-pass' })).toThrow(RangeError);
  });

  it('have the verification id that ADR 3 fixes', () => {
    // SHA-256("verdictflow:v1:abc") in lower-case base32, computed outside this project.
    expect(verificationIdOfToken('abc')).toBe('xaxv22jjsvxplsjuhuxznjrnsk');
  });
});
