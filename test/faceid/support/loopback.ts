import { expect, onTestFinished } from 'vitest';
import type { ReadRequest } from '../../../activities/ports.ts';
import { createFaceIdClient, type FaceIdClient, type FaceIdClientOptions } from '../../../src/faceid/client.ts';
import { answer } from './answers.ts';
import { type FaultyServer, httpAnswer, startFaultyServer } from './faulty-server.ts';

export const API_KEY = 'key-Zx81Qp';
export const API_SECRET = 'secret+Vu/4n=R&7';
export const TOKEN = 'tok-3f9a0c+D/e=';
export const GOOD = httpAnswer(200, JSON.stringify(answer()));

export function query(parts: Partial<ReadRequest> = {}): ReadRequest {
  return { token: TOKEN, returnImage: 0, notAfterMs: Date.now() + 60_000, ...parts };
}

export function client(baseUrl: string, options: Partial<FaceIdClientOptions> = {}): FaceIdClient {
  const made = createFaceIdClient({ baseUrl, apiKey: API_KEY, apiSecret: API_SECRET, timeoutMs: 5_000, ...options });
  onTestFinished(() => made.close());
  return made;
}

export async function server(...parts: Parameters<typeof startFaultyServer>): Promise<FaultyServer> {
  const started = await startFaultyServer(...parts);
  onTestFinished(() => started.close());
  return started;
}

export function expectNothingSecret(report: unknown): void {
  const text = JSON.stringify(report);
  for (const secret of [API_KEY, API_SECRET, TOKEN, 'api_secret', 'get_result', '127.0.0.1']) {
    for (const form of [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')]) {
      expect(text).not.toContain(form);
    }
  }
}
