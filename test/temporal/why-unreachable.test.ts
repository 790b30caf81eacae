import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { defined } from '../../src/domain/defined.ts';
import { connectTemporal } from '../../src/temporal/connect.ts';
import { whyUnreachable } from '../../src/temporal/why-unreachable.ts';
import { silentLogger } from '../support/silent-logger.ts';

let server: Server | undefined;
afterEach(() => {
  vi.unstubAllEnvs();
  server?.close();
});

/** Accepts connections and ends them. */
async function closing(): Promise<string> {
  const one = createServer((socket) => void socket.on('error', () => undefined).end());
  server = one;
  await new Promise<void>((resolve) => one.listen(0, '127.0.0.1', resolve));
  const address = one.address();
  return `127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`;
}

describe('why Temporal cannot be reached', () => {
  it.each([
    ['127.0.0.1:1', 'ECONNREFUSED'],
    ['[::1]:1', /^(ECONNREFUSED|EADDRNOTAVAIL|EAFNOSUPPORT)$/],
    ['nobody.invalid:7233', /^(ENOTFOUND|EAI_AGAIN)$/],
    ['127.0.0.1:99999', 'there is no such port'],
  ])('%s: %s', async (address, why) => {
    expect(await whyUnreachable(address, {})).toMatch(why);
  });

  it('tells a failed TLS handshake from a server that is something else', async () => {
    const address = await closing();
    expect(await whyUnreachable(address, {})).toContain('does not answer; check TEMPORAL_TLS_*');
    expect(await whyUnreachable(address, { tls: true })).toMatch(/^the TLS handshake failed \(ECONNRESET\); check TEMPORAL_TLS_\*/);
    expect(await whyUnreachable(address, { apiKey: 'key-invented' })).toMatch(/^the TLS handshake failed/);
    const clientCertPair = { crt: Buffer.from('no certificate'), key: Buffer.from('key-invented') };
    expect(await whyUnreachable(address, { tls: { clientCertPair } })).toMatch(/^the TLS handshake failed \(ERR_/);
  });

  it.each([true, false])(
    "is never a proxy: neither roles nor commands look at https_proxy, which is the vendor's (native: %s)",
    async (native) => {
      const proxy = await closing();
      let asked = 0;
      server?.on('connection', () => (asked += 1));
      for (const name of ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'grpc_proxy']) vi.stubEnv(name, `http://${proxy}`);
      const options = { logger: silentLogger, startupTimeoutMs: 300, overrides: { TEMPORAL_ADDRESS: '127.0.0.1:1' } } as const;
      const failure = native ? connectTemporal({ ...options, native }) : connectTemporal({ ...options, native });
      await expect(failure).rejects.toThrow('ECONNREFUSED');
      expect(asked).toBe(0);
    },
  );

  it.each([
    ['VF_STARTUP_TIMEOUT', /within 0\.3 s \(VF_STARTUP_TIMEOUT\): ECONNREFUSED$/],
    [undefined, /within 0\.3 s: ECONNREFUSED$/],
  ])('stands in the error, which names the limit only if it is a setting (%s)', async (limitSetting, message) => {
    const overrides = { TEMPORAL_ADDRESS: '127.0.0.1:1' };
    const options = { logger: silentLogger, startupTimeoutMs: 300, native: false, overrides } as const;
    await expect(connectTemporal({ ...options, ...defined({ limitSetting }) })).rejects.toThrow(message);
  });
});
