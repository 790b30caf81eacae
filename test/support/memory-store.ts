import { createHash } from 'node:crypto';
import type { BlobStore } from '../../src/evidence/blob-store.ts';

/** A store that obeys conditions, in memory: for interleavings by the thousand. `before` runs ahead of each request. */
export function createMemoryStore(before: (request: string) => Promise<void> = async () => undefined): BlobStore & {
  readonly blobs: Map<string, Uint8Array>;
} {
  const blobs = new Map<string, Uint8Array>();
  const tagOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
  return {
    blobs,
    async create(name, bytes) {
      await before(`create ${name}`);
      if (blobs.has(name)) return 'EXISTS';
      blobs.set(name, Uint8Array.from(bytes));
      return 'CREATED';
    },
    async replace(name, { bytes, tag }) {
      await before(`replace ${name}`);
      const standing = blobs.get(name);
      if (standing === undefined || tagOf(standing) !== tag) return 'CHANGED';
      blobs.set(name, Uint8Array.from(bytes));
      return 'REPLACED';
    },
    async read(name, { firstBytes } = {}) {
      await before(`read ${name}`);
      const bytes = blobs.get(name);
      return bytes && { bytes: bytes.subarray(0, firstBytes), tag: tagOf(bytes) };
    },
    async delete(name) {
      await before(`delete ${name}`);
      blobs.delete(name);
    },
    async *list(folder) {
      await before(`list ${folder}`);
      for (const [name, bytes] of blobs) if (name.startsWith(folder)) yield { name, bytes: bytes.byteLength, storedAtMs: 0 };
    },
  };
}
