import { randomBytes } from 'node:crypto';
import type { EmulatorOptions } from '../../src/emulator/options.ts';
import { type Emulator, startEmulator } from '../../src/emulator/server.ts';

export const DAY_MS = 24 * 60 * 60_000;
export const API_KEY = `key-${randomBytes(9).toString('hex')}`;
export const API_SECRET = `secret-${randomBytes(18).toString('hex')}`;

export type Answer = { readonly status: number; readonly text: string; readonly body: Record<string, unknown> };

export type Fixture = Emulator & {
  /** One `get_result` request. Rejects if the connection breaks; gives up after `timeoutMs`. */
  read(token: string, options?: { query?: Record<string, string>; timeoutMs?: number }): Promise<Answer>;
  admin(path: string, body?: object): Promise<Answer>;
};

/** An emulator on a free port with the vendor's own numbers, and a client that follows no redirects. */
export async function emulator(options: Partial<EmulatorOptions> = {}): Promise<Fixture> {
  const started = await startEmulator({
    port: 0,
    maxCalls: 3,
    windowMs: DAY_MS,
    countMode: 'all',
    windowStart: 'issue',
    apiKey: API_KEY,
    apiSecret: API_SECRET,
    ...options,
  });
  return {
    ...started,
    read: async (token, { query = {}, timeoutMs = 5_000 } = {}) => {
      const search = new URLSearchParams({ api_key: API_KEY, api_secret: API_SECRET, token, ...query });
      return await ask(`${started.baseUrl}/lite/raw/get_result?${search.toString()}`, {
        signal: AbortSignal.timeout(timeoutMs),
        redirect: 'manual',
      });
    },
    admin: async (path, body) =>
      await ask(`${started.adminUrl}${path}`, body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  };
}

export async function ask(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, init);
  const text = await response.text();
  return { status: response.status, text, body: parsed(text) };
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

/** A clock that stands until it is moved. */
export function clock(startMs = Date.UTC(2030, 0, 1)): { now: () => number; forward(ms: number): void } {
  let atMs = startMs;
  return {
    now: () => atMs,
    forward: (ms) => {
      atMs += ms;
    },
  };
}

/** How many of the answers were given with that HTTP status. */
export function withStatus(answers: readonly Answer[], status: number): number {
  return answers.filter((answer) => answer.status === status).length;
}
