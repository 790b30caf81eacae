import type { WrappedKey } from '../../../src/evidence/data-keys.ts';
import type { World } from './world.ts';

/** The wrapped key of a verification, as it lies in the key store. */
export async function keptRecordOf(verificationId: string, { blobs }: Pick<World, 'blobs'>): Promise<WrappedKey> {
  const blob = await blobs.keyStore.read(`keys/${verificationId}.json`);
  if (blob === undefined) throw new Error(`there is no key of ${verificationId}`);
  const { keyId, wrapped }: WrappedKey = JSON.parse(Buffer.from(blob.bytes).toString());
  return { keyId, wrapped };
}
