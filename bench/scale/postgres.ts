import { chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { freePorts } from '../../src/localstack/free-port.ts';
import { findOnPath } from '../../src/localstack/host.ts';
import { runCommand, runOrThrow } from '../../src/localstack/run-command.ts';
import { type EngineHandle, supervise } from '../../src/localstack/supervised.ts';
import { ensureNamespace } from '../../src/temporal/namespace.ts';

type Options = { readonly toolsDir: string; readonly runDir: string; readonly metricsPort: number };

const DATABASES = { temporal: 'temporal', temporal_visibility: 'visibility' } as const;
const NAMESPACE = 'default';
const RETENTION_MS = 7 * 86_400_000;

/**
 * Temporal's own server on a Postgres of its own, in four shards and with one partition for each task queue, as the
 * development server has. Postgres flushes each transaction to the disk, unlike the SQLite of the local stack.
 */
export async function startTemporalOnPostgres(options: Options): Promise<{ address: string; handles: readonly EngineHandle[] }> {
  const database = await startPostgres();
  try {
    await makeSchemas(options.toolsDir, database.port);
    const server = await startServer(options, database.port);
    return { address: server.address, handles: [server.handle, database.handle] };
  } catch (error) {
    await database.handle.stop();
    throw error;
  }
}

async function startPostgres(): Promise<{ port: number; handle: EngineHandle }> {
  // Not among our own folders, which another user may not enter.
  const home = await mkdtemp(join(tmpdir(), 'verdictflow-postgres-'));
  const data = join(home, 'data');
  const as = await otherUser(home);
  const [port = 0] = await freePorts(1);
  const remedy = 'Install PostgreSQL (Debian: postgresql) and put its folder bin on PATH.';
  const [initdb, ...initArgs] = [...as, tool('initdb'), '-D', data, '-U', 'temporal', '--auth=trust', '--encoding=UTF8', '--locale=C'];
  await runOrThrow(initdb ?? '', initArgs, { cwd: home, remedy });
  const settings = { port, listen_addresses: '127.0.0.1', unix_socket_directories: '', max_connections: 200, shared_buffers: '256MB' };
  const flags = Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
  const [command = '', ...args] = [...as, tool('postgres'), '-D', data, ...flags];
  const handle = await supervise({
    request: { name: 'Postgres', command, args, logPath: join(home, 'postgres.log') },
    readyTimeoutMs: 60_000,
    probe: async () => {
      const session = ['-h', '127.0.0.1', '-p', String(port), '-U', 'temporal', '-d', 'postgres'];
      await runOrThrow('psql', [...session, '-c', 'select 1'], { remedy });
    },
  });
  const stop = async (): Promise<void> => {
    await handle.stop();
    await rm(home, { recursive: true });
  };
  return { port, handle: { ...handle, stop } };
}

/** Postgres refuses to run as root: then it runs as the user `postgres` that its package makes. */
async function otherUser(home: string): Promise<readonly string[]> {
  if (userInfo().uid !== 0) return [];
  const id = async (flag: string): Promise<string> => (await runCommand('id', [flag, 'postgres'])).output.trim();
  const [uid, gid] = [await id('-u'), await id('-g')];
  await chown(home, Number(uid), Number(gid));
  return ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'];
}

function tool(name: string): string {
  const path = findOnPath([name]);
  if (path === undefined)
    throw new Error(`no ${name} on PATH: install PostgreSQL, whose programs Debian keeps in /usr/lib/postgresql/*/bin`);
  return path;
}

async function makeSchemas(toolsDir: string, port: number): Promise<void> {
  const remedy = 'The schema could not be made.';
  for (const [database, schema] of Object.entries(DATABASES)) {
    const run = async (args: readonly string[]): Promise<unknown> =>
      await runOrThrow(
        join(toolsDir, 'sql'),
        ['--ep', '127.0.0.1', '-p', String(port), '-u', 'temporal', '--pl', 'postgres12', '--db', database, ...args],
        { remedy },
      );
    await run(['create-database']);
    await run(['setup-schema', '-v', '0.0']);
    await run(['update-schema', '--schema-name', `postgresql/v12/${schema}`]);
  }
}

async function startServer(
  { toolsDir, runDir, metricsPort }: Options,
  databasePort: number,
): Promise<{ address: string; handle: EngineHandle }> {
  const [frontend = 0, ...ports] = await freePorts(8);
  const home = join(runDir, 'temporal');
  await mkdir(home, { recursive: true });
  const [config, dynamic] = [join(home, 'config.yaml'), join(home, 'dynamic.yaml')];
  await writeFile(config, JSON.stringify(serverConfig({ databasePort, metricsPort, frontend, ports, dynamic })));
  await writeFile(dynamic, JSON.stringify(DYNAMIC));
  const address = `127.0.0.1:${frontend}`;
  const handle = await supervise({
    request: {
      name: 'Temporal',
      command: join(toolsDir, 'server'),
      args: ['--config-file', config, '--allow-no-auth', 'start'],
      logPath: join(home, 'server.log'),
      variables: { GOGC: '400' },
    },
    readyTimeoutMs: 60_000,
    probe: () => withNamespace(address),
  });
  return { address, handle };
}

const DYNAMIC = {
  'matching.numTaskqueueReadPartitions': [{ value: 1 }],
  'matching.numTaskqueueWritePartitions': [{ value: 1 }],
};

type Wiring = { databasePort: number; metricsPort: number; frontend: number; ports: readonly number[]; dynamic: string };

/** The least that a server starts with; JSON is YAML. */
function serverConfig({ databasePort, metricsPort, frontend, ports, dynamic }: Wiring): unknown {
  const sql = (databaseName: string) => ({
    sql: {
      pluginName: 'postgres12',
      databaseName,
      connectAddr: `127.0.0.1:${databasePort}`,
      connectProtocol: 'tcp',
      user: 'temporal',
      maxConns: 20,
      maxIdleConns: 20,
    },
  });
  const rpc = (grpcPort: number | undefined, membershipPort: number | undefined) => ({
    rpc: { grpcPort, membershipPort, bindOnLocalHost: true },
  });
  return {
    log: { stdout: true, level: 'warn' },
    persistence: {
      defaultStore: 'default',
      visibilityStore: 'visibility',
      numHistoryShards: 4,
      datastores: { default: sql('temporal'), visibility: sql('temporal_visibility') },
    },
    global: {
      membership: { maxJoinDuration: '30s', broadcastAddress: '127.0.0.1' },
      metrics: { prometheus: { framework: 'opentelemetry', listenAddress: `127.0.0.1:${metricsPort}` } },
    },
    services: {
      frontend: rpc(frontend, ports[0]),
      history: rpc(ports[1], ports[2]),
      matching: rpc(ports[3], ports[4]),
      worker: rpc(ports[5], ports[6]),
    },
    clusterMetadata: {
      enableGlobalNamespace: false,
      failoverVersionIncrement: 10,
      masterClusterName: 'active',
      currentClusterName: 'active',
      clusterInformation: {
        active: { enabled: true, initialFailoverVersion: 1, rpcName: 'frontend', rpcAddress: `127.0.0.1:${frontend}` },
      },
    },
    dcRedirectionPolicy: { policy: 'noop' },
    dynamicConfigClient: { filepath: dynamic, pollInterval: '60s' },
  };
}

/** The development server makes its namespace by itself. */
async function withNamespace(address: string): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: '2s' });
  try {
    await ensureNamespace(connection, { namespace: NAMESPACE, retentionMs: RETENTION_MS });
  } finally {
    await connection.close();
  }
}
