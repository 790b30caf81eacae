import { randomUUID } from 'node:crypto';
import { type BlobStore, StoreError } from './blob-store.ts';

/** `mustForget`: what is deleted or replaced there shall be gone. */
type Probed = { readonly setting: string; readonly mustForget: boolean };

/** Tries the store as {@link unfitness} does. @returns what went wrong, with its remedy; undefined: nothing. */
export async function probeStore(store: BlobStore, probed: Probed): Promise<string | undefined> {
  try {
    return await unfitness(store, probed);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return error.message;
  }
}

/** Writes a probe, reads it and deletes it. @returns what the store does not do, with its remedy. @throws StoreError */
export async function unfitness(store: BlobStore, { setting, mustForget }: Probed): Promise<string | undefined> {
  const name = `probes/${randomUUID()}`;
  try {
    await store.create(name, Buffer.from('first'));
    const again = await store.create(name, Buffer.from('second'));
    const read = await store.read(name);
    const change = read && { bytes: Buffer.from('third'), tag: read.tag };
    if (change !== undefined) await store.replace(name, change);
    const late = change && (await store.replace(name, change));
    // What stands there tells it, and not the first answer: that may have been lost, and the change repeated.
    const standing = await store.read(name);
    if (again === 'CREATED') return `${setting}: a second write replaces the first; use a server that obeys If-None-Match`;
    if (read === undefined) return `${setting}: what was written is not there; use one store, and no cache before it`;
    if (late === 'REPLACED' || standing === undefined || Buffer.compare(standing.bytes, Buffer.from('third')) !== 0)
      return `${setting}: a change is not bound to what was read; use a server that obeys If-Match`;
  } finally {
    await store.delete(name);
  }
  if (mustForget && store.keepsVersions?.() === true)
    return `${setting}: it keeps versions, so a key that was destroyed could be had back; use a bucket without`;
  return (await store.read(name)) === undefined ? undefined : `${setting}: what was deleted is still there; give the right to delete`;
}
