import { randomBytes } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import type { BlobStore } from '../../../src/evidence/blob-store.ts';
import type { EvidenceKeys } from '../../../src/evidence/data-keys.ts';
import { createS3Store } from '../../../src/evidence/s3-store.ts';
import { createEvidenceVault } from '../../../src/evidence/vault.ts';
import type { LocalStack } from '../../../src/localstack/stack.ts';
import type { EvidenceVault } from '../../../src/operator/evidence/ports.ts';
import { type ObjectStore, startObjectStore } from '../../support/object-store.ts';
import { freePort, pipelineEnv } from '../../support/pipeline.ts';
import { type ServiceProcess, startProcess } from '../../support/process.ts';
import { type Fleet, type Role, startFleet } from '../quota/fleet.ts';

const ROLES = ['worker', 'worker', 'ingress'] as const;
const OBJECTS = 'evidence';
const KEYS = 'keys';

export type World = {
  readonly stack: LocalStack;
  readonly env: Readonly<Record<string, string>>;
  /** Folder of this world alone. */
  readonly dir: string;
  readonly logPath: string;
  readonly client: Client;
  /** One server for the ciphertexts and one for the keys, each with credentials of its own. */
  readonly servers: { readonly objects: ObjectStore; readonly keys: ObjectStore };
  readonly blobs: { readonly objects: BlobStore; readonly keyStore: BlobStore };
  readonly keys: EvidenceKeys;
  readonly vault: EvidenceVault;
  readonly fleet: Fleet;
  /** Every process of the service so far, the killed ones included. */
  readonly processes: readonly { readonly role: Role; readonly process: ServiceProcess }[];
  stopServing(): Promise<void>;
  close(): Promise<void>;
};

/** Two workers and an ingress of the built service, the emulator, and two S3 servers that may be killed. */
export async function openWorld(stack: LocalStack): Promise<World> {
  const [objects, keys] = [await openServer(OBJECTS), await openServer(KEYS)];
  const dir = await mkdtemp(join(tmpdir(), 'verdictflow-evidence-proof-'));
  const logPath = join(dir, 'requests.ndjson');
  const evidenceKey = { id: 'e1', key: randomBytes(32) };
  const emulatorPort = await freePort();
  const env = pipelineEnv({
    kafkaBrokers: stack.kafkaBrokers,
    temporalAddress: stack.temporalAddress,
    emulatorPort,
    overrides: {
      ...PACE,
      ...settingsOf({ objects, keys }),
      VF_EVIDENCE_KEYS: `e1:${evidenceKey.key.toString('base64')}`,
      VF_EMULATOR_PORT: String(emulatorPort),
      VF_EMULATOR_LOG: logPath,
    },
  });
  const emulator = startProcess(['emulator'], env);
  await emulator.ready();
  const processes: { role: Role; process: ServiceProcess }[] = [];
  const launch = (role: Role): ServiceProcess => {
    const process = startProcess([role], env);
    processes.push({ role, process });
    return process;
  };
  const fleet = await startFleet(launch, ROLES);
  const connection = await Connection.connect({ address: stack.temporalAddress });
  const blobs = { objects: blobsOf(objects, OBJECTS), keyStore: blobsOf(keys, KEYS) };
  const evidenceKeys = { current: () => [evidenceKey] };
  return {
    stack,
    env,
    dir,
    logPath,
    client: new Client({ connection }),
    servers: { objects, keys },
    blobs,
    keys: evidenceKeys,
    vault: createEvidenceVault({ ...blobs, keys: evidenceKeys }),
    fleet,
    processes,
    stopServing: fleet.close,
    close: async () => {
      await fleet.close();
      emulator.kill('SIGKILL');
      await connection.close();
      await Promise.all([blobs.objects.close(), blobs.keyStore.close()]);
      await Promise.all([objects.stop(), keys.stop()]);
    },
  };
}

/** A day of some minutes, in which three reads have room although each of them waits 70 s for a worker that was killed. */
const PACE = {
  VF_POLICY_PROFILE: 'custom',
  VF_POLICY_CUSTOM_OFFSETS: '0s,4s,30s',
  VF_WINDOW: '360s',
  VF_POLICY_MIN_GAP: '500ms',
  VF_POLICY_ERROR_BACKOFF: '1s',
  VF_FACEID_TIMEOUT: '8s',
  VF_SHUTDOWN_TIMEOUT: '60s',
  VF_STARTUP_TIMEOUT: '90s',
  VF_KAFKA_SESSION_TIMEOUT: '6s',
  // Whatever is ever written is to be searched.
  VF_LOG_LEVEL: 'debug',
};

/** Evidence gives up after 8 s, so that some outages are shorter than that, and one is longer. */
function settingsOf({ objects, keys }: World['servers']): Record<string, string> {
  return {
    VF_RETURN_IMAGE: '2',
    VF_EVIDENCE_STORE: `s3://${OBJECTS}`,
    VF_EVIDENCE_KEY_STORE: `s3://${KEYS}`,
    VF_EVIDENCE_TIMEOUT: '8s',
    VF_EVIDENCE_S3_ENDPOINT: objects.endpoint,
    VF_EVIDENCE_S3_ACCESS_KEY_ID: objects.accessKeyId,
    VF_EVIDENCE_S3_SECRET_ACCESS_KEY: objects.secretAccessKey,
    VF_EVIDENCE_KEY_STORE_S3_ENDPOINT: keys.endpoint,
    VF_EVIDENCE_KEY_STORE_S3_ACCESS_KEY_ID: keys.accessKeyId,
    VF_EVIDENCE_KEY_STORE_S3_SECRET_ACCESS_KEY: keys.secretAccessKey,
  };
}

async function openServer(bucket: string): Promise<ObjectStore> {
  const secretAccessKey = `secret-${randomBytes(16).toString('hex')}`;
  const server = await startObjectStore({
    access: { accessKeyId: `proof-${bucket}`, secretAccessKey },
    log: (line) => void process.stderr.write(`${line}\n`),
  });
  if ('missing' in server) throw new Error(server.missing);
  if (server.dataDir === undefined) throw new Error(`${server.name} keeps no files that could be searched: versitygw is needed`);
  await server.createBucket(bucket);
  return server;
}

function blobsOf(server: ObjectStore, bucket: string) {
  const { endpoint, region } = server;
  return createS3Store({ setting: 'store', serverSetting: 'server', endpoint, region, bucket, prefix: '', credentials: () => server });
}
