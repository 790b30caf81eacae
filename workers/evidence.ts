import { realpathSync } from 'node:fs';
import type { EvidenceKeeper } from '../activities/ports.ts';
import type { Config, EvidenceConfig, StoreConfig } from '../src/config/config.ts';
import type { LiveConfig } from '../src/config/live-config.ts';
import { overlap } from '../src/config/evidence-store.ts';
import { ConfigurationError } from '../src/contracts/errors.ts';
import { defined } from '../src/domain/defined.ts';
import type { BlobStore } from '../src/evidence/blob-store.ts';
import type { EvidenceKeys } from '../src/evidence/data-keys.ts';
import { createFolderStore } from '../src/evidence/folder-store.ts';
import { createEvidenceKeeper } from '../src/evidence/keeper.ts';
import { probeStore } from '../src/evidence/probe.ts';
import { createS3Store } from '../src/evidence/s3-store.ts';
import { createEvidenceVault } from '../src/evidence/vault.ts';
import { createEvidenceEvents } from '../src/observability/evidence-events.ts';
import type { StoreSeen } from '../src/operator/doctor/ports.ts';
import type { EvidenceVault } from '../src/operator/evidence/ports.ts';
import type { RoleContext } from './context.ts';
import { revealed } from './settings.ts';

/** What a worker keeps evidence with; undefined unless `VF_EVIDENCE_STORE` names a store. */
export function openEvidenceKeeper(context: RoleContext): EvidenceKeeper | undefined {
  const { config, live, lifecycle, logger, metrics } = context;
  if (config.evidence === undefined) return undefined;
  if (config.evidence.s3WithoutTls)
    logger.warn(
      { event: 'evidence-without-tls' },
      'VF_EVIDENCE_S3_WITHOUT_TLS is true: what S3 servers are sent may cross the network in clear',
    );
  const stores = openStores(() => live.current());
  lifecycle.onStop('evidence', () => stores.close());
  const { ttlMs, maxBytes, memoryBytes } = config.evidence;
  const keeper = createEvidenceKeeper({
    ...stores,
    keys: keysOf(live),
    ttlMs,
    maxBytes,
    memoryBytes,
    events: createEvidenceEvents(context),
  });
  metrics.evidenceMemory.from(() => keeper.heldBytes());
  return keeper;
}

/** All evidence, for commands and the sweeper. Without keys nothing can be opened, all else can be done. @throws ConfigurationError unless the stores are configured. */
export function openEvidenceVault(live: Pick<LiveConfig, 'current' | 'refresh'>): EvidenceVault & { close(): Promise<void> } {
  const stores = openStores(() => live.current());
  return { ...createEvidenceVault({ ...stores, keys: keysOf(live) }), close: stores.close };
}

/** Tries both stores, and leaves nothing there. @throws ConfigurationError unless they are configured. */
export async function probeStores({ current }: Pick<LiveConfig, 'current'>): Promise<readonly StoreSeen[]> {
  const { objects, keyStore, close } = openStores(current);
  try {
    return await Promise.all(
      Object.entries({ VF_EVIDENCE_STORE: objects, VF_EVIDENCE_KEY_STORE: keyStore }).map(async ([setting, store]) => ({
        setting,
        trouble: await probeStore(store, { setting, mustForget: store === keyStore }),
      })),
    );
  } finally {
    await close();
  }
}

type Stores = { readonly objects: BlobStore; readonly keyStore: BlobStore; close(): Promise<void> };

function openStores(current: () => Config): Stores {
  const { keyStore, store } = evidenceOf(current());
  const problems = [
    ...(keyStore === undefined ? ['VF_EVIDENCE_KEY_STORE: missing; name the bucket or folder of the keys'] : []),
    ...(keyStore !== undefined && overlap(resolved(store), resolved(keyStore))
      ? ['VF_EVIDENCE_KEY_STORE: leads to the place of VF_EVIDENCE_STORE, or to one within or around it; name another']
      : []),
  ];
  if (keyStore === undefined || problems.length > 0) throw new ConfigurationError(problems);
  const opened = [
    openStore(store, { setting: 'VF_EVIDENCE_STORE', current: () => evidenceOf(current()).store }),
    openStore(keyStore, { setting: 'VF_EVIDENCE_KEY_STORE', current: () => evidenceOf(current()).keyStore }),
  ] as const;
  return {
    objects: opened[0].store,
    keyStore: opened[1].store,
    close: async () => void (await Promise.all(opened.map(async ({ close }) => await close()))),
  };
}

function evidenceOf({ evidence }: Config): EvidenceConfig {
  if (evidence === undefined) throw new ConfigurationError(['VF_EVIDENCE_STORE: is off; name the store of the evidence']);
  return evidence;
}

/** Where links lead. A folder that is not there leads nowhere, which its store says when it is used. */
function resolved(store: StoreConfig): StoreConfig {
  if (store.kind !== 'folder') return store;
  try {
    return { kind: 'folder', path: realpathSync(store.path) };
  } catch {
    return store;
  }
}

type Opening = { readonly setting: string; readonly current: () => StoreConfig | undefined };

function openStore(store: StoreConfig, { setting, current }: Opening): { readonly store: BlobStore; close(): Promise<void> } {
  if (store.kind === 'folder') return { store: createFolderStore({ root: store.path, setting }), close: async () => undefined };
  const { endpoint, region, regionSetting, bucket, prefix, serverSetting } = store;
  const s3 = createS3Store({
    setting,
    serverSetting,
    regionSetting,
    endpoint,
    region,
    bucket,
    prefix,
    credentials: () => {
      const now = current();
      const { accessKeyId, secretAccessKey, sessionToken } = now?.kind === 's3' ? now : store;
      return {
        accessKeyId: revealed(accessKeyId, `${serverSetting}_ACCESS_KEY_ID`),
        secretAccessKey: revealed(secretAccessKey, `${serverSetting}_SECRET_ACCESS_KEY`),
        ...defined({ sessionToken: sessionToken?.reveal() }),
      };
    },
  });
  return { store: s3, close: async () => await s3.close() };
}

/** The keys of the moment. One that is missing may be in a newer file. */
function keysOf(live: Pick<LiveConfig, 'current' | 'refresh'>): EvidenceKeys {
  return {
    current: () => evidenceOf(live.current()).keys.map(({ id, key }) => ({ id, key: key.reveal() })),
    refresh: () => live.refresh(),
  };
}
