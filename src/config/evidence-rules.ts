import { defined } from '../domain/defined.ts';
import type { EvidenceConfig, StoreConfig } from './config.ts';
import type { Env } from './env.ts';
import { isOpenEndpoint, overlap, type StoreAddress } from './evidence-store.ts';
import { finding, type Problem } from './problem.ts';
import { secretOf } from './redact.ts';
import type { Role } from './roles.ts';

/** The roles that keep evidence, and so cannot be without what it needs. */
const KEEPERS: ReadonlySet<Role> = new Set(['all', 'worker']);

/** An answer brings three images and itself; each is in memory twice. */
const OBJECTS_IN_MEMORY = 8;

/** Whether reads of this role wait for a store of evidence. */
export function keepsEvidence(env: Env, role: Role): boolean {
  return env.VF_EVIDENCE_STORE !== 'off' && KEEPERS.has(role);
}

/** Settings of the evidence that do not go together, or are missing. */
export function evidenceFindings(env: Env, role: Role): readonly Problem[] {
  if (env.VF_EVIDENCE_STORE === 'off') return idleFindings(env, role);
  return [
    ...(keepsEvidence(env, role) ? missing(env) : []),
    ...apartFindings(env, env.VF_EVIDENCE_STORE),
    ...credentialFindings(env, role),
    ...memoryFindings(env),
  ];
}

/** What is to be kept and has no place. An ingress of its own does not know what its workers have. */
function idleFindings(env: Env, role: Role): Problem[] {
  const remedy = 'needs VF_EVIDENCE_STORE, which is off: nothing would be kept; name a store, or leave this out';
  return [
    ...(role === 'all' && env.VF_RETURN_IMAGE !== '0' ? [finding(['VF_RETURN_IMAGE', 'VF_EVIDENCE_STORE'], remedy)] : []),
    ...(KEEPERS.has(role) && env.VF_EVIDENCE_KEEP_ANSWER ? [finding(['VF_EVIDENCE_KEEP_ANSWER', 'VF_EVIDENCE_STORE'], remedy)] : []),
  ];
}

function missing(env: Env): Problem[] {
  return [
    ...(env.VF_EVIDENCE_KEY_STORE === undefined
      ? [finding(['VF_EVIDENCE_KEY_STORE', 'VF_EVIDENCE_STORE'], 'missing, VF_EVIDENCE_STORE needs it; name a bucket or folder of its own')]
      : []),
    ...(env.VF_EVIDENCE_KEYS === undefined
      ? [
          finding(
            ['VF_EVIDENCE_KEYS', 'VF_EVIDENCE_STORE'],
            'missing, VF_EVIDENCE_STORE needs it; set VF_EVIDENCE_KEYS or VF_EVIDENCE_KEYS_FILE',
          ),
        ]
      : []),
  ];
}

function apartFindings(env: Env, store: StoreAddress): Problem[] {
  const keyStore = env.VF_EVIDENCE_KEY_STORE;
  if (keyStore === undefined || !overlap(store, keyStore)) return [];
  const why = 'a wrapped key beside what it opens comes back with every backup, and erasing would be none';
  return [
    finding(['VF_EVIDENCE_KEY_STORE', 'VF_EVIDENCE_STORE'], `lies within VF_EVIDENCE_STORE, or around it: ${why}; name another place`),
  ];
}

function credentialFindings(env: Env, role: Role): Problem[] {
  const findings: Problem[] = [];
  const usesS3 = isS3(env.VF_EVIDENCE_STORE) || isS3(env.VF_EVIDENCE_KEY_STORE);
  const own = env.VF_EVIDENCE_KEY_STORE_S3_ACCESS_KEY_ID !== undefined;
  const ownSecret = env.VF_EVIDENCE_KEY_STORE_S3_SECRET_ACCESS_KEY !== undefined;
  const needsCommon = isS3(env.VF_EVIDENCE_STORE) || (isS3(env.VF_EVIDENCE_KEY_STORE) && !own);
  if (KEEPERS.has(role) && needsCommon)
    for (const name of ['VF_EVIDENCE_S3_ACCESS_KEY_ID', 'VF_EVIDENCE_S3_SECRET_ACCESS_KEY'] as const)
      if (env[name] === undefined)
        findings.push(finding([name, 'VF_EVIDENCE_STORE'], `missing, a store in S3 needs it; set ${name} or ${name}_FILE`));
  if (own !== ownSecret)
    findings.push(
      finding(
        ['VF_EVIDENCE_KEY_STORE_S3_SECRET_ACCESS_KEY', 'VF_EVIDENCE_KEY_STORE_S3_ACCESS_KEY_ID'],
        'belongs to VF_EVIDENCE_KEY_STORE_S3_ACCESS_KEY_ID; set both or none',
      ),
    );
  if (usesS3 && !env.VF_EVIDENCE_S3_WITHOUT_TLS)
    for (const name of ['VF_EVIDENCE_S3_ENDPOINT', 'VF_EVIDENCE_KEY_STORE_S3_ENDPOINT'] as const)
      if (env[name] !== undefined && isOpenEndpoint(env[name]))
        findings.push(
          finding(
            [name, 'VF_EVIDENCE_S3_WITHOUT_TLS'],
            'is plain HTTP to another machine; use https, or allow it with VF_EVIDENCE_S3_WITHOUT_TLS=true',
          ),
        );
  return findings;
}

function isS3(store: StoreAddress | 'off' | undefined): boolean {
  return typeof store === 'object' && store.kind === 's3';
}

function memoryFindings(env: Env): Problem[] {
  if (env.VF_EVIDENCE_MEMORY >= OBJECTS_IN_MEMORY * env.VF_EVIDENCE_MAX_BYTES) return [];
  const least = OBJECTS_IN_MEMORY * env.VF_EVIDENCE_MAX_BYTES;
  return [
    finding(
      ['VF_EVIDENCE_MEMORY', 'VF_EVIDENCE_MAX_BYTES'],
      `has no room for what one answer may bring; make it at least ${least}, or VF_EVIDENCE_MAX_BYTES smaller`,
    ),
  ];
}

/** Absent unless a store is on. */
export function evidenceConfig(env: Env): EvidenceConfig | undefined {
  if (env.VF_EVIDENCE_STORE === 'off') return undefined;
  const common = {
    endpoint: env.VF_EVIDENCE_S3_ENDPOINT,
    region: env.VF_EVIDENCE_S3_REGION,
    regionSetting: 'VF_EVIDENCE_S3_REGION',
    accessKeyId: env.VF_EVIDENCE_S3_ACCESS_KEY_ID,
    secretAccessKey: env.VF_EVIDENCE_S3_SECRET_ACCESS_KEY,
    sessionToken: env.VF_EVIDENCE_S3_SESSION_TOKEN,
    serverSetting: 'VF_EVIDENCE_S3',
  };
  const ofKeys = {
    ...common,
    ...defined({ endpoint: env.VF_EVIDENCE_KEY_STORE_S3_ENDPOINT }),
    ...(env.VF_EVIDENCE_KEY_STORE_S3_REGION === undefined
      ? {}
      : { region: env.VF_EVIDENCE_KEY_STORE_S3_REGION, regionSetting: 'VF_EVIDENCE_KEY_STORE_S3_REGION' }),
    ...(env.VF_EVIDENCE_KEY_STORE_S3_ACCESS_KEY_ID === undefined
      ? {}
      : {
          accessKeyId: env.VF_EVIDENCE_KEY_STORE_S3_ACCESS_KEY_ID,
          secretAccessKey: env.VF_EVIDENCE_KEY_STORE_S3_SECRET_ACCESS_KEY,
          sessionToken: env.VF_EVIDENCE_KEY_STORE_S3_SESSION_TOKEN,
          serverSetting: 'VF_EVIDENCE_KEY_STORE_S3',
        }),
  };
  return {
    store: storeConfig(env.VF_EVIDENCE_STORE, common),
    ...(env.VF_EVIDENCE_KEY_STORE === undefined ? {} : { keyStore: storeConfig(env.VF_EVIDENCE_KEY_STORE, ofKeys) }),
    keys: env.VF_EVIDENCE_KEYS ?? [],
    ttlMs: env.VF_EVIDENCE_TTL,
    timeoutMs: env.VF_EVIDENCE_TIMEOUT,
    maxBytes: env.VF_EVIDENCE_MAX_BYTES,
    memoryBytes: env.VF_EVIDENCE_MEMORY,
    keepAnswer: env.VF_EVIDENCE_KEEP_ANSWER,
    s3WithoutTls: env.VF_EVIDENCE_S3_WITHOUT_TLS,
  };
}

type Access = {
  readonly endpoint: string | undefined;
  readonly region: string;
  readonly regionSetting: string;
  readonly accessKeyId: string | undefined;
  readonly secretAccessKey: string | undefined;
  readonly sessionToken: string | undefined;
  readonly serverSetting: string;
};

function storeConfig(address: StoreAddress, access: Access): StoreConfig {
  if (address.kind === 'folder') return address;
  const { endpoint, accessKeyId, secretAccessKey, sessionToken, ...rest } = access;
  return {
    ...address,
    ...rest,
    endpoint: endpoint ?? `https://s3.${rest.region}.amazonaws.com`,
    ...defined({
      accessKeyId: secretOf(accessKeyId),
      secretAccessKey: secretOf(secretAccessKey),
      sessionToken: secretOf(sessionToken),
    }),
  };
}
