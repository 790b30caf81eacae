import { existsSync } from 'node:fs';
import * as zlib from 'node:zlib';
import { allowedNode } from '../../config/package-version.ts';
import { ownVariables } from '../../config/load.ts';
import { FILE_BACKED } from '../../config/secret-files.ts';
import type { Check } from '../../operator/doctor/examine.ts';
import { type Env, judgeAdminPort, judgeFiles, judgeNode, judgePackages, judgeSurroundings } from '../../operator/doctor/machine.ts';
import { skipped } from '../../operator/doctor/findings.ts';
import { unsilencedTracing } from '../../tracing/untraced.ts';
import type { Examination } from './examination.ts';

/** What can be seen without asking anybody else. */
export function machineChecks({ env, config, role }: Examination): readonly Check[] {
  return [
    { id: 'surroundings', look: async () => await judgeSurroundings(env, { links: serviceLinks(env), tracing: unsilencedTracing() }) },
    { id: 'node', look: () => [judgeNode(process.versions.node, allowedNode())] },
    { id: 'packages', look: async () => await judgePackages(CODECS) },
    { id: 'secret-files', look: async () => await judgeFiles(secretFiles(env)) },
    {
      id: 'admin-port',
      look: () => [role === 'cli' ? skipped('commands open no port') : judgeAdminPort(config.adminHost, { contained: isContained(env) })],
    },
  ];
}

const CODECS: Readonly<Record<string, () => Promise<unknown>>> = {
  snappy: async () => await import('snappy'),
  lz4: async () => await import('lz4-napi'),
  zstd: async () => ('zstdDecompressSync' in zlib ? await Promise.resolve() : await import('fzstd')),
};

/** Files that are secret although no variable could hold what is in them. */
const ALWAYS_FILES = ['VF_KAFKA_SSL_KEY_FILE', 'VF_TEMPORAL_API_KEY_FILE', 'TEMPORAL_TLS_CLIENT_KEY_PATH', 'TEMPORAL_CONFIG_FILE'];

function secretFiles(env: Env): Readonly<Record<string, string>> {
  const names = [...FILE_BACKED.map((name) => `${name}_FILE`), ...ALWAYS_FILES];
  return Object.fromEntries(names.flatMap((name) => (env[name]?.trim() ? [[name, env[name]?.trim() ?? '']] : [])));
}

/** Variables of ours by their name, which Kubernetes set for Services. */
function serviceLinks(env: Env): readonly string[] {
  const own = ownVariables(env);
  return Object.keys(env).filter((name) => name.startsWith('VF_') && (env[name] ?? '').trim() !== '' && own[name] === undefined);
}

function isContained(env: Env): boolean {
  return env['KUBERNETES_SERVICE_HOST'] !== undefined || existsSync('/.dockerenv') || existsSync('/run/.containerenv');
}
