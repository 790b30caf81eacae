import { randomUUID } from 'node:crypto';
import { type BlobStore, StoreError } from './blob-store.ts';

/** Writes a probe, reads it and deletes it. @returns what went wrong, with its remedy; undefined: nothing. */
export async function probeStore(store: BlobStore, setting: string): Promise<string | undefined> {
  const name = `probes/${randomUUID()}`;
  try {
    try {
      await store.create(name, Buffer.from('first'));
      const again = await store.create(name, Buffer.from('second'));
      const read = await store.read(name);
      if (again === 'CREATED') return `${setting}: a second write replaces the first; use a server that obeys If-None-Match`;
      if (read === undefined) return `${setting}: what was written is not there; use one store, and no cache before it`;
    } finally {
      await store.delete(name);
    }
    return (await store.read(name)) === undefined ? undefined : `${setting}: what was deleted is still there; give the right to delete`;
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return error.message;
  }
}
