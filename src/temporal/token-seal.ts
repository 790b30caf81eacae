import type { TokenOpener } from '../../activities/ports.ts';
import { ConfigurationError } from '../contracts/errors.ts';
import type { TokenSealer } from '../ingress/ports.ts';
import { KEY_BYTES, KEY_ID, opened, sealed, type SealingKey } from './aes-gcm.ts';

const FORMAT = 'vf1';

/** The envelope names a key that this process does not have: add it to `VF_TOKEN_KEYS`. */
export class TokenKeyUnknownError extends Error {
  override readonly name = 'TokenKeyUnknownError';

  constructor(keyId: string) {
    super(`the token is sealed with key "${keyId}", which VF_TOKEN_KEYS does not hold: add it after the first key`);
  }
}

/** The envelope is not ours, was altered, belongs to another verification, or the key of that id has other bytes. */
export class TokenSealBrokenError extends Error {
  override readonly name = 'TokenSealBrokenError';

  constructor(why: string) {
    super(`the sealed token cannot be opened: ${why}`);
  }
}

export type TokenSeal = TokenSealer & TokenOpener;

/**
 * Seals tokens with AES-256-GCM under the first key and opens them with any of the keys.
 * Envelope: `vf1.<keyId>.<base64url(nonce(12) | ciphertext | tag(16))>`, with the verification id as authenticated data,
 * so an envelope moved to another verification does not open.
 * @throws ConfigurationError when no key is given, an id is malformed or repeated, or a key has not 32 bytes.
 */
export function createTokenSeal(keys: readonly SealingKey[]): TokenSeal {
  const [sealingKey] = keys;
  const problems = keyProblems(keys);
  if (sealingKey === undefined || problems.length > 0) {
    throw new ConfigurationError(problems);
  }
  const byId = new Map(keys.map(({ id, key }) => [id, key]));
  return {
    seal: (token, verificationId) => sealWith(sealingKey, { token, verificationId }),
    open: (sealedToken, verificationId) => openWith(byId, { sealedToken, verificationId }),
  };
}

function keyProblems(keys: readonly SealingKey[]): string[] {
  const problems: string[] = [];
  if (keys.length === 0) {
    problems.push('VF_TOKEN_KEYS: at least one sealing key is needed');
  }
  const seen = new Set<string>();
  for (const { id, key } of keys) {
    if (!KEY_ID.test(id)) {
      problems.push('VF_TOKEN_KEYS: a key id has 1 to 32 letters, digits, "-" or "_"');
    } else if (seen.has(id)) {
      problems.push(`VF_TOKEN_KEYS: key id "${id}" occurs twice`);
    }
    if (key.length !== KEY_BYTES) {
      problems.push(`VF_TOKEN_KEYS: a key has ${key.length} bytes instead of ${KEY_BYTES}`);
    }
    seen.add(id);
  }
  return problems;
}

function sealWith(sealingKey: SealingKey, { token, verificationId }: { token: string; verificationId: string }): string {
  const box = sealed(sealingKey.key, { clear: Buffer.from(token, 'utf8'), boundTo: verificationId });
  return `${FORMAT}.${sealingKey.id}.${box.toString('base64url')}`;
}

function openWith(keys: ReadonlyMap<string, Buffer>, envelope: { sealedToken: string; verificationId: string }): string {
  const [format, keyId, body, ...rest] = envelope.sealedToken.split('.');
  if (format !== FORMAT || keyId === undefined || !KEY_ID.test(keyId) || body === undefined || rest.length > 0) {
    throw new TokenSealBrokenError(`it is not a ${FORMAT} envelope`);
  }
  const key = keys.get(keyId);
  if (key === undefined) {
    throw new TokenKeyUnknownError(keyId);
  }
  const clear = opened(key, { box: Buffer.from(body, 'base64url'), boundTo: envelope.verificationId });
  if (clear === undefined)
    throw new TokenSealBrokenError('altered or cut short, of another verification, or sealed with another key of the same id');
  return clear.toString('utf8');
}
