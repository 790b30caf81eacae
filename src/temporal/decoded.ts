import type { LoadedDataConverter, Payload } from '@temporalio/common';
import { decodeFromPayloadsAtIndex } from '@temporalio/common/lib/internal-non-workflow/index.js';
import { encryptedWith, PayloadUnreadableError } from './payload-codec.ts';

/**
 * First payload as the client would decode it, for whoever takes histories apart by hand; undefined if it was written by hand in
 * a way that nobody can read.
 * @throws PayloadUnreadableError if it is encrypted and cannot be decrypted here: then it says nothing, not that there is nothing.
 */
export async function decoded(converter: LoadedDataConverter, payloads: Payload[] | null | undefined): Promise<unknown> {
  try {
    return await decodeFromPayloadsAtIndex<unknown>(converter, 0, payloads);
  } catch (error) {
    if (error instanceof PayloadUnreadableError) throw error;
    const [first] = payloads ?? [];
    const keyId = first && encryptedWith(first);
    if (keyId !== undefined) throw new PayloadUnreadableError(keyId, { isKnown: false });
    return undefined;
  }
}
