import type { OauthbearerProviderResponse } from 'kafkajs';
import { systemCode } from '../contracts/errors.ts';
import { defined } from '../domain/defined.ts';
import { TokenUnavailableError } from './errors.ts';
import { createTokenCache, type FreshToken } from './token-cache.ts';

export type OAuthSettings = {
  readonly mechanism: 'oauthbearer';
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope?: string;
  /** SASL extensions, sent with each token. */
  readonly extensions?: Readonly<Record<string, string>>;
  /** Authorities of the endpoint, PEM; absent: Node's own. */
  readonly ca?: string;
};

/** Below the time that kafkajs gives a connection to log in. */
const TIMEOUT_MS = 8_000;
const MAX_BODY_BYTES = 64 * 1024;
/** RFC 6749 only recommends `expires_in`. */
const LIFE_IF_UNSAID_MS = 300_000;

/** Tokens by client credentials (RFC 6749, section 4.4), as KIP-768 does it for Java. */
export function createOAuthTokens(settings: () => OAuthSettings): () => Promise<OauthbearerProviderResponse> {
  const key = (): string => JSON.stringify(settings());
  const token = createTokenCache(() => fetchToken(settings()), { key });
  return async () => {
    const value = await token();
    const { extensions } = settings();
    return extensions === undefined ? { value } : withExtensions(value, extensions);
  };
}

/** kafkajs sends them; its types do not know them. */
function withExtensions(value: string, extensions: Readonly<Record<string, string>>): OauthbearerProviderResponse & { extensions: object } {
  return { value, extensions };
}

async function fetchToken(settings: OAuthSettings): Promise<FreshToken> {
  // Few log in this way, and a start without it is a tenth quicker.
  const { Agent, request } = await import('undici');
  const dispatcher = new Agent({ connect: { timeout: TIMEOUT_MS, ...defined({ ca: settings.ca }) } });
  try {
    const answer = await request(settings.tokenUrl, {
      method: 'POST',
      dispatcher,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: { authorization: basic(settings), 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        ...defined({ scope: settings.scope }),
      }).toString(),
    });
    const body = await textOf(answer.body);
    if (answer.statusCode !== 200) throw new TokenUnavailableError(`it answers ${answer.statusCode}${errorCodeIn(body)}`);
    return tokenIn(body);
  } catch (error) {
    if (error instanceof TokenUnavailableError) throw error;
    throw new TokenUnavailableError(whyNot(error), { cause: error });
  } finally {
    void dispatcher.destroy();
  }
}

/** Both parts are form-encoded first, as RFC 6749 (section 2.3.1) wants it. */
function basic({ clientId, clientSecret }: OAuthSettings): string {
  return `Basic ${Buffer.from(`${formEncoded(clientId)}:${formEncoded(clientSecret)}`).toString('base64')}`;
}

function formEncoded(text: string): string {
  return encodeURIComponent(text).replaceAll('%20', '+');
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new TokenUnavailableError('its answer is too large for a token');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function tokenIn(body: string): FreshToken {
  const answer = parsed(body);
  const value: unknown = Reflect.get(answer, 'access_token');
  const expiresIn = Number(Reflect.get(answer, 'expires_in'));
  // kafkajs puts it between control characters: what is no token must not become a part of that message.
  if (typeof value !== 'string' || !/^[\w.~+/=-]+$/.test(value)) throw new TokenUnavailableError('its answer holds no access_token');
  return { value, livesMs: expiresIn > 0 ? expiresIn * 1_000 : LIFE_IF_UNSAID_MS };
}

/** `invalid_client` and its like, and only those: descriptions are free text. */
function errorCodeIn(body: string): string {
  try {
    const code: unknown = Reflect.get(parsed(body), 'error');
    return typeof code === 'string' && /^[a-z_]{1,40}$/.test(code) ? ` ${code}` : '';
  } catch {
    // An error page says no more than its status.
    return '';
  }
}

function parsed(body: string): object {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Neither is JSON that is no object.
  }
  throw new TokenUnavailableError('its answer is no JSON object');
}

function whyNot(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return `no answer within ${TIMEOUT_MS} ms`;
  return systemCode(error) ?? (error instanceof Error ? error.name : 'unknown error');
}
