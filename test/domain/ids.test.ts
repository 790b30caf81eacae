import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import * as ids from '../../src/domain/ids.ts';

/** Base32 by arithmetic on one big number: another way to the same 26 characters. */
function base32Prefix(digest: Buffer): string {
  let value = BigInt(`0x${digest.toString('hex')}`) >> BigInt(256 - 130);
  let text = '';
  for (let index = 0; index < 26; index += 1) {
    text = 'abcdefghijklmnopqrstuvwxyz234567'.charAt(Number(value & 31n)) + text;
    value >>= 5n;
  }
  return text;
}

test.each(['t', '', 'a-token', '令牌', 'x'.repeat(512)])('the id of a token is base32 of SHA-256 of its preimage: %j', (token) => {
  const digest = createHash('sha256').update(`verdictflow:v1:${token}`, 'utf8').digest();
  expect(createHash('sha256').update(ids.verificationPreimage(token), 'utf8').digest()).toEqual(digest);
  expect(ids.verificationIdFromDigest(digest)).toBe(base32Prefix(digest));
});

test('the format is frozen: RFC 4648 vectors and a recorded id', () => {
  expect(ids.verificationIdFromDigest(Buffer.from('foobar'))).toBe('mzxw6ytbo');
  expect(ids.verificationIdFromDigest(Buffer.alloc(32, 0xff))).toBe('7'.repeat(26));
  const digest = createHash('sha256').update('verdictflow:v1:demo-token-1').digest();
  expect(ids.verificationIdFromDigest(digest)).toBe('jfpex2iguir6dvmn2nwp6ale5c');
});

test('names made of an id', () => {
  const id = 'a'.repeat(26);
  expect(ids.workflowIdOf(id)).toBe(`fv-${id}`);
  expect(ids.outcomeEventId(id, 1)).toBe(`${id}.r1`);
  expect(ids.grantedReadWorkflowId(id, 2)).toBe(`fv-${id}-read-2`);
  expect([id, `${id}a`, id.toUpperCase(), `${id.slice(1)}1`].map(ids.isVerificationId)).toEqual([true, false, false, false]);
});
