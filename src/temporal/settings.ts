import {
  type ClientConfigProfile,
  type ClientConnectConfig,
  type ConfigDataSource,
  loadClientConfigProfile,
  toClientOptions,
} from '@temporalio/envconfig';
import { readAgain } from '../async/read-again.ts';
import { ConfigurationError, systemCode } from '../contracts/errors.ts';
import { defined } from '../domain/defined.ts';

export type ConnectionSettings = ClientConnectConfig['connectionOptions'];

export type SettingsSource = {
  /** Settings over those of the environment and the `temporal.toml` of envconfig, e.g. `TEMPORAL_ADDRESS`. */
  readonly overrides?: Readonly<Record<string, string>>;
  /** The API key of `VF_TEMPORAL_API_KEY_FILE`, as the file says now. */
  readonly apiKey?: () => string | undefined;
  /** What `TEMPORAL_CONFIG_FILE` names. */
  readonly profilesPath?: string;
};

/**
 * How to connect, as envconfig says. Its files are read anew each time.
 * @throws ConfigurationError when envconfig refuses the settings, or a client would refuse them and quote them.
 */
export function temporalSettings({ overrides = {}, apiKey, profilesPath }: SettingsSource): ClientConnectConfig {
  const config = read(profilesPath === undefined ? {} : { configSource: { path: profilesPath } });
  const over = Object.keys(overrides).length === 0 ? undefined : read({ disableFile: true, overrideEnvVars: { ...overrides } });
  const namespace = over?.namespace ?? config.namespace;
  const connectionOptions = withApiKey({ ...config.connectionOptions, ...withoutAbsent(over?.connectionOptions ?? {}) }, apiKey?.());
  const problems = problemsOf(connectionOptions);
  if (problems.length > 0) throw new ConfigurationError(problems);
  return { connectionOptions, ...(namespace === undefined ? {} : { namespace }) };
}

type ReadOptions = NonNullable<Parameters<typeof loadClientConfigProfile>[0]>;

/** Envconfig is given what files hold and not their paths, because it reads pipes again as well. */
function read({ configSource, ...options }: ReadOptions): ClientConnectConfig {
  try {
    const { tls, ...profile } = loadClientConfigProfile({ ...options, ...defined({ configSource: profilesIn(configSource) }) });
    return toClientOptions({ ...profile, ...defined({ tls: tls && contentsOf(tls) }) });
  } catch (error) {
    throw new ConfigurationError([`TEMPORAL_*: ${whyUnreadable(error)}; see the environment configuration of the Temporal SDKs`]);
  }
}

/** Undefined where there is no file, which envconfig takes for one without profiles. */
function profilesIn(source: ConfigDataSource | undefined): ConfigDataSource | undefined {
  try {
    return contentOf(source);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Where TLS is switched off, what it would need may be missing. */
function contentsOf(tls: Tls): Tls {
  if (tls.disabled === true) return tls;
  const { clientCert, clientKey, serverCACert, ...rest } = tls;
  return {
    ...rest,
    ...defined({ clientCert: contentOf(clientCert), clientKey: contentOf(clientKey), serverCACert: contentOf(serverCACert) }),
  };
}

type Tls = NonNullable<ClientConfigProfile['tls']>;

function contentOf(source: ConfigDataSource | undefined): ConfigDataSource | undefined {
  return source !== undefined && 'path' in source ? { data: Uint8Array.from(readAgain(source.path)) } : source;
}

/** Messages of envconfig that hold names of fields alone. */
const NAMES_ALONE = /^Cannot specify both [a-z_]+ and [a-z_]+$/;

/** Its other messages quote paths, which may be a key in the wrong variable, and lines of the file, which may hold one. */
function whyUnreadable(error: unknown): string {
  const code = systemCode(error);
  if (code !== undefined) return `a file cannot be read (${code})`;
  if (!(error instanceof Error)) return 'unreadable';
  if (NAMES_ALONE.test(error.message)) return error.message;
  if (error.message.startsWith('Profile ')) return 'the file of profiles does not hold the one that TEMPORAL_PROFILE names';
  return 'line' in error ? `the file of profiles is no TOML (line ${String(error.line)})` : 'the file of profiles cannot be understood';
}

/** A host name has labels of 63 characters at most, which an API key has not. */
const ADDRESS = /^(?:[\w-]{1,63}(?:\.[\w-]{1,63})*\.?|\[[\da-fA-F:.]+\])(?::\d{1,5})?$/;
const HEADER = /^[ -~]*$/;
const HEADER_FORM = 'holds what no header can; write it in one line of printable ASCII';

/** What clients would quote when they refuse it, hence found before and not quoted. */
function problemsOf({ address, apiKey = '', metadata }: ConnectionSettings): string[] {
  const values = Object.values(metadata ?? {}).filter((value) => typeof value === 'string');
  return [
    ...(address === undefined || ADDRESS.test(address) ? [] : ['TEMPORAL_ADDRESS: is no address; write host:port']),
    ...(HEADER.test(apiKey) ? [] : [`the API key (TEMPORAL_API_KEY, VF_TEMPORAL_API_KEY_FILE) ${HEADER_FORM}`]),
    ...(values.every((value) => HEADER.test(value)) ? [] : [`TEMPORAL_GRPC_META_*: a value ${HEADER_FORM}`]),
  ];
}

/** As envconfig does it for a key in a variable: a key brings TLS with it. */
function withApiKey(settings: ConnectionSettings, apiKey: string | undefined): ConnectionSettings {
  return apiKey === undefined ? settings : { ...settings, apiKey, tls: settings.tls ?? true };
}

function withoutAbsent(settings: ConnectionSettings): ConnectionSettings {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}
