import { randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { requestId } from './bodies.ts';
import { DEFAULT_TOKEN_LIFE_MS } from './ledger.ts';
import { ok, type Reply } from './reply.ts';
import { playOf } from './scenarios.ts';
import { verificationIdOfToken } from './token-ref.ts';
import { type Circumstances, credentialRefusal, failure } from './vendor.ts';

const MAX_BODY_BYTES = 16 * 1024 * 1024;

export type TokenForm = ReadonlyMap<string, string>;

/** The text fields of a JSON, urlencoded or multipart body; files are ignored. Rejects if the body is none of these. */
export async function readForm(request: IncomingMessage): Promise<TokenForm> {
  const body = await readBody(request);
  const contentType = request.headers['content-type'] ?? 'application/x-www-form-urlencoded';
  if (contentType.startsWith('application/json')) {
    const fields = z.record(z.string(), z.unknown()).parse(JSON.parse(body.toString('utf8')));
    return new Map(Object.entries(fields).map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]));
  }
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': contentType } }).formData();
  const texts = new Map<string, string>();
  form.forEach((value, key) => {
    if (typeof value === 'string') texts.set(key, value);
  });
  return texts;
}

/** Reads a whole request body; rejects beyond 16 MiB. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request) {
    const chunk = Buffer.from(part);
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new RangeError('request body beyond 16 MiB');
    parts.push(chunk);
  }
  return Buffer.concat(parts);
}

/** `get_token`: issues a token that plays the `scenario` field (or the default); durable before it is answered. */
export function receiveGetToken(form: TokenForm, now: Circumstances): { reply: Reply; durable: Promise<void> } {
  const refused = (reply: Reply): { reply: Reply; durable: Promise<void> } => ({ reply, durable: Promise.resolve() });
  const credentials = credentialRefusal((key) => form.get(key) ?? null, now);
  if (credentials) return refused(credentials);
  const scenario = scenarioOf(form.get('scenario'), now.settings.scenario);
  if (scenario === undefined) return refused(failure('BAD_ARGUMENTS:scenario', { httpStatus: 400, now }));
  const lifeMs = Number(form.get('expires_in_ms') ?? DEFAULT_TOKEN_LIFE_MS);
  if (!Number.isFinite(lifeMs) || lifeMs < 0) return refused(failure('BAD_ARGUMENTS:expires_in_ms', { httpStatus: 400, now }));
  const bizNo = form.get('biz_no');
  const token = randomBytes(24).toString('hex');
  const expiresAtMs = now.nowMs + lifeMs;
  const { durable } = now.journal.note({
    type: 'minted',
    verificationId: verificationIdOfToken(token),
    scenario,
    issuedAtMs: now.nowMs,
    expiresAtMs,
    ...(bizNo === undefined ? {} : { bizNo }),
  });
  const body = {
    request_id: requestId(now.nowMs),
    time_used: 12,
    token,
    biz_id: randomUUID(),
    expired_time: Math.floor(expiresAtMs / 1000),
  };
  return { reply: ok('TOKEN', body), durable };
}

const scenarioJson = z.union([
  z.string(),
  z.strictObject({ name: z.string() }).transform(({ name }) => name),
  z.strictObject({ steps: z.array(z.string()).min(1) }).transform(({ steps }) => steps.join('+')),
]);

/**
 * A scenario by name (`a+b` for steps), or as JSON: `"a"`, `{"name":"a"}` or `{"steps":["a","b"]}`. Undefined if there
 * is no such scenario.
 */
export function scenarioOf(given: unknown, fallback?: string): string | undefined {
  const value = typeof given === 'string' && /^[{"]/.test(given.trim()) ? parsed(given) : given;
  const name = scenarioJson.safeParse(value ?? fallback);
  return name.success && playOf(name.data) ? name.data : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: it is no scenario either, and the caller says so.
    return {};
  }
}
