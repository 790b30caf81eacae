import { once } from 'node:events';
import { connect } from 'node:net';
import { systemCode } from '../../contracts/errors.ts';
import { hostPortOf, hostPortText } from '../../contracts/host-port.ts';
import { judgeExpiry, shakeHands } from './certificates.ts';
import { fail, type Found, ok } from './findings.ts';
import { openTunnel, type TunnelProxy } from './tunnel.ts';

type Address = { readonly baseUrl: string; readonly proxy?: TunnelProxy & { readonly setting: string } };

const CONNECT_MS = 5_000;

/** Goes the way of a read up to where its first byte would be sent. */
export async function reachVendor({ baseUrl, proxy }: Address, nowMs: number): Promise<Found> {
  const { protocol, hostname, port: written } = new URL(baseUrl);
  const port = Number(written || (protocol === 'https:' ? 443 : 80));
  const { host } = hostPortOf(hostname);
  const at = hostPortText({ host, port });
  if (protocol === 'http:') return await reachPlain({ host, port, at });
  const way = proxy === undefined ? '' : `, through the proxy of ${proxy.setting}`;
  const tunnel = proxy && (await openTunnel(proxy, at));
  if (tunnel && 'why' in tunnel)
    return fail(
      `the proxy of ${proxy?.setting ?? ''} opens no tunnel to ${at}: ${tunnel.why}`,
      `correct ${proxy?.setting ?? ''}, its credentials, or let NO_PROXY name ${hostname}`,
    );
  const hands = await shakeHands({ host, port }, { tls: {}, ...(tunnel ? { through: tunnel.socket } : {}) });
  if (!hands.connected) return fail(`${at}: ${hands.why}${way}`, remedyOf(hands.why));
  if (hands.refused !== undefined)
    return fail(
      `${at}: its certificate is not accepted (${hands.refused})${way}`,
      `check VF_FACEID_BASE_URL; name an authority of your own in NODE_EXTRA_CA_CERTS`,
    );
  return judgeExpiry(`${at}${way}`, { ...hands.valid, nowMs });
}

async function reachPlain({ host, port, at }: { readonly host: string; readonly port: number; readonly at: string }): Promise<Found> {
  const socket = connect({ host, port });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(CONNECT_MS) });
    return ok(`${at}: on this machine, without TLS`);
  } catch (error) {
    const code = systemCode(error) ?? 'unknown error';
    return fail(`${at}: ${code === 'ABORT_ERR' ? 'no reaction' : code}`, remedyOf(code));
  } finally {
    socket.on('error', () => undefined);
    socket.destroy();
  }
}

function remedyOf(code: string): string {
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'correct the host in VF_FACEID_BASE_URL, or the DNS of this machine';
  if (code === 'ECONNREFUSED') return 'correct host and port in VF_FACEID_BASE_URL; nothing listens there';
  return 'correct VF_FACEID_BASE_URL, open the way (firewall, HTTPS_PROXY), or ask the vendor';
}
