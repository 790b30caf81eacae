import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { createOAuthTokens, type OAuthSettings } from '../../src/kafka/oauth-token.ts';
import { createTokenCache, type FreshToken } from '../../src/kafka/token-cache.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function endpoint(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<OAuthSettings> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { mechanism: 'oauthbearer', tokenUrl: `http://127.0.0.1:${port}/token`, clientId: 'the client', clientSecret: 'a+b:c/ü' };
}

const json = (status: number, body: unknown) => (_: IncomingMessage, response: ServerResponse) => {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
};

describe('a token endpoint', () => {
  it('is asked as RFC 6749 says, with id and secret form-encoded', async () => {
    const seen: (string | undefined)[] = [];
    const settings = await endpoint((request, response) => {
      seen.push(request.method, request.headers.authorization, request.headers['content-type']);
      json(200, { access_token: 'abc.def', expires_in: 60 })(request, response);
    });
    await expect(createOAuthTokens(() => settings)()).resolves.toEqual({ value: 'abc.def' });
    const basic = Buffer.from('the+client:a%2Bb%3Ac%2F%C3%BC').toString('base64');
    expect(seen).toEqual(['POST', `Basic ${basic}`, 'application/x-www-form-urlencoded']);
  });

  it('whose token comes with extensions has them sent along', async () => {
    const settings = await endpoint(json(200, { access_token: 'abc' }));
    const tokens = createOAuthTokens(() => ({ ...settings, extensions: { logicalCluster: 'lkc-1' } }));
    await expect(tokens()).resolves.toEqual({ value: 'abc', extensions: { logicalCluster: 'lkc-1' } });
  });

  it.each<readonly [string, (request: IncomingMessage, response: ServerResponse) => void, RegExp]>([
    ['refuses', json(401, { error: 'invalid_client', error_description: 'free text' }), /: it answers 401 invalid_client$/],
    ['refuses with a page', (_, response) => void response.writeHead(503).end('<html>free text</html>'), /: it answers 503$/],
    ['redirects', (_, response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(), /: it answers 302$/],
    ['answers no JSON', (_, response) => void response.end('free text'), /: its answer is no JSON object$/],
    ['gives none', json(200, { token_type: 'Bearer' }), /: its answer holds no access_token$/],
    ['gives one with a control character', json(200, { access_token: 'a\u0001auth=b' }), /: its answer holds no access_token$/],
    ['gives too much', (_, response) => void response.end('x'.repeat(70_000)), /: its answer is too large for a token$/],
    ['breaks off', (_, response) => void response.destroy(), /: UND_ERR_SOCKET$/],
  ])('that %s is named by status and codes, never by its words', async (_, answer, message) => {
    const settings = await endpoint(answer);
    await expect(createOAuthTokens(() => settings)()).rejects.toThrow(message);
  });

  it('that cannot be reached is named by the code', async () => {
    const settings = { ...(await endpoint(json(200, {}))), tokenUrl: 'http://127.0.0.1:1/' };
    await expect(createOAuthTokens(() => settings)()).rejects.toThrow('no token for the brokers: ECONNREFUSED');
  });
});

describe('a token', () => {
  function cached(answers: readonly (FreshToken | Error)[]) {
    let [now, asked] = [0, 0];
    let client = 'first';
    const token = createTokenCache(
      async () => {
        const answer = answers[asked] ?? new Error('no more');
        asked += 1;
        await Promise.resolve();
        if (answer instanceof Error) throw answer;
        return answer;
      },
      { key: () => client, now: () => now },
    );
    return {
      token,
      at: (ms: number) => {
        now = ms;
      },
      as: (name: string) => {
        client = name;
      },
      asked: () => asked,
    };
  }

  it('is fetched once for all who ask at the same time, and kept until its renewal', async () => {
    const { token, at, asked } = cached([
      { value: 'one', livesMs: 300_000 },
      { value: 'two', livesMs: 300_000 },
    ]);
    expect(await Promise.all([token(), token(), token()])).toEqual(['one', 'one', 'one']);
    at(239_999);
    expect(await token()).toBe('one');
    expect(asked()).toBe(1);
    at(240_000);
    expect(await token()).toBe('two');
  });

  it.each([
    [3_600_000, 2_880_000, 'after four fifths of a long life'],
    [120_000, 90_000, 'half a minute before its end, which is before kafkajs logs in anew'],
    [40_000, 20_000, 'at half of a short life'],
  ])('that lives %i ms is renewed at %i: %s', async (livesMs, renewedAt) => {
    const { token, at } = cached([
      { value: 'old', livesMs },
      { value: 'new', livesMs },
    ]);
    await token();
    at(renewedAt - 1);
    expect(await token()).toBe('old');
    at(renewedAt);
    expect(await token()).toBe('new');
  });

  it('serves on while its renewal fails, which is not tried for everybody, until it has run out', async () => {
    const { token, at, asked } = cached([{ value: 'one', livesMs: 100_000 }, new Error('away'), new Error('away'), new Error('away')]);
    await token();
    at(80_000);
    expect([await token(), await token(), asked()]).toEqual(['one', 'one', 2]);
    at(85_000);
    expect([await token(), asked()]).toEqual(['one', 3]);
    at(100_000);
    await expect(token()).rejects.toThrow('away');
  });

  it('of another client, or secret, is another token', async () => {
    const { token, as } = cached([
      { value: 'one', livesMs: 300_000 },
      { value: 'two', livesMs: 300_000 },
    ]);
    expect(await token()).toBe('one');
    as('second');
    expect(await token()).toBe('two');
  });
});
