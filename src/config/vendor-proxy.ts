import { hostPortOf } from '../contracts/host-port.ts';
import { isLoopback } from '../contracts/loopback.ts';
import type { Problem } from './problem.ts';
import { Secret } from './redact.ts';

/** An HTTP proxy that tunnels. `setting`: the variable that names it. `authorization`: what it is told, secret. */
export type ProxyConfig = { readonly setting: string; readonly origin: string; readonly authorization?: Secret };

/** As undici's `EnvHttpProxyAgent` and curl read them; small letters win, an empty one counts as absent. */
const HTTPS = ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY'] as const;
const EXCEPTIONS = ['no_proxy', 'NO_PROXY'] as const;

/**
 * The proxy through which the vendor is reached. Undefined: none, as for a loopback host, which is another host to a proxy. The
 * problem does not quote the value, because it may hold credentials.
 */
export function vendorProxyOf(env: NodeJS.ProcessEnv, baseUrl: string): { readonly proxy?: ProxyConfig; readonly problem?: Problem } {
  const setting = named(env, HTTPS);
  const url = new URL(baseUrl);
  if (setting === undefined || isLoopback(url.hostname) || isException(url, env[named(env, EXCEPTIONS) ?? ''] ?? '')) return {};
  const proxy = parseProxy(env[setting]?.trim() ?? '');
  if (proxy !== undefined) return { proxy: { setting, ...proxy } };
  const text = `${setting}: is no address of an HTTP proxy; write it like http://user:password@proxy.example:3128, or let NO_PROXY name the vendor's host`;
  return { problem: { variables: [setting], text } };
}

function named(env: NodeJS.ProcessEnv, names: readonly string[]): string | undefined {
  return names.find((name) => (env[name] ?? '').trim() !== '');
}

function parseProxy(text: string): Pick<ProxyConfig, 'origin' | 'authorization'> | undefined {
  const withScheme = text.includes('://') ? text : `http://${text}`;
  if (!URL.canParse(withScheme)) return undefined;
  const { protocol, origin, username, password, pathname, search, hash } = new URL(withScheme);
  if (!['http:', 'https:'].includes(protocol) || pathname !== '/' || search !== '' || hash !== '') return undefined;
  if (username === '' && password === '') return { origin };
  try {
    const credentials = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`);
    return { origin, authorization: new Secret(`Basic ${credentials.toString('base64')}`) };
  } catch {
    // A percent sign that encodes nothing.
    return undefined;
  }
}

/** Hosts with all that is below them, each with or without a port, divided by commas or spaces; `*` is every host. */
function isException({ hostname, port }: URL, list: string): boolean {
  const name = hostPortOf(hostname).host;
  const portOfUrl = port === '' ? 443 : Number(port);
  return list
    .toLowerCase()
    .split(/[,\s]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*') return true;
      const { host, port: onlyPort } = hostPortOf(entry);
      const domain = host.replace(/^\*?\./, '');
      return (onlyPort === undefined || onlyPort === portOfUrl) && (name === domain || name.endsWith(`.${domain}`));
    });
}
