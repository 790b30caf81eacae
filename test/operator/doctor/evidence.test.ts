import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { BlobStore } from '../../../src/evidence/blob-store.ts';
import { createFolderStore } from '../../../src/evidence/folder-store.ts';
import { probeStore } from '../../../src/evidence/probe.ts';
import { judgeStores } from '../../../src/operator/doctor/evidence.ts';
import { filesBelow } from '../../support/evidence-stores.ts';

const root = mkdtempSync(join(tmpdir(), 'verdictflow-probe-'));
const folder = createFolderStore({ root, setting: 'VF_EVIDENCE_STORE' });

async function looked(store: BlobStore, mustForget = false) {
  const setting = 'VF_EVIDENCE_STORE';
  return judgeStores([{ setting, trouble: await probeStore(store, { setting, mustForget }) }]);
}

describe('the probe of a store of evidence', () => {
  it('finds nothing wrong with one that writes, reads and deletes, and leaves nothing there', async () => {
    expect(await looked(folder)).toMatchObject([{ status: 'OK' }]);
    expect(filesBelow(root)).toEqual([]);
  });

  it.each<[string, Partial<BlobStore>, string]>([
    ['overwrites', { create: async () => await Promise.resolve('CREATED') }, 'a second write replaces the first'],
    ['shows nothing', { read: async () => await Promise.resolve(undefined) }, 'what was written is not there'],
    ['deletes nothing', { delete: async () => await Promise.resolve() }, 'what was deleted is still there'],
    ['obeys no condition of a change', { replace: async () => await Promise.resolve('REPLACED') }, 'not bound to what was read'],
  ])('tells one that %s', async (_what, broken, saw) => {
    const [found] = await looked({ ...folder, ...broken });
    expect(found).toMatchObject({ status: 'FAIL', saw: expect.stringContaining(saw) });
    expect(found?.remedy).toBeDefined();
  });

  it('tells one that keeps versions, where what is destroyed must not come back', async () => {
    const versioned = { ...folder, keepsVersions: () => true };
    expect(await looked(versioned, true)).toMatchObject([{ status: 'FAIL', saw: expect.stringContaining('keeps versions') }]);
    expect(await looked(versioned)).toMatchObject([{ status: 'OK' }]);
  });

  it('tells one that is not there, with the remedy of the store', async () => {
    rmSync(root, { recursive: true });
    expect(await looked(folder)).toMatchObject([
      { status: 'FAIL', saw: 'VF_EVIDENCE_STORE: the folder is not there', remedy: 'make it, or mount it' },
    ]);
  });
});
