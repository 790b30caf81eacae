import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EvidenceKind } from '../../src/domain/evidence.ts';
import { createFolderStore } from '../../src/evidence/folder-store.ts';
import { type EvidenceKey, newDataKey, wrapKey } from '../../src/evidence/data-keys.ts';
import { sealEnvelope } from '../../src/evidence/envelope.ts';
import { createKeyRecords } from '../../src/evidence/key-records.ts';
import { createEvidenceVault } from '../../src/evidence/vault.ts';

type Stores = {
  /** Epoch ms. */
  readonly now?: () => number;
  readonly keys?: EvidenceKey[];
};

/** Stores of evidence in folders of their own, and what was kept there without any worker. */
export function openStores({ now = Date.now, keys = [{ id: 'e1', key: randomBytes(32) }] }: Stores = {}) {
  const root = mkdtempSync(join(tmpdir(), 'verdictflow-evidence-'));
  const paths = { objects: join(root, 'objects'), keys: join(root, 'keys') };
  for (const path of Object.values(paths)) mkdirSync(path);
  const objects = createFolderStore({ root: paths.objects, setting: 'VF_EVIDENCE_STORE' });
  const keyStore = createFolderStore({ root: paths.keys, setting: 'VF_EVIDENCE_KEY_STORE' });
  const records = createKeyRecords(keyStore);
  const evidenceKeys = { current: () => keys };
  const vault = createEvidenceVault({ objects, keyStore, keys: evidenceKeys, now });

  /** Keeps two images of the verification. @returns their plain bytes by the name of the object. */
  async function keep(verificationId: string, { ttlMs = 3_600_000 } = {}): Promise<ReadonlyMap<string, Buffer>> {
    const dataKey = newDataKey();
    const createdAt = new Date(now()).toISOString();
    const expiresAt = new Date(now() + ttlMs).toISOString();
    await records.claim({ v: 1, verificationId, createdAt, expiresAt, ...wrapKey(dataKey, { verificationId, keys: evidenceKeys }) });
    const kept = new Map<string, Buffer>();
    for (const kind of ['IMAGE_BEST', 'IMAGE_BEST_2'] as const satisfies readonly EvidenceKind[]) {
      const object = `${verificationId}/${kind.toLowerCase()}-${randomBytes(8).toString('hex')}`;
      const bytes = Buffer.concat([Buffer.from('ffd8ffe0', 'hex'), randomBytes(600)]);
      await objects.create(
        object,
        sealEnvelope(dataKey, { verificationId, object }, { header: { kind, contentType: 'image/jpeg' }, bytes }),
      );
      kept.set(object, bytes);
    }
    return kept;
  }

  return { root, paths, keys, objects, keyStore, vault, keep };
}

/** Every file below, with its bytes. */
export function filesBelow(folder: string): readonly { readonly path: string; readonly bytes: Buffer }[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => ({ path, bytes: readFileSync(path) }));
}
