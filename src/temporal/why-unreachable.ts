import { once } from 'node:events';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { systemCode } from '../contracts/errors.ts';
import { hostPortOf } from '../contracts/host-port.ts';
import type { ConnectionSettings } from './settings.ts';

const PROBE_TIMEOUT_MS = 2_000;
const DEFAULT_PORT = 7233;

/**
 * Why a Temporal server cannot be reached: its clients only say that it took too long. One plain connection tells the
 * steps apart. The answer holds error codes only.
 */
export async function whyUnreachable(address: string, options: Pick<ConnectionSettings, 'tls' | 'apiKey'>): Promise<string> {
  const { host, port = DEFAULT_PORT } = hostPortOf(address);
  if (port > 65_535) return 'there is no such port';
  const socket = connectTcp({ host, port });
  try {
    const refused = await failureOf(socket, 'connect');
    if (refused !== undefined) return refused;
    // As the SDK decides it: an API key brings TLS with it.
    const tls = options.tls ?? options.apiKey !== undefined;
    if (tls === false) return 'it accepts connections, but does not answer; check TEMPORAL_TLS_* and whether it is a Temporal server';
    const failure = await handshakeFailure(socket, { host, tls });
    return failure === undefined
      ? 'it accepts TLS connections, but does not answer; check whether it is a Temporal server'
      : `the TLS handshake failed (${failure}); check TEMPORAL_TLS_*`;
  } finally {
    socket.destroy();
  }
}

type Tls = Exclude<ConnectionSettings['tls'], false | undefined>;

async function handshakeFailure(socket: Socket, { host, tls }: { readonly host: string; readonly tls: Tls }): Promise<string | undefined> {
  const { serverNameOverride, serverRootCACertificate, clientCertPair } = typeof tls === 'object' && tls !== null ? tls : {};
  const name = serverNameOverride ?? host;
  try {
    const secured = connectTls({
      socket,
      ALPNProtocols: ['h2'],
      ...(isIP(name) === 0 ? { servername: name } : {}),
      ...(serverRootCACertificate ? { ca: Buffer.from(serverRootCACertificate) } : {}),
      ...(clientCertPair ? { cert: Buffer.from(clientCertPair.crt), key: Buffer.from(clientCertPair.key) } : {}),
    });
    return await failureOf(secured, 'secureConnect');
  } catch (error) {
    // A certificate or key that cannot be read.
    return codeOf(error);
  }
}

/** Undefined once the event is there. */
async function failureOf(socket: Socket, event: 'connect' | 'secureConnect'): Promise<string | undefined> {
  try {
    // `once` rejects if 'error' comes first.
    await once(socket, event, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
    // Later errors, e.g. a reset, are no news.
    socket.on('error', () => undefined);
    return undefined;
  } catch (error) {
    socket.on('error', () => undefined);
    return codeOf(error);
  }
}

function codeOf(error: unknown): string {
  const code = systemCode(error) ?? 'unknown error';
  return code === 'ABORT_ERR' ? 'no reaction' : code;
}
