import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Socket } from 'node:net';
import { systemCode } from '../../contracts/errors.ts';

/** `authorization`: the header for it, secret. */
export type TunnelProxy = { readonly origin: string; readonly authorization?: string };

export type Tunnel = { readonly socket: Socket } | { readonly why: string };

const TUNNEL_MS = 5_000;

/** Asks the proxy for a connection to `target` (host:port), as a read would. Nothing is sent through it. */
export async function openTunnel({ origin, authorization }: TunnelProxy, target: string): Promise<Tunnel> {
  const request = origin.startsWith('https:') ? requestHttps : requestHttp;
  const headers = { host: target, ...(authorization === undefined ? {} : { 'proxy-authorization': authorization }) };
  return await new Promise<Tunnel>((resolve) => {
    const asking = request(origin, { method: 'CONNECT', path: target, headers, timeout: TUNNEL_MS });
    asking.on('connect', ({ statusCode = 0 }, socket: Socket) => {
      if (statusCode === 200) return resolve({ socket });
      socket.on('error', () => undefined).destroy();
      resolve({ why: `it answers ${statusCode}` });
    });
    asking.on('response', ({ statusCode = 0 }) => {
      asking.destroy();
      resolve({ why: `it answers ${statusCode}` });
    });
    asking.on('timeout', () => {
      asking.destroy();
      resolve({ why: 'no reaction' });
    });
    asking.on('error', (error) => resolve({ why: systemCode(error) ?? 'unknown error' }));
    asking.end();
  });
}
