import type { OauthbearerProviderResponse } from 'kafkajs';
import { systemCode } from '../contracts/errors.ts';
import { MissingPackageError, TokenUnavailableError } from './errors.ts';
import { createTokenCache, type FreshToken } from './token-cache.ts';

type Signer = { generateAuthToken(options: { readonly region: string }): Promise<{ readonly token: string; readonly expiryTime: number }> };

/** Not a dependency of its own: it brings the AWS SDK, which nobody else needs. */
const SIGNER = 'aws-msk-iam-sasl-signer-js';

/** Tokens for Amazon MSK: a signed URL, valid for 15 minutes. The AWS SDK finds and renews the credentials. */
export function createMskTokens(region: string): () => Promise<OauthbearerProviderResponse> {
  const token = createTokenCache(() => sign(region), { key: () => region });
  return async () => ({ value: await token() });
}

async function sign(region: string): Promise<FreshToken> {
  const { generateAuthToken } = await loadSigner();
  try {
    const { token, expiryTime } = await generateAuthToken({ region });
    return { value: token, livesMs: expiryTime - Date.now() };
  } catch (error) {
    const why = error instanceof Error ? error.name : 'unknown error';
    throw new TokenUnavailableError(`AWS credentials cannot be used (${why})`, { cause: error });
  }
}

/** @throws MissingPackageError if it is not installed. */
export async function loadSigner(load: () => Promise<unknown> = async () => await import('aws-msk-iam-sasl-signer-js')): Promise<Signer> {
  try {
    const loaded = await load();
    if (isSigner(loaded)) return loaded;
  } catch (error) {
    if (systemCode(error) !== 'ERR_MODULE_NOT_FOUND') throw error;
  }
  throw new MissingPackageError(SIGNER);
}

function isSigner(loaded: unknown): loaded is Signer {
  return typeof loaded === 'object' && loaded !== null && typeof Reflect.get(loaded, 'generateAuthToken') === 'function';
}
