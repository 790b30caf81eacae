/**
 * Where bytes lie under a name: a folder or a bucket. Every call rejects with `StoreError`; each may be repeated. Names have the form of
 * {@link isBlobName}, whoever made them up.
 */
export type BlobStore = {
  /** Stores all of the bytes or nothing. `EXISTS`: something of that name is there already, and was left as it is. */
  create(name: string, bytes: Uint8Array): Promise<'CREATED' | 'EXISTS'>;
  /** `CHANGED`: what is there is not what was read with this tag, or it is gone; nothing was written. */
  replace(name: string, change: { readonly bytes: Uint8Array; readonly tag: string }): Promise<'REPLACED' | 'CHANGED'>;
  /** Undefined if nothing of that name is there. `firstBytes`: no more than so many are needed. */
  read(name: string, options?: { readonly firstBytes?: number }): Promise<Blob | undefined>;
  /** Resolves also if nothing was there. */
  delete(name: string): Promise<void>;
  /** Everything whose name begins with `folder`, which is empty or ends in a slash. */
  list(folder: string): AsyncIterable<ListedBlob>;
  /** True once it has shown that what is replaced or deleted can be had back. Absent: it cannot. */
  readonly keepsVersions?: () => boolean;
};

/** `tag`: of these very bytes; of a part, of the whole. */
export type Blob = { readonly bytes: Uint8Array; readonly tag: string };

export type ListedBlob = { readonly name: string; readonly bytes: number; readonly storedAtMs: number };

/**
 * `UNREACHABLE`: no answer, or one that says to come again. `REFUSED`: it does not let us, and somebody has to change something.
 * `FULL`: it has no room.
 */
export type StoreFault = 'UNREACHABLE' | 'REFUSED' | 'FULL';

/** A store did not do what was asked. The message begins with the setting that names it and ends with a remedy. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly why: StoreFault;

  constructor(why: StoreFault, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.why = why;
  }
}

/** Two parts, none of which begins with a dot: no such name leaves the folder, or meets the files a store keeps for itself. */
const BLOB_NAME = /^[a-z0-9][a-z0-9._-]{0,99}\/[a-z0-9][a-z0-9._-]{0,99}$/;

export function isBlobName(text: string): boolean {
  return BLOB_NAME.test(text);
}
