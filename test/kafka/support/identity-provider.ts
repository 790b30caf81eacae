import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { createServer } from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { Issued } from '../../support/certificates.ts';

export type IdentityProvider = {
  readonly tokenUrl: string;
  /** What a broker checks tokens with. */
  readonly jwks: string;
  readonly issuer: string;
  readonly audience: string;
  /** Bodies and secrets of the requests that came, oldest first. */
  readonly requests: readonly { readonly body: string; readonly secret: string }[];
  /** From now on only this one is taken. */
  changeSecret(secret: string): void;
  close(): void;
};

/** A token endpoint of OpenID Connect for client credentials, over TLS, with signed tokens. */
export async function openIdentityProvider(options: {
  readonly server: Issued;
  readonly clientId: string;
  readonly secret: string;
  readonly livesS?: number;
}): Promise<IdentityProvider> {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const [issuer, audience, kid] = ['https://provider.test', 'kafka', randomUUID()];
  const { livesS = 60 } = options;
  const requests: { body: string; secret: string }[] = [];
  let secret = options.secret;

  function token(): string {
    const nowS = Math.floor(Date.now() / 1_000);
    const claims = { sub: options.clientId, aud: audience, iss: issuer, iat: nowS, exp: nowS + livesS, jti: randomUUID() };
    const content = `${part({ alg: 'ES256', typ: 'JWT', kid })}.${part(claims)}`;
    return `${content}.${sign('sha256', Buffer.from(content), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
  }

  const server = createServer(options.server, (request, response) => {
    void textOf(request).then((body) => {
      const [id, given] = credentialsOf(request.headers.authorization);
      requests.push({ body, secret: given });
      const known = id === options.clientId && given === secret;
      response.writeHead(known ? 200 : 401, { 'content-type': 'application/json' });
      const refusal = { error: 'invalid_client', error_description: 'the secret that was given is wrong' };
      response.end(JSON.stringify(known ? { access_token: token(), expires_in: livesS, token_type: 'Bearer' } : refusal));
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    tokenUrl: `https://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/oauth2/token`,
    jwks: JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig' }] }),
    issuer,
    audience,
    requests,
    changeSecret: (changed) => {
      secret = changed;
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function credentialsOf(header = ''): readonly [id: string, secret: string] {
  const [id = '', secret = ''] = Buffer.from(header.replace(/^Basic /, ''), 'base64')
    .toString()
    .split(':');
  return [formDecoded(id), formDecoded(secret)];
}

function formDecoded(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}
