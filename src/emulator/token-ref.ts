import { createHash } from 'node:crypto';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const ID_LENGTH = 26;

/**
 * The verification id of a token (ADR 3), written here a second time on purpose: the emulator's log is the oracle
 * of the tests, so it must not inherit a mistake of the code under test.
 */
export function verificationIdOfToken(token: string): string {
  const digest = createHash('sha256').update(`verdictflow:v1:${token}`, 'utf8').digest();
  const bits = Array.from(digest, (byte) => byte.toString(2).padStart(8, '0')).join('');
  let id = '';
  for (let index = 0; index < ID_LENGTH; index += 1) {
    id += ALPHABET.charAt(Number.parseInt(bits.slice(index * 5, index * 5 + 5), 2));
  }
  return id;
}
