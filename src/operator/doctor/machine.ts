import { stat } from 'node:fs/promises';
import { isLoopback } from '../../contracts/loopback.ts';
import { systemCode } from '../../contracts/errors.ts';
import { fail, type Found, ok, warn } from './findings.ts';

export type Env = Readonly<Record<string, string | undefined>>;

/** What variables of others do to this process, besides what `settings` refuses: pattern, variable, consequence. */
const TRAPS: readonly (readonly [variable: string, trap: RegExp, what: string, status: typeof warn])[] = [
  ['NODE_DEBUG', /\b(undici|fetch|websocket)\b|\*/i, 'prints request URLs, and with them the API secret: no worker starts', fail],
  ['NODE_DEBUG', /\b(https?|tls|net)\b/i, 'prints what is sent over the network', warn],
  ['NODE_OPTIONS', /--inspect/, 'opens a debugger, which reads every secret in memory', warn],
  ['NODE_OPTIONS', /--tls-keylog/, 'writes the keys of TLS connections to a file', warn],
  ['NODE_OPTIONS', /--tls-min-v1\.[01]\b/, 'allows versions of TLS that are broken', warn],
  ['NODE_OPTIONS', /--insecure-http-parser/, 'accepts answers that are no HTTP', warn],
  ['GRPC_TRACE', /./, 'prints requests to Temporal, and with them its API key', warn],
  ['GRPC_NODE_TRACE', /./, 'prints requests to Temporal, and with them its API key', warn],
];

export async function judgeSurroundings(
  env: Env,
  {
    links,
    tracing,
  }: {
    /** Names that Kubernetes set for Services. */
    readonly links: readonly string[];
    /** What traces in this process without heeding what keeps secrets out of spans. */
    readonly tracing?: string | undefined;
  },
): Promise<readonly Found[]> {
  const traps = TRAPS.flatMap(([variable, trap, what, status]) =>
    trap.test(env[variable] ?? '') ? [status(`${variable} ${what}`, `remove it from ${variable}`)] : [],
  );
  const authorities = env['NODE_EXTRA_CA_CERTS'];
  const unread = authorities ? await problemOf(authorities) : undefined;
  const found = [
    ...traps,
    ...(tracing === undefined ? [] : [fail(tracing, 'no role starts so; remove it from NODE_OPTIONS, or correct its packages')]),
    ...(unread === undefined
      ? []
      : [
          warn(
            `NODE_EXTRA_CA_CERTS names a file that cannot be read (${unread}): Node.js goes on without it`,
            'correct the path, or let this user read it',
          ),
        ]),
    ...(links.length === 0
      ? []
      : [
          warn(
            `${links.length} variables VF_* are what Kubernetes says of Services (${links.slice(0, 3).join(', ')}): they are ignored`,
            'enableServiceLinks: false in the pod',
          ),
        ]),
  ];
  return found.length > 0 ? found : [ok('none that undoes a promise')];
}

async function problemOf(path: string): Promise<string | undefined> {
  try {
    return (await stat(path)).isFile() ? undefined : 'no file';
  } catch (error) {
    return systemCode(error) ?? 'unreadable';
  }
}

/** `version` as `20.19.1`, `needed` as package.json writes it, `>=20.19`. */
export function judgeNode(version: string, needed: string): Found {
  const [major = 0, minor = 0] = numbersIn(version);
  const [leastMajor = 0, leastMinor = 0] = numbersIn(needed);
  const fits = major > leastMajor || (major === leastMajor && minor >= leastMinor);
  return fits ? ok(`Node.js ${version}`) : fail(`Node.js ${version} is older than the package allows (${needed})`, 'install a newer one');
}

function numbersIn(text: string): readonly number[] {
  return [...text.matchAll(/\d+/g)].map(([number]) => Number(number));
}

/** Names of codecs, and whether they load here. */
export async function judgePackages(codecs: Readonly<Record<string, () => Promise<unknown>>>): Promise<readonly Found[]> {
  const tried = await Promise.all(
    Object.entries(codecs).map(async ([name, load]) => {
      try {
        await load();
        return [name, undefined] as const;
      } catch (error) {
        return [name, systemCode(error) ?? 'does not load'] as const;
      }
    }),
  );
  const absent = tried.filter(([, problem]) => problem !== undefined);
  if (absent.length === 0) return [ok(`${tried.map(([name]) => name).join(', ')} load`)];
  return absent.map(([name, problem]) =>
    warn(
      `${name} cannot be loaded (${problem}): a partition with records so compressed stands still`,
      'npm install, without --omit=optional, on this platform',
    ),
  );
}

const [READ_BY_OTHERS, WRITTEN_BY_OTHERS] = [0o004, 0o002];

/** `files`: path by variable. Paths are not told: a mistaken one may be the secret itself. */
export async function judgeFiles(files: Readonly<Record<string, string>>): Promise<readonly Found[]> {
  const looked = await Promise.all(
    Object.entries(files).map(async ([variable, path]) => {
      const mode = await stat(path).then(
        (one) => one.mode,
        () => undefined, // whoever reads it says so: `settings`, `temporal-server`
      );
      if (mode === undefined) return [];
      const open = [...((mode & READ_BY_OTHERS) === 0 ? [] : ['read']), ...((mode & WRITTEN_BY_OTHERS) === 0 ? [] : ['change'])].join(
        ' and ',
      );
      return open === ''
        ? []
        : [
            warn(
              `everybody on this machine may ${open} the file of ${variable}`,
              'chmod o-rwx; defaultMode: 0440 for a volume of Kubernetes',
            ),
          ];
    }),
  );
  const found = looked.flat();
  const count = Object.keys(files).length;
  return found.length > 0 ? found : [ok(count === 0 ? 'no secret is in a file' : `${count} file(s), for their owner and group alone`)];
}

export function judgeAdminPort(
  host: string,
  { contained }: { /** In a container the network outside decides. */ readonly contained: boolean },
): Found {
  if (isLoopback(host)) return ok(`${host}: this machine alone`);
  if (contained) return ok(`${host}, in a container: its network decides who gets there`);
  return warn(`${host}: whoever reaches this machine reads /metrics and /ready`, 'VF_ADMIN_HOST=127.0.0.1, or a firewall');
}
