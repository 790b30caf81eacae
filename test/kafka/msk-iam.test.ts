import { afterEach, expect, it, vi } from 'vitest';
import { createMskTokens, loadSigner } from '../../src/kafka/msk-iam.ts';

afterEach(() => vi.unstubAllEnvs());

/** Credentials that belong to nobody; signing asks nobody. */
function inventAwsCredentials(): void {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAINVENTED');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'invented');
}

it('the package signs a URL of the region, and all connections share it', async () => {
  inventAwsCredentials();
  const token = createMskTokens('eu-west-1');
  const [first, second] = await Promise.all([token(), token()]);
  expect(second).toEqual(first);
  const url = new URL(Buffer.from(first.value, 'base64url').toString());
  expect(url.host).toBe('kafka.eu-west-1.amazonaws.com');
  expect(url.searchParams.get('Action')).toBe('kafka-cluster:Connect');
  expect(url.searchParams.get('X-Amz-Credential')).toMatch(/^AKIAINVENTED\//);
});

it('the package that is not installed is named, with the command that installs it', async () => {
  const absent = 'no-such-signer';
  await expect(loadSigner(async () => await import(absent))).rejects.toThrow(
    /VF_KAFKA_SASL_MECHANISM=aws-msk-iam needs the package (\S+), which is not installed: run `npm install \1`/,
  );
});
