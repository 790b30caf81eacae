import { once } from 'node:events';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type PeerCertificate } from 'node:tls';
import { systemCode } from '../../contracts/errors.ts';
import { fail, type Found, ok, warn } from './findings.ts';

const DAY_MS = 86_400_000;
/** When what renews certificates should have done so: by then a third of their life is left, of a long one a month. */
const SOON_MS = 30 * DAY_MS;
const SOON_PART = 3;
const STEP_MS = 4_000;

export type Handshake =
  | { readonly connected: false; readonly why: string }
  /** `refused`: why the certificate is not accepted; undefined if it is. */
  | { readonly connected: true; readonly refused?: string; readonly valid: Valid };

type Valid = { readonly fromMs: number; readonly toMs: number };

/**
 * One TLS handshake, after which nothing is sent, and in which we show no certificate: so one that is not accepted can be looked at
 * all the same. `through`: a socket that is there already, e.g. within a tunnel.
 */
export async function shakeHands(
  { host, port }: { readonly host: string; readonly port: number },
  { tls, through }: { readonly tls: { readonly ca?: string; readonly servername?: string }; readonly through?: Socket },
): Promise<Handshake> {
  const socket = through ?? connectTcp({ host, port });
  try {
    if (through === undefined) await once(socket, 'connect', { signal: AbortSignal.timeout(STEP_MS) });
    const servername = tls.servername ?? (isIP(host) === 0 ? host : undefined);
    const secured = connectTls({ host, ...tls, socket, rejectUnauthorized: false, ...(servername === undefined ? {} : { servername }) });
    secured.on('error', () => undefined);
    await once(secured, 'secureConnect', { signal: AbortSignal.timeout(STEP_MS) });
    const { valid_from: from, valid_to: to }: PeerCertificate = secured.getPeerCertificate();
    const refused = secured.authorized ? undefined : codeIn(secured.authorizationError);
    return { connected: true, valid: { fromMs: Date.parse(from), toMs: Date.parse(to) }, ...(refused === undefined ? {} : { refused }) };
  } catch (error) {
    const code = systemCode(error) ?? 'unknown error';
    return { connected: false, why: code === 'ABORT_ERR' ? 'no reaction' : code };
  } finally {
    socket.on('error', () => undefined);
    socket.destroy();
  }
}

/** A code, whatever the typings say: an error if the name does not match. */
function codeIn(error: unknown): string {
  return typeof error === 'string' ? error : (systemCode(error) ?? 'not accepted');
}

/** Of a certificate that is accepted today: for how long yet. */
export function judgeExpiry(whose: string, { fromMs, toMs, nowMs }: Valid & { readonly nowMs: number }): Found {
  const leftMs = toMs - nowMs;
  const until = new Date(toMs).toISOString().slice(0, 10);
  if (leftMs < 0) return fail(`${whose}: the certificate has expired (${until})`, 'renew it');
  if (leftMs < Math.min(SOON_MS, (toMs - fromMs) / SOON_PART))
    return warn(`${whose}: the certificate expires in ${Math.floor(leftMs / DAY_MS)} day(s) (${until})`, 'renew it');
  return ok(`${whose}: the certificate is good until ${until}`);
}
