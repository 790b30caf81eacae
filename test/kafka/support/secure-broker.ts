import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type OwnBrokerOptions, startOwnBroker } from '../../support/own-broker.ts';
import { type Authority, createAuthority } from '../../support/certificates.ts';
import { type IdentityProvider, openIdentityProvider } from './identity-provider.ts';

export const USER = { name: 'jane', password: 'pass-for-jane' } as const;
export const CLIENT = { id: 'verdictflow', secret: 'se:cret/of the+client' } as const;
/** Opens the private key of our certificate. */
export const PASSPHRASE = 'opens-our-key';

export type SecureBroker = {
  /** Plain text, for the test's own clients. */
  readonly brokers: string;
  readonly authority: Authority;
  readonly provider: IdentityProvider;
  /** Writes a file into the broker's folder of secrets and gives its path. */
  file(name: string, content: string): string;
  /** The settings with which the service gets through, by listener. */
  readonly ways: Readonly<Record<Way, Readonly<Record<string, string>>>>;
  stop(): Promise<void>;
};

export type Way = 'TLS' | 'MTLS' | 'SCRAM' | 'PLAIN' | 'OAUTH';

/** One real broker that listens in every way a cluster may be spoken to, with certificates of a made-up authority. */
export async function startSecureBroker(more: Pick<OwnBrokerOptions, 'settings' | 'behind'> = {}): Promise<SecureBroker> {
  const folder = mkdtempSync(join(tmpdir(), 'verdictflow-secrets-'));
  const file = (name: string, content: string): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const authority = createAuthority('authority of the cluster');
  const server = authority.issue({ name: 'broker', hosts: ['127.0.0.1', 'broker.test'] });
  const provider = await openIdentityProvider({ server, clientId: CLIENT.id, secret: CLIENT.secret });
  const ca = file('ca.pem', authority.cert);
  const jwks = pathToFileURL(file('jwks.json', provider.jwks)).href;
  const broker = await startOwnBroker({
    further: {
      protocols: { TLS: 'SSL', MTLS: 'SSL', SCRAM: 'SASL_SSL', PLAIN: 'SASL_PLAINTEXT', OAUTH: 'SASL_SSL' },
      scramUsers: [`SCRAM-SHA-512=[name=${USER.name},password=${USER.password}]`],
      javaOptions: [`-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=${jwks}`],
    },
    settings: {
      ...stores({ keys: file('broker.pem', `${server.key}${server.cert}`), ca }),
      'listener.name.mtls.ssl.client.auth': 'required',
      ...saslListener('scram', { mechanism: 'SCRAM-SHA-512', module: 'scram.ScramLoginModule required' }),
      ...saslListener('plain', { mechanism: 'PLAIN', module: `plain.PlainLoginModule required user_${USER.name}="${USER.password}"` }),
      ...saslListener('oauth', { mechanism: 'OAUTHBEARER', module: 'oauthbearer.OAuthBearerLoginModule required' }),
      ...tokenChecks({ jwks, provider }),
      ...more.settings,
    },
    ...(more.behind === undefined ? {} : { behind: more.behind }),
  });
  const tls = { VF_KAFKA_SSL: 'true', VF_KAFKA_SSL_CA_FILE: ca };
  const ours = authority.issue({ name: 'verdictflow', passphrase: PASSPHRASE });
  const password = { VF_KAFKA_SASL_USERNAME: USER.name, VF_KAFKA_SASL_PASSWORD_FILE: file('password', USER.password) };
  const settings: Readonly<Record<Way, Readonly<Record<string, string>>>> = {
    TLS: tls,
    MTLS: {
      ...tls,
      VF_KAFKA_SSL_CERT_FILE: file('cert.pem', ours.cert),
      VF_KAFKA_SSL_KEY_FILE: file('key.pem', ours.key),
      VF_KAFKA_SSL_KEY_PASSWORD_FILE: file('passphrase', PASSPHRASE),
    },
    SCRAM: { ...tls, ...password, VF_KAFKA_SASL_MECHANISM: 'scram-sha-512' },
    PLAIN: { ...password, VF_KAFKA_SASL_MECHANISM: 'plain' },
    OAUTH: {
      ...tls,
      VF_KAFKA_SASL_MECHANISM: 'oauthbearer',
      VF_KAFKA_SASL_OAUTH_TOKEN_URL: provider.tokenUrl,
      VF_KAFKA_SASL_OAUTH_CA_FILE: ca,
      VF_KAFKA_SASL_OAUTH_CLIENT_ID: CLIENT.id,
      VF_KAFKA_SASL_OAUTH_CLIENT_SECRET_FILE: file('client-secret', CLIENT.secret),
      VF_KAFKA_SASL_OAUTH_SCOPE: 'kafka read',
      VF_KAFKA_SASL_OAUTH_EXTENSIONS: 'logicalCluster=lkc-1',
    },
  };
  const through = (way: Way) => ({ ...settings[way], VF_KAFKA_BROKERS: broker.listeners[way] ?? '' });
  return {
    brokers: broker.brokers,
    authority,
    provider,
    file,
    ways: { TLS: through('TLS'), MTLS: through('MTLS'), SCRAM: through('SCRAM'), PLAIN: through('PLAIN'), OAUTH: through('OAUTH') },
    async stop() {
      provider.close();
      await broker.stop();
    },
  };
}

function stores({ keys, ca }: { readonly keys: string; readonly ca: string }): Record<string, string> {
  return { 'ssl.keystore.type': 'PEM', 'ssl.keystore.location': keys, 'ssl.truststore.type': 'PEM', 'ssl.truststore.location': ca };
}

function saslListener(
  name: string,
  { mechanism, module }: { readonly mechanism: string; readonly module: string },
): Record<string, string> {
  return {
    [`listener.name.${name}.sasl.enabled.mechanisms`]: mechanism,
    [`listener.name.${name}.${mechanism.toLowerCase()}.sasl.jaas.config`]: `org.apache.kafka.common.security.${module};`,
  };
}

function tokenChecks({ jwks, provider }: { readonly jwks: string; readonly provider: IdentityProvider }): Record<string, string> {
  const handler = 'org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler';
  return {
    'listener.name.oauth.oauthbearer.sasl.server.callback.handler.class': handler,
    'listener.name.oauth.sasl.oauthbearer.jwks.endpoint.url': jwks,
    'listener.name.oauth.sasl.oauthbearer.expected.issuer': provider.issuer,
    'listener.name.oauth.sasl.oauthbearer.expected.audience': provider.audience,
  };
}
