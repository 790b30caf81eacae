import type { Problem } from './problem.ts';

/** Variables of Node.js and of Temporal that take away what this service promises. */
export function surroundings(env: NodeJS.ProcessEnv): readonly Problem[] {
  return [...uncheckedCertificates(env), ...twoApiKeys(env)];
}

function uncheckedCertificates({ NODE_TLS_REJECT_UNAUTHORIZED: reject }: NodeJS.ProcessEnv): Problem[] {
  if (reject !== '0') return [];
  const text =
    'NODE_TLS_REJECT_UNAUTHORIZED=0 lets anybody pose as the vendor or as a broker; remove it, and name an authority of your own in ' +
    'VF_KAFKA_SSL_CA_FILE (Kafka) or NODE_EXTRA_CA_CERTS (vendor)';
  return [{ variables: ['NODE_TLS_REJECT_UNAUTHORIZED'], text }];
}

function twoApiKeys({ TEMPORAL_API_KEY: key, VF_TEMPORAL_API_KEY_FILE: file }: NodeJS.ProcessEnv): Problem[] {
  if (!key || !file) return [];
  return [
    { variables: ['VF_TEMPORAL_API_KEY_FILE'], text: 'VF_TEMPORAL_API_KEY_FILE and TEMPORAL_API_KEY are both set; keep one of them' },
  ];
}
