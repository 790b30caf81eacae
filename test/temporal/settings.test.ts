import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { ConfigurationError } from '../../src/contracts/errors.ts';
import { temporalSettings } from '../../src/temporal/settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'verdictflow-profiles-'));
const MINE = 's3cret-invented';
/** As an API key of Temporal Cloud looks: of the characters of a host name, but with longer parts. */
const JWT = `${'e'.repeat(40)}.${'y'.repeat(200)}.${'J'.repeat(86)}`;

afterEach(() => vi.unstubAllEnvs());
afterAll(() => rmSync(folder, { recursive: true }));

function profiles(text: string): string {
  const path = join(folder, 'temporal.toml');
  writeFileSync(path, text);
  return path;
}

function settingsOf(env: Readonly<Record<string, string>>, apiKey?: string) {
  vi.stubEnv('TEMPORAL_CONFIG_FILE', join(folder, 'none.toml'));
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  return temporalSettings({ apiKey: () => apiKey }).connectionOptions;
}

function refusalOf(env: Readonly<Record<string, string>>, apiKey?: string): string {
  try {
    settingsOf(env, apiKey);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message;
    throw error;
  }
  return 'accepted';
}

describe('settings of Temporal that cannot work', () => {
  it.each<[string, Readonly<Record<string, string>>, RegExp]>([
    ['a mistake in the file of profiles', { TEMPORAL_CONFIG_FILE: profiles(`[profile.default]\napi_key = "${MINE}\n`) }, /no TOML.*line 2/],
    ['a file of profiles that is a folder', { TEMPORAL_CONFIG_FILE: folder }, /cannot be read \(EISDIR\)/],
    ['a profile that is not there', { TEMPORAL_PROFILE: MINE }, /TEMPORAL_PROFILE/],
    ['a key in the place of its path', { TEMPORAL_TLS_CLIENT_KEY_PATH: MINE }, /cannot be read \(ENOENT\)/],
    [
      'a key and its path',
      { TEMPORAL_TLS_CLIENT_KEY_PATH: MINE, TEMPORAL_TLS_CLIENT_KEY_DATA: MINE },
      /both client_key_path and client_key_data/,
    ],
    ['an address with credentials', { TEMPORAL_ADDRESS: `user:${MINE}@temporal:7233` }, /TEMPORAL_ADDRESS.*host:port/],
    ['an address that is a URL', { TEMPORAL_ADDRESS: `https://user:${MINE}@temporal:7233` }, /TEMPORAL_ADDRESS.*host:port/],
    ['an address with a path', { TEMPORAL_ADDRESS: `temporal:7233/${MINE}` }, /TEMPORAL_ADDRESS.*host:port/],
    ['an API key in the place of the address', { TEMPORAL_ADDRESS: JWT }, /TEMPORAL_ADDRESS.*host:port/],
    ['an empty address', { TEMPORAL_ADDRESS: '' }, /TEMPORAL_ADDRESS.*host:port/],
    [
      'an API key in two lines',
      { TEMPORAL_API_KEY: `${MINE}\n${MINE}` },
      /API key .*TEMPORAL_API_KEY, VF_TEMPORAL_API_KEY_FILE.*printable ASCII/,
    ],
    ['an API key that no header can hold', { TEMPORAL_API_KEY: `${MINE}€` }, /API key .*printable ASCII/],
    ['a header in two lines', { TEMPORAL_GRPC_META_AUTHORIZATION: `Bearer ${MINE}\nx` }, /TEMPORAL_GRPC_META_\*.*printable ASCII/],
  ])('%s: the message says which, and quotes nothing', (_what, env, message) => {
    const text = refusalOf(env);
    expect(text).toMatch(message);
    expect(text).not.toContain(MINE);
    expect(text).not.toContain(JWT);
    expect(text).not.toContain(folder);
  });

  it('an API key of a file that no header can hold is refused alike', () => {
    const text = refusalOf({ TEMPORAL_ADDRESS: 'temporal:7233' }, `${MINE}\u0000`);
    expect(text).toMatch(/API key .*printable ASCII/);
    expect(text).not.toContain(MINE);
  });
});

it.each([
  'temporal',
  'temporal:7233',
  'temporal.svc.cluster.local.:7233',
  'my_host:7233',
  '10.0.0.1:7233',
  '[::1]',
  '[fd00::1]:7233',
  'a1.tmprl.cloud:7233',
])('an address is written host, or host:port: %s', (address) => {
  expect(settingsOf({ TEMPORAL_ADDRESS: address }).address).toBe(address);
});

it('without any settings nothing is refused', () => {
  expect(settingsOf({}).address).toBeUndefined();
});

it('the API key of the file brings TLS with it, as one in a variable does', () => {
  expect(settingsOf({ TEMPORAL_ADDRESS: 'temporal:7233' }, MINE)).toMatchObject({ apiKey: MINE, tls: true });
});
