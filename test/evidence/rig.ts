import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BlobStore, StoreError } from '../../src/evidence/blob-store.ts';
import { createFolderStore } from '../../src/evidence/folder-store.ts';
import { createEvidenceKeeper } from '../../src/evidence/keeper.ts';
import type { EvidenceEvents } from '../../src/evidence/ports.ts';
import { createEvidenceVault } from '../../src/evidence/vault.ts';

export const ID = 'abcdefghijklmnopqrstuvwxyz';
export const OTHER_ID = 'zyxwvutsrqponmlkjihgfedcba';
export const MANDATE = { operator: 'mia', reason: 'asked for', ticket: 'T-1' };
export const OLD_KEY = { id: 'k1', key: Buffer.alloc(32, 1) };
export const NEW_KEY = { id: 'k2', key: Buffer.alloc(32, 2) };
export const IMAGE = { kind: 'IMAGE_BEST', contentType: 'image/jpeg', bytes: Buffer.from('picture of a face, picture of a face') } as const;
export const ANSWER = {
  kind: 'VENDOR_ANSWER',
  contentType: 'application/json',
  bytes: Buffer.from('{"status":"OK","face":"of somebody"}'),
} as const;

export type Told = { readonly event: keyof EvidenceEvents; readonly fields: Parameters<EvidenceEvents[keyof EvidenceEvents]>[0] };

/** Keeper and vault over two folders of the disk. */
export function openRig(options: Partial<Parameters<typeof createEvidenceKeeper>[0]> = {}) {
  const [root = '', keyRoot = ''] = ['evidence-', 'keys-'].map((name) => mkdtempSync(join(tmpdir(), name)));
  const told: Told[] = [];
  const tell = (event: keyof EvidenceEvents) => (fields: Told['fields']) => void told.push({ event, fields });
  const stores = {
    objects: createFolderStore({ root, setting: 'VF_EVIDENCE_STORE' }),
    keyStore: createFolderStore({ root: keyRoot, setting: 'VF_EVIDENCE_KEY_STORE' }),
  };
  const common = { ...stores, keys: { current: () => [OLD_KEY] }, ...options };
  const keeper = createEvidenceKeeper({
    ttlMs: 3_600_000,
    maxBytes: 1_000_000,
    memoryBytes: 8_000_000,
    events: { kept: tell('kept'), lost: tell('lost'), retried: tell('retried') },
    ...common,
  });
  return {
    ...stores,
    root,
    keyRoot,
    told,
    keeper,
    vault: createEvidenceVault(common),
    keep: async (verificationId = ID, untilMs = Date.now() + 5_000) =>
      await keeper.keep({ verificationId, found: [IMAGE, ANSWER], untilMs }),
    close() {
      for (const folder of [root, keyRoot]) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Every byte of a folder's files, and every name. */
export function everythingIn(...folders: readonly string[]): Buffer {
  const parts = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => {
      const path = join(folder, name);
      return Buffer.concat([Buffer.from(`${name}\n`), statSync(path).isFile() ? readFileSync(path) : Buffer.alloc(0)]);
    }),
  );
  return Buffer.concat(parts);
}

/** The store until its `requests`th request, which is not fulfilled, nor is any after it: whoever used it was killed there. */
export function dyingAfter(requests: number, store: BlobStore, counted: { made: number }): BlobStore {
  const counting = (): void => {
    counted.made += 1;
    if (counted.made > requests) throw new StoreError('REFUSED', 'killed');
  };
  return {
    create: async (...args) => (counting(), await store.create(...args)),
    replace: async (...args) => (counting(), await store.replace(...args)),
    read: async (...args) => (counting(), await store.read(...args)),
    delete: async (...args) => (counting(), await store.delete(...args)),
    async *list(folder) {
      counting();
      yield* store.list(folder);
    },
  };
}

/** The store, whose first answer to such a request is lost: it is done, and nobody is told. */
export function losing(store: BlobStore, { request, folder }: { readonly request: 'create' | 'replace'; readonly folder: string }) {
  let isLost = false;
  const once = <T>(done: T, asked: typeof request, name: string): T => {
    if (isLost || asked !== request || !name.startsWith(folder)) return done;
    isLost = true;
    throw new StoreError('UNREACHABLE', 'VF_X: no answer; look');
  };
  const lossy: BlobStore = {
    ...store,
    create: async (name, bytes) => once(await store.create(name, bytes), 'create', name),
    replace: async (name, change) => once(await store.replace(name, change), 'replace', name),
  };
  return { store: lossy, wasLost: () => isLost };
}

/** The store, whose server died at its first probe and left half of it: the name is taken, and nothing can be read there. */
export function tearing(store: BlobStore): BlobStore {
  let torn: string | undefined;
  return {
    ...store,
    async create(name, bytes) {
      if (name === torn) return 'EXISTS';
      if (torn !== undefined || !name.startsWith('probes/')) return await store.create(name, bytes);
      torn = name;
      throw new StoreError('UNREACHABLE', 'VF_X: no answer; look');
    },
  };
}
