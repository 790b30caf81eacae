import { flag, name, oneOf, text } from './fields.ts';
import { tokenEndpoint } from './http-url.ts';
import { saslExtensions } from './sasl-extensions.ts';
import { optional, path, secretText, withDefault } from './variable.ts';

const SASL_MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer', 'aws-msk-iam'] as const;
export type SaslMechanism = (typeof SASL_MECHANISMS)[number];

/** How Kafka is spoken to: TLS and who we are. Which of them belong together, kafka-security.ts says. */
export const kafkaSecurityVariables = {
  VF_KAFKA_SSL: withDefault(flag(), {
    description: 'Connect to the brokers with TLS.',
    form: 'true or false',
    default: 'false',
  }),
  VF_KAFKA_SSL_CA_FILE: path("Authorities that vouch for the brokers, instead of Node's own list. PEM."),
  VF_KAFKA_SSL_CERT_FILE: path('Certificate by which the brokers know this process (mTLS), intermediate ones after it. PEM.'),
  VF_KAFKA_SSL_KEY_FILE: path('Private key of that certificate. PEM.'),
  VF_KAFKA_SSL_KEY_PASSWORD: secretText('Opens an encrypted private key.'),
  VF_KAFKA_SSL_KEY_PASSWORD_FILE: path('File that holds the password of the private key, instead of the variable itself.'),
  VF_KAFKA_SSL_SERVER_NAME: optional(name(), {
    description: 'Name that the certificates of the brokers are for, where it is not the host of their addresses (tunnels).',
    form: 'name',
  }),
  VF_KAFKA_SASL_MECHANISM: optional(oneOf(SASL_MECHANISMS), {
    description:
      'SASL mechanism; absent: no SASL. The first three need user name and password, `oauthbearer` a token endpoint with client id and ' +
      'secret (KIP-768), `aws-msk-iam` a region and the package `aws-msk-iam-sasl-signer-js`.',
    form: SASL_MECHANISMS.join(' or '),
  }),
  VF_KAFKA_SASL_WITHOUT_TLS: withDefault(flag(), {
    description: 'Allow SASL without TLS to brokers elsewhere: what is sent can then be read on the way.',
    form: 'true or false',
    default: 'false',
  }),
  VF_KAFKA_SASL_USERNAME: optional(text(), { description: 'SASL user name.', form: 'text' }),
  VF_KAFKA_SASL_PASSWORD: secretText('SASL password.'),
  VF_KAFKA_SASL_PASSWORD_FILE: path('File that holds the SASL password, instead of the variable itself.'),
  VF_KAFKA_SASL_OAUTH_TOKEN_URL: optional(tokenEndpoint(), {
    description: 'Token endpoint of the identity provider. Plain HTTP is refused unless the host is loopback.',
    form: 'URL',
  }),
  VF_KAFKA_SASL_OAUTH_CLIENT_ID: optional(text(), { description: 'Client id for the token endpoint.', form: 'text' }),
  VF_KAFKA_SASL_OAUTH_CLIENT_SECRET: secretText('Client secret for the token endpoint.'),
  VF_KAFKA_SASL_OAUTH_CLIENT_SECRET_FILE: path('File that holds the client secret, instead of the variable itself.'),
  VF_KAFKA_SASL_OAUTH_SCOPE: optional(text(), { description: 'Scope to ask for; absent: what the provider gives.', form: 'text' }),
  VF_KAFKA_SASL_OAUTH_EXTENSIONS: optional(saslExtensions(), {
    description: 'SASL extensions sent with the token, e.g. `logicalCluster=lkc-1,identityPoolId=pool-1`.',
    form: 'name=value list',
  }),
  VF_KAFKA_SASL_OAUTH_CA_FILE: path("Authorities that vouch for the token endpoint, instead of Node's own list. PEM."),
  VF_KAFKA_SASL_AWS_REGION: optional(name(), {
    description: "Region of the MSK cluster. Credentials come from the AWS SDK's usual places.",
    form: 'name',
  }),
};
