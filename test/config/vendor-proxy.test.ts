import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { vendorProxyOf } from '../../src/config/vendor-proxy.ts';

const VENDOR = 'https://api-sgp.megvii.com/faceid';
const PROXY = 'http://proxy.example:3128';

function seen(env: Readonly<Record<string, string>>, baseUrl = VENDOR): string | undefined {
  const { proxy, problem } = vendorProxyOf(env, baseUrl);
  return problem === undefined ? proxy?.origin : problem.text;
}

describe('the proxy of the vendor', () => {
  it.each([
    ['HTTPS_PROXY', { HTTPS_PROXY: PROXY }],
    ['https_proxy, which wins', { https_proxy: PROXY, HTTPS_PROXY: 'http://other:1' }],
    ['HTTPS_PROXY before HTTP_PROXY', { HTTPS_PROXY: PROXY, HTTP_PROXY: 'http://other:1', http_proxy: 'http://other:1' }],
    ['HTTP_PROXY, if there is no other', { HTTP_PROXY: PROXY }],
    ['HTTP_PROXY beside an empty one', { HTTPS_PROXY: ' ', https_proxy: '', HTTP_PROXY: PROXY }],
    ['an address without a scheme', { HTTPS_PROXY: 'proxy.example:3128' }],
    ['an address with a slash', { HTTPS_PROXY: `${PROXY}/` }],
  ])('is that of %s', (_what, env) => {
    expect(seen(env)).toBe(PROXY);
  });

  it.each([
    'ftp://p:1',
    'socks5://p:1',
    'http://?',
    'http://p:99999',
    'http://p:1/path',
    'http://p:1?a',
    'p:1#a',
    'http://u:%zz@p:1',
    'p p:1',
  ])('cannot be %s: the setting is named, the value is not', (value) => {
    expect(seen({ https_proxy: value })).toMatch(/^https_proxy: is no address of an HTTP proxy; write it like/);
    expect(seen({ https_proxy: value })).not.toContain(value);
  });

  it.each([
    '*',
    'api-sgp.megvii.com',
    'API-SGP.Megvii.com',
    'megvii.com',
    '.megvii.com',
    '*.megvii.com',
    'other.example, megvii.com',
    'other.example megvii.com:443',
    'api-sgp.megvii.com:443',
  ])('is none for NO_PROXY=%s', (exceptions) => {
    expect(seen({ HTTPS_PROXY: PROXY, NO_PROXY: exceptions })).toBeUndefined();
    expect(seen({ HTTPS_PROXY: PROXY, no_proxy: exceptions, NO_PROXY: 'other.example' })).toBeUndefined();
  });

  it.each([
    ['fd00::1', undefined],
    ['[fd00::1]', undefined],
    ['[fd00::1]:443', undefined],
    ['[fd00::1]:80', PROXY],
    ['fd00::2', PROXY],
  ])('an IPv6 address in NO_PROXY may stand in brackets, and has to before a port: %s', (exceptions, proxy) => {
    expect(seen({ HTTPS_PROXY: PROXY, NO_PROXY: exceptions }, 'https://[fd00::1]/faceid')).toBe(proxy);
  });

  it.each(['', ' , ', 'gvii.com', 'com.example', 'megvii.com:80', 'api.megvii.com', '10.0.0.0/8', 'megvii.com.'])(
    'stays with NO_PROXY=%s',
    (exceptions) => {
      expect(seen({ HTTPS_PROXY: PROXY, NO_PROXY: exceptions })).toBe(PROXY);
    },
  );

  it.each(['http://127.0.0.1:8085/faceid', 'https://localhost:8443/faceid', 'http://[::1]:8085/faceid'])(
    'is none for %s, which is another host to a proxy',
    (baseUrl) => {
      expect(seen({ HTTPS_PROXY: PROXY, HTTP_PROXY: PROXY }, baseUrl)).toBeUndefined();
    },
  );

  it('has its credentials decoded, and never printed', () => {
    const { proxy } = vendorProxyOf({ HTTPS_PROXY: 'http://us%40er:pa%2Fss@proxy.example:3128' }, VENDOR);
    expect(proxy?.authorization?.reveal()).toBe(`Basic ${Buffer.from('us@er:pa/ss').toString('base64')}`);
    expect(inspect(proxy) + JSON.stringify(proxy)).not.toMatch(/us|pa.ss|dXNA/);
  });

  it('is a setting of the roles that read alone: the others start whatever it is', () => {
    const keys = `k1:${Buffer.alloc(32).toString('base64')}`;
    const env = { VF_TOKEN_KEYS: keys, VF_FACEID_API_KEY: 'k', VF_FACEID_API_SECRET: 's', HTTPS_PROXY: 'socks5://p:1' };
    for (const role of ['ingress', 'emulator', 'cli'] as const) expect(loadConfig(env, role).faceId.proxy).toBeUndefined();
    for (const role of ['all', 'worker'] as const) {
      expect(() => loadConfig(env, role)).toThrow('HTTPS_PROXY: is no address');
      expect(loadConfig({ ...env, HTTPS_PROXY: PROXY }, role).faceId.proxy).toMatchObject({ origin: PROXY, setting: 'HTTPS_PROXY' });
    }
  });
});
