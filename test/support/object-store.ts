import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AwsV4Signer } from 'aws4fetch';
import { freePorts } from '../../src/localstack/free-port.ts';
import { findOnPath, type LogLine } from '../../src/localstack/host.ts';
import { provision } from '../../src/localstack/provision.ts';
import { runOrThrow } from '../../src/localstack/run-command.ts';
import { type EngineHandle, supervise } from '../../src/localstack/supervised.ts';

const LOCAL_DIR = fileURLToPath(new URL('../../.local', import.meta.url));
const VERSITYGW = '1.8.0';
const MOTO = '5.2.5';
/** Made up here, for a server that nobody else reaches. */
const ACCESS = { accessKeyId: 'verdictflow-test', secretAccessKey: 'invented-for-tests' };
const REGION = 'us-east-1';
const READY_TIMEOUT_MS = 60_000;

/** A real S3 server of this machine, which tests may hurt; ports, data and buckets outlive `kill` and `restart`. */
export type ObjectStore = EngineHandle & {
  /** Which one it is, with its version, or where it was installed. */
  readonly name: string;
  readonly endpoint: string;
  readonly port: number;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** False: it takes any secret, so that nothing can be shown of wrong ones. */
  readonly checksSecrets: boolean;
  /** Where it writes every byte as plain files, a folder a bucket; undefined: it keeps all in memory, and loses it with a kill. */
  readonly dataDir: string | undefined;
  /** All it writes anywhere lies below: data that were not put elsewhere, what it notes beside them, its log. */
  readonly ownDir: string;
  createBucket(name: string, options?: { readonly versions?: boolean }): Promise<void>;
};

/** The only credentials that a server takes. */
type Access = { readonly accessKeyId: string; readonly secretAccessKey: string };

/** Starts the server that can be had here, and tells which; or says why there is none. `dataDir` has to be there; default: one of its own. */
export async function startObjectStore({
  dataDir,
  access = ACCESS,
  log = console.log,
}: {
  readonly dataDir?: string;
  readonly access?: Access;
  readonly log?: LogLine;
} = {}): Promise<ObjectStore | { readonly missing: string }> {
  const program = await findProgram(log);
  if ('missing' in program) return program;
  const ownDir = await mkdtemp(join(tmpdir(), 'object-store-'));
  const [port = 0] = await freePorts(1);
  const endpoint = `http://127.0.0.1:${port}`;
  const data = dataDir ?? join(ownDir, 'data');
  const [, sidecar, versions] = await Promise.all(
    [data, join(ownDir, 'sidecar'), join(ownDir, 'versions')].map(
      async (folder) => await mkdir(folder, { recursive: true }).then(() => folder),
    ),
  );
  const engine = await supervise({
    request: {
      name: program.name,
      logPath: join(ownDir, 'server.log'),
      ...program.command({ port, data, sidecar: sidecar ?? '', versions: versions ?? '', access }),
    },
    readyTimeoutMs: READY_TIMEOUT_MS,
    probe: async () => void (await fetch(endpoint)),
  });
  log(`[object store] ${program.name} at ${endpoint}`);
  return {
    ...engine,
    ...access,
    ownDir,
    name: program.name,
    endpoint,
    port,
    region: REGION,
    checksSecrets: program.checksSecrets,
    dataDir: program.keepsFiles ? data : undefined,
    async createBucket(name, { versions = false } = {}) {
      await put(`${endpoint}/${name}`, { access });
      const enabled = '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>';
      if (versions) await put(`${endpoint}/${name}?versioning=`, { access, body: enabled });
    },
    async stop() {
      await engine.stop();
      await rm(ownDir, { recursive: true, force: true });
    },
  };
}

async function put(url: string, { access, body = '' }: { readonly access: Access; readonly body?: string }): Promise<void> {
  const hash = createHash('sha256').update(body).digest('hex');
  const signer = new AwsV4Signer({
    ...access,
    method: 'PUT',
    url,
    headers: { 'x-amz-content-sha256': hash },
    region: REGION,
    service: 's3',
  });
  const signed = await signer.sign();
  const answer = await fetch(signed.url, { method: 'PUT', headers: signed.headers, ...(body === '' ? {} : { body }) });
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
}

type Place = { readonly port: number; readonly data: string; readonly sidecar: string; readonly versions: string; readonly access: Access };
type Command = { readonly command: string; readonly args: readonly string[]; readonly variables?: Readonly<Record<string, string>> };
type Program = {
  readonly name: string;
  readonly checksSecrets: boolean;
  readonly keepsFiles: boolean;
  command(place: Place): Command;
};

/** `versitygw`, where it is, or Go to build it once; else `moto`, where Python is. */
async function findProgram(log: LogLine): Promise<Program | { readonly missing: string }> {
  const failures: string[] = [];
  for (const find of [versitygw, moto]) {
    try {
      const program = await find(log);
      if (program !== undefined) return program;
    } catch (error) {
      failures.push(String(error));
    }
  }
  const how = `go install github.com/versity/versitygw/cmd/versitygw@v${VERSITYGW}, or Python 3 with pip for moto[server]==${MOTO}`;
  return { missing: ['no S3 server', how, ...failures].join(': ') };
}

async function versitygw(log: LogLine): Promise<Program | undefined> {
  const installed = findOnPath(['versitygw']);
  const program = installed ?? (await buildVersitygw(log));
  if (program === undefined) return undefined;
  return {
    name: installed === undefined ? `versitygw ${VERSITYGW}` : installed,
    checksSecrets: true,
    keepsFiles: true,
    command: ({ port, data, sidecar, versions, access }) => ({
      command: program,
      args: [
        '--port',
        `127.0.0.1:${port}`,
        '--region',
        REGION,
        '--keep-alive',
        '--quiet',
        'posix',
        '--sidecar',
        sidecar,
        '--versioning-dir',
        versions,
        data,
      ],
      variables: { ROOT_ACCESS_KEY_ID: access.accessKeyId, ROOT_SECRET_ACCESS_KEY: access.secretAccessKey },
    }),
  };
}

/** A program that lives for seconds need not be fast: without optimisations a quarter less CPU goes into compiling it, and requests cost it a little more. */
const UNOPTIMISED = ['-gcflags=all=-N -l', '-ldflags=-s -w'];

/** A minute or more, once; Go verifies the module by the checksums of its public log. */
async function buildVersitygw(log: LogLine): Promise<string | undefined> {
  const target = join(LOCAL_DIR, `versitygw-${VERSITYGW}`);
  const go = findOnPath(['go']) ?? ['/usr/local/go/bin/go'].find((path) => existsSync(path));
  if (go === undefined && !existsSync(target)) return undefined;
  const folder = await provision({
    target,
    what: `versitygw ${VERSITYGW}`,
    log,
    async build(emptyDir) {
      log(`[object store] building versitygw ${VERSITYGW}, once; this takes some minutes …`);
      const source = `github.com/versity/versitygw/cmd/versitygw@v${VERSITYGW}`;
      await runOrThrow('env', [`GOBIN=${emptyDir}`, 'CGO_ENABLED=0', go ?? 'go', 'install', ...UNOPTIMISED, source], {
        timeoutMs: 900_000,
        remedy: 'Go could not build it.',
      });
    },
  });
  return join(folder, 'versitygw');
}

async function moto(log: LogLine): Promise<Program | undefined> {
  const python = findOnPath(['python3', 'python']);
  if (python === undefined) return undefined;
  const path = await provision({
    target: join(LOCAL_DIR, `moto-${MOTO}`),
    what: `moto ${MOTO}`,
    log,
    async build(emptyDir) {
      const options = ['--quiet', '--disable-pip-version-check', '--target', emptyDir];
      await runOrThrow(python, ['-m', 'pip', 'install', ...options, `moto[server]==${MOTO}`], {
        timeoutMs: 300_000,
        remedy: 'pip could not install it.',
      });
    },
  });
  return {
    name: `moto ${MOTO}`,
    checksSecrets: false,
    keepsFiles: false,
    command: ({ port }) => ({
      command: python,
      args: ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)],
      variables: { PYTHONPATH: path },
    }),
  };
}
