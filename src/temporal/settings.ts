import { type ClientConnectConfig, loadClientConnectConfig } from '@temporalio/envconfig';
import { ConfigurationError } from '../contracts/errors.ts';

export type ConnectionSettings = ClientConnectConfig['connectionOptions'];

export type SettingsSource = {
  /** Settings over those of the environment and the `temporal.toml` of envconfig, e.g. `TEMPORAL_ADDRESS`. */
  readonly overrides?: Readonly<Record<string, string>>;
  /** The API key of `VF_TEMPORAL_API_KEY_FILE`, as the file says now. */
  readonly apiKey?: () => string | undefined;
};

/**
 * How to connect, as envconfig says, which reads its files anew each time.
 * @throws ConfigurationError when envconfig refuses the settings.
 */
export function temporalSettings({ overrides = {}, apiKey }: SettingsSource): ClientConnectConfig {
  try {
    const config = loadClientConnectConfig();
    const over =
      Object.keys(overrides).length === 0 ? undefined : loadClientConnectConfig({ disableFile: true, overrideEnvVars: { ...overrides } });
    const namespace = over?.namespace ?? config.namespace;
    return {
      connectionOptions: withApiKey({ ...config.connectionOptions, ...withoutAbsent(over?.connectionOptions ?? {}) }, apiKey?.()),
      ...(namespace === undefined ? {} : { namespace }),
    };
  } catch (error) {
    const why = error instanceof Error ? error.message : 'unreadable';
    throw new ConfigurationError([`TEMPORAL_*: ${why}; see the environment configuration of the Temporal SDKs`]);
  }
}

/** As envconfig does it for a key in a variable: a key brings TLS with it. */
function withApiKey(settings: ConnectionSettings, apiKey: string | undefined): ConnectionSettings {
  return apiKey === undefined ? settings : { ...settings, apiKey, tls: settings.tls ?? true };
}

function withoutAbsent(settings: ConnectionSettings): ConnectionSettings {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}
