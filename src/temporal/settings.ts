import { type ClientConnectConfig, loadClientConnectConfig } from '@temporalio/envconfig';
import { ConfigurationError, systemCode } from '../contracts/errors.ts';

export type ConnectionSettings = ClientConnectConfig['connectionOptions'];

export type SettingsSource = {
  /** Settings over those of the environment and the `temporal.toml` of envconfig, e.g. `TEMPORAL_ADDRESS`. */
  readonly overrides?: Readonly<Record<string, string>>;
  /** The API key of `VF_TEMPORAL_API_KEY_FILE`, as the file says now. */
  readonly apiKey?: () => string | undefined;
};

/**
 * How to connect, as envconfig says, which reads its files anew each time.
 * @throws ConfigurationError when envconfig refuses the settings, or a client would refuse them and quote them.
 */
export function temporalSettings({ overrides = {}, apiKey }: SettingsSource): ClientConnectConfig {
  const config = read();
  const over = Object.keys(overrides).length === 0 ? undefined : read({ disableFile: true, overrideEnvVars: { ...overrides } });
  const namespace = over?.namespace ?? config.namespace;
  const connectionOptions = withApiKey({ ...config.connectionOptions, ...withoutAbsent(over?.connectionOptions ?? {}) }, apiKey?.());
  const problems = problemsOf(connectionOptions);
  if (problems.length > 0) throw new ConfigurationError(problems);
  return { connectionOptions, ...(namespace === undefined ? {} : { namespace }) };
}

function read(options?: Parameters<typeof loadClientConnectConfig>[0]): ClientConnectConfig {
  try {
    return loadClientConnectConfig(options);
  } catch (error) {
    throw new ConfigurationError([`TEMPORAL_*: ${whyUnreadable(error)}; see the environment configuration of the Temporal SDKs`]);
  }
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
