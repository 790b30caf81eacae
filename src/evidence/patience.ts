import { backoffMs } from '../async/backoff.ts';
import { sleep } from '../async/sleep.ts';
import { LATE, withTimeout } from '../async/timeout.ts';
import { type BlobStore, StoreError } from './blob-store.ts';

type Patience = {
  /** Epoch ms, asked at the beginning of each request. Nothing is awaited beyond it. */
  readonly untilMs: () => number;
  /** The setting that names the store, for errors. */
  readonly setting: string;
  /** Whether such an error is worth another attempt; default: whatever is. */
  readonly repeats?: (error: StoreError) => boolean;
  readonly onRetry?: (error: StoreError) => void;
};

const BACKOFF = { firstMs: 100, longestMs: 2_000, random: Math.random };

export type PatientStore = BlobStore & {
  /**
   * Several requests as one: if one of them fails, all are made anew. What a server that dies has half done must not be taken for what
   * it does.
   */
  together<T>(work: (store: BlobStore) => Promise<T>): Promise<T>;
};

/**
 * The store, asked again with back-off until `untilMs`; listings aside. A write whose answer was lost shows as `EXISTS` or `CHANGED` when
 * it is repeated.
 */
export function patient(store: BlobStore, patience: Patience): PatientStore {
  const again = async <T>(work: () => Promise<T>): Promise<T> => await persevere(work, patience);
  return {
    create: async (name, bytes) => await again(async () => await store.create(name, bytes)),
    replace: async (name, change) => await again(async () => await store.replace(name, change)),
    read: async (name, options) => await again(async () => await store.read(name, options)),
    delete: async (name) => await again(async () => await store.delete(name)),
    list: (folder) => store.list(folder),
    keepsVersions: () => store.keepsVersions?.() ?? false,
    together: async (work) => await again(async () => await work(store)),
  };
}

async function persevere<T>(work: () => Promise<T>, { setting, repeats = () => true, onRetry, ...patience }: Patience): Promise<T> {
  const untilMs = patience.untilMs();
  let told: StoreError | undefined;
  for (let attempt = 1; ; attempt += 1) {
    try {
      const done = await withTimeout(work(), Math.max(0, untilMs - Date.now()));
      if (done !== LATE) return done;
    } catch (error) {
      const waitMs = backoffMs(attempt, BACKOFF);
      if (!(error instanceof StoreError) || !repeats(error) || Date.now() + waitMs >= untilMs) throw error;
      told = error;
      onRetry?.(error);
      await sleep(waitMs);
      continue;
    }
    // An earlier answer says more than that there was no time for this one.
    throw told ?? new StoreError('UNREACHABLE', `${setting}: the store did not answer in time; look at it, or at the way to it`);
  }
}
