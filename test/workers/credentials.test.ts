import { randomBytes } from 'node:crypto';
import { Registry } from 'prom-client';
import { afterAll, expect, it } from 'vitest';
import { openLiveConfig } from '../../src/config/live-config.ts';
import { mintToken } from '../../src/emulator/mint-token.ts';
import { type Emulator, startEmulator } from '../../src/emulator/server.ts';
import { defineMetrics } from '../../src/observability/metrics.ts';
import { TokenKeyUnknownError } from '../../src/temporal/token-seal.ts';
import { createLifecycle } from '../../workers/lifecycle.ts';
import { tokenSealOf } from '../../workers/settings.ts';
import { openVendor } from '../../workers/vendor.ts';
import { silentLogger } from '../support/silent-logger.ts';

const SETTINGS = { maxCalls: 3, windowMs: 86_400_000, countMode: 'all', windowStart: 'issue' } as const;
let vendor: Emulator | undefined;
afterAll(async () => await vendor?.close());

/** A configuration of files that are changed by assignment; each look at them is a second after the last. */
function liveOf(files: Record<string, string>, env: Readonly<Record<string, string>>) {
  let now = 0;
  return openLiveConfig(env, { role: 'cli', readFile: (path) => files[path] ?? '', now: () => (now += 1_000) });
}

it('the next read is made with the secret that the file holds by then', async () => {
  vendor = await startEmulator({ ...SETTINGS, port: 0, apiKey: 'the-key', apiSecret: 'new-secret' });
  const files = { key: 'the-key', secret: 'old-secret' };
  const live = liveOf(files, { VF_FACEID_BASE_URL: vendor.baseUrl, VF_FACEID_API_KEY_FILE: 'key', VF_FACEID_API_SECRET_FILE: 'secret' });
  const lifecycle = createLifecycle({ logger: silentLogger, phaseLimitMs: 1_000 });
  const api = openVendor({
    config: live.current(),
    live,
    logger: silentLogger,
    metrics: defineMetrics(new Registry()),
    lifecycle,
    exposed: [],
  });
  const read = async () =>
    await api.getResult({
      token: mintToken({ scenario: 'ready-pass', issuedAtMs: Date.now() }),
      returnImage: 0,
      notAfterMs: Date.now() + 60_000,
    });
  expect(await read()).toMatchObject({ kind: 'VENDOR_ERROR', error: 'AUTHENTICATION_ERROR' });
  files.secret = 'new-secret';
  live.refresh();
  expect(await read()).toMatchObject({ kind: 'ANSWER' });
  await lifecycle.stop();
});

const keyOf = (id: string): string => `${id}:${randomBytes(32).toString('base64')}`;

it('a token sealed with a key that has just been added opens at once: a key that is missed is looked for in its file', () => {
  const [old, young] = [keyOf('old'), keyOf('young')];
  const files = { keys: old };
  const worker = tokenSealOf(liveOf(files, { VF_TOKEN_KEYS_FILE: 'keys' }));
  const ingress = tokenSealOf(liveOf({ keys: `${young}\n${old}\n` }, { VF_TOKEN_KEYS_FILE: 'keys' }));
  const sealed = ingress.seal('a-token', 'an-id');
  expect(() => worker.open(sealed, 'an-id')).toThrow(TokenKeyUnknownError);
  files.keys = `${old}\n${young}\n`;
  expect(worker.open(sealed, 'an-id')).toBe('a-token');
  expect(worker.seal('a-token', 'an-id')).toMatch(/^vf1\.old\./);
});
