import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'oxc-parser';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

type Import = { readonly from: string; readonly to: string; readonly typeOnly: boolean };
type Ring = {
  readonly name: string;
  readonly under: RegExp;
  readonly mayImport: readonly RegExp[];
  readonly mayImportTypesOf?: readonly RegExp[];
};

/** Who may import whom (docs/architecture.md). A target is a path from the root, or a package name. */
const DOMAIN = /^src\/domain\//;
const CONTRACTS = /^src\/contracts\/([^/]+|text\/[^/]+)\.ts$/;
const WIRE = /^src\/contracts\/wire\//;
const ASYNC = /^src\/async\//;
const TRACING = /^src\/tracing\//;
const PORTS = /(^|\/)ports\.ts$/;
/** The one door to the environment, which holds nothing of the service's own settings. */
const PROCESS_ENV = /^src\/config\/process-env\.ts$/;
const NODE = /^node:/;
const PACKAGE = /^(?!src\/|activities\/|workflows\/|workers\/|node:)/;

const RINGS: readonly Ring[] = [
  { name: 'domain', under: DOMAIN, mayImport: [DOMAIN] },
  { name: 'wire contracts', under: WIRE, mayImport: [DOMAIN, CONTRACTS, WIRE, /^zod$/, /^node:(crypto|zlib)$/] },
  { name: 'workflow contracts', under: CONTRACTS, mayImport: [DOMAIN, CONTRACTS] },
  { name: 'waiting', under: ASYNC, mayImport: [ASYNC, NODE] },
  { name: 'tracing', under: TRACING, mayImport: [CONTRACTS, TRACING, /^@opentelemetry\/api$/], mayImportTypesOf: [PORTS] },
  {
    name: 'workflows',
    under: /^workflows\//,
    mayImport: [DOMAIN, CONTRACTS, /^workflows\//, /^@temporalio\/(workflow|common)$/],
    mayImportTypesOf: [/^activities\//],
  },
  {
    name: 'activities',
    under: /^activities\//,
    mayImport: [DOMAIN, CONTRACTS, ASYNC, /^activities\//, /^@temporalio\/(activity|common)$/],
  },
  {
    name: 'ingress',
    under: /^src\/ingress\//,
    mayImport: [DOMAIN, CONTRACTS, WIRE, ASYNC, /^src\/ingress\//],
  },
  {
    name: 'operator',
    under: /^src\/operator\//,
    mayImport: [DOMAIN, CONTRACTS, WIRE, ASYNC, /^src\/operator\//, PORTS, NODE, PACKAGE],
  },
  {
    name: 'adapters',
    under: /^src\/(faceid|kafka|temporal|evidence)\//,
    mayImport: [DOMAIN, CONTRACTS, WIRE, ASYNC, TRACING, PORTS, /^src\/(faceid|kafka|temporal|evidence)\//, NODE, PACKAGE],
  },
  { name: 'emulator (the oracle shares no code)', under: /^src\/emulator\//, mayImport: [/^src\/emulator\//, NODE, PACKAGE] },
  {
    name: 'configuration',
    under: /^src\/config\//,
    mayImport: [DOMAIN, CONTRACTS, ASYNC, /^src\/(config|faceid\/base-url)/, NODE, PACKAGE],
  },
  {
    name: 'observability',
    under: /^src\/observability\//,
    mayImport: [DOMAIN, CONTRACTS, TRACING, /^src\/observability\//, NODE, PACKAGE],
    mayImportTypesOf: [PORTS, /^src\/kafka\/events\.ts$/],
  },
  // Nothing shipped may need what finds or downloads engines for demo and tests.
  {
    name: 'command line',
    under: /^src\/cli\//,
    mayImport: [/^src\/(?!localstack\/)/, /^workers\//, NODE, PACKAGE],
  },
  { name: 'composition', under: /^workers\//, mayImport: [/^src\/(?!localstack\/|cli\/)/, /^(activities|workers)\//, NODE, PACKAGE] },
  // Copied by users, who have nothing of ours.
  { name: 'examples', under: /^examples\//, mayImport: [/^examples\//, NODE, PACKAGE] },
  { name: 'local stack', under: /^src\/localstack\//, mayImport: [/^src\/(localstack|async)\//, PROCESS_ENV, NODE, PACKAGE] },
];

function sourceFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));
}

function importsOf(file: string): Import[] {
  const parsed = parseSync(file, readFileSync(join(root, file), 'utf8'));
  const statics = parsed.module.staticImports.map((one) => ({
    specifier: one.moduleRequest.value,
    typeOnly: one.entries.length > 0 && one.entries.every((entry) => entry.isType),
  }));
  const reExports = parsed.module.staticExports.flatMap((one) =>
    one.entries.flatMap((entry) => (entry.moduleRequest ? [{ specifier: entry.moduleRequest.value, typeOnly: entry.isType }] : [])),
  );
  return [...statics, ...reExports].map(({ specifier, typeOnly }) => ({
    from: file,
    to: specifier.startsWith('.') ? relative(root, normalize(join(root, dirname(file), specifier))) : specifier,
    typeOnly,
  }));
}

function violations(imports: readonly Import[]): string[] {
  return imports.flatMap((one) => {
    const ring = RINGS.find(({ under }) => under.test(one.from));
    if (!ring) return [];
    const allowed = [...ring.mayImport, ...(one.typeOnly ? (ring.mayImportTypesOf ?? []) : [])];
    return allowed.some((pattern) => pattern.test(one.to))
      ? []
      : [`${ring.name}: ${one.from} imports ${one.typeOnly ? 'types of ' : ''}${one.to}`];
  });
}

const files = ['src', 'workflows', 'activities', 'workers', 'examples'].flatMap(sourceFiles);

describe('architecture', () => {
  it('lets each ring import only what docs/architecture.md allows', () => {
    expect(files.length).toBeGreaterThan(50);
    expect(violations(files.flatMap(importsOf))).toEqual([]);
  });

  it('can fail: a domain file importing node and a workflow importing an activity value are both reported', () => {
    expect(
      violations([
        { from: 'src/domain/decide.ts', to: 'node:fs', typeOnly: false },
        { from: 'workflows/index.ts', to: 'activities/create.ts', typeOnly: false },
        { from: 'workflows/index.ts', to: 'activities/create.ts', typeOnly: true },
      ]),
    ).toHaveLength(2);
  });

  it('keeps every source file within 300 lines', () => {
    const long = files
      .map((file) => [file, readFileSync(join(root, file), 'utf8').split('\n').length] as const)
      .filter(([, lines]) => lines > 301);
    expect(long).toEqual([]);
  });

  it('reads the environment in src/config alone', () => {
    const readers = files.filter(
      (file) => !/^(src\/config|examples)\//.test(file) && /\bprocess\.env\b/.test(readFileSync(join(root, file), 'utf8')),
    );
    expect(readers).toEqual([]);
  });

  it('has all Temporal packages at one version', () => {
    const manifest: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const versions = new Set([...JSON.stringify(manifest).matchAll(/"@temporalio\/[a-z-]+":"([^"]+)"/g)].map((match) => match[1]));
    expect([...versions]).toEqual(['1.24.0']);
  });

  it('is developed on the lowest Node.js that users may have, and with its types', () => {
    const lowest = readFileSync(join(root, '.node-version'), 'utf8').trim().replace(/\.0$/, '');
    expect(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))).toMatchObject({
      engines: { node: `>=${lowest}` },
      devDependencies: { '@types/node': expect.stringMatching(`^${lowest}\\.`) },
    });
  });
});
