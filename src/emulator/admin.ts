import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { readBody, scenarioOf } from './get-token.ts';
import type { Journal } from './journal.ts';
import { DEFAULT_TOKEN_LIFE_MS, type TokenEntry, type Totals } from './ledger.ts';
import { readOfflineToken } from './mint-token.ts';
import { COUNT_MODES, ERROR_KEYS, type Settings, WINDOW_STARTS } from './options.ts';
import { expectedOf, SCENARIOS } from './scenarios.ts';
import { verificationIdOfToken } from './token-ref.ts';
import type { OutageMode } from './vendor.ts';

export const ADMIN_PREFIX = '/__admin';

/** What the admin API can see and change. */
export type AdminTarget = {
  readonly journal: Journal;
  settings(): Settings;
  change(settings: Partial<Settings>): void;
  outage(): OutageMode;
  /** Rejects with RangeError if the outage could not be ended from outside. */
  setOutage(mode: OutageMode, forMs?: number): Promise<void>;
  inFlight(): { readonly now: number; readonly peak: number };
  now(): number;
};

export type AdminAnswer = { readonly httpStatus: number; readonly body: object };

const tokenBody = z
  .strictObject({
    token: z.string().min(1).optional(),
    verificationId: z.string().optional(),
    scenario: z.unknown(),
    issuedAtMs: z.number().optional(),
    bizNo: z.string().optional(),
  })
  .refine((body) => (body.token === undefined) !== (body.verificationId === undefined), { message: 'give token or verificationId' });
const lookupBody = z.strictObject({ token: z.string().min(1) });
const outageBody = z.strictObject({ mode: z.enum(['off', 'refuse', 'hang', '500', 'reset']), forMs: z.number().positive().optional() });
const defaultsBody = z.strictObject({
  scenario: z.string().optional(),
  latencyMs: z.number().min(0).optional(),
  countMode: z.enum(COUNT_MODES).optional(),
  windowStart: z.enum(WINDOW_STARTS).optional(),
  maxCalls: z.int().min(1).optional(),
  windowMs: z.number().positive().optional(),
  maxConcurrent: z.int().min(0).optional(),
  acceptUnknown: z.boolean().optional(),
  errorKey: z.enum(ERROR_KEYS).optional(),
});

/** Answers one admin request. Problems name fields, never their values. */
export async function receiveAdmin(request: IncomingMessage, target: AdminTarget): Promise<AdminAnswer> {
  const remote = request.socket.remoteAddress ?? '';
  if (!/^(127\.|::1$|::ffff:127\.)/.test(remote)) return { httpStatus: 403, body: { problem: 'the admin API answers on loopback only' } };
  const path = (request.url ?? '').split('?', 1).join('').slice(ADMIN_PREFIX.length);
  try {
    if (request.method === 'GET') return look(path, target);
    const text = (await readBody(request)).toString('utf8');
    return await act(path, { body: JSON.parse(text === '' ? '{}' : text), target });
  } catch (error) {
    if (error instanceof z.ZodError) return bad(error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '));
    if (error instanceof RangeError) return bad(error.message);
    if (error instanceof SyntaxError) return bad('the body is not JSON');
    throw error;
  }
}

export type Summary = Totals & {
  readonly inFlight: number;
  readonly peakInFlight: number;
  readonly outage: OutageMode;
  /** False once a record could not be written: the counts are no evidence any more. */
  readonly logIntact: boolean;
};

/** Counters over everything the log holds; cheap enough to poll. */
export function summaryOf(target: AdminTarget): Summary {
  const { now, peak } = target.inFlight();
  return {
    ...target.journal.ledger.totals,
    inFlight: now,
    peakInFlight: peak,
    outage: target.outage(),
    logIntact: target.journal.intact(),
  };
}

function look(path: string, target: AdminTarget): AdminAnswer {
  if (path === '/health')
    return { httpStatus: target.journal.intact() ? 200 : 503, body: { status: target.journal.intact() ? 'ok' : 'log lost' } };
  if (path === '/reads') return { httpStatus: 200, body: summaryOf(target) };
  if (path === '/defaults') return { httpStatus: 200, body: target.settings() };
  if (path === '/scenarios')
    return {
      httpStatus: 200,
      body: { scenarios: SCENARIOS.map(({ name, about }) => ({ name, about, expected: expectedOf(name) ?? null })) },
    };
  const [, verificationId] = /^\/reads\/([a-z2-7]{26})$/.exec(path) ?? [];
  return verificationId === undefined ? nothing() : tokenView(target.journal.ledger.find(verificationId));
}

async function act(path: string, { body, target }: { body: unknown; target: AdminTarget }): Promise<AdminAnswer> {
  switch (path) {
    case '/reads':
      return tokenView(target.journal.ledger.find(verificationIdOfToken(lookupBody.parse(body).token)));
    case '/scenario':
      return await assign(body, target);
    case '/defaults': {
      const given = defaultsBody.parse(body);
      if (given.scenario !== undefined && scenarioOf(given.scenario) === undefined) return bad('scenario: no such scenario');
      target.change(Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)));
      return { httpStatus: 200, body: target.settings() };
    }
    case '/outage': {
      const { mode, forMs } = outageBody.parse(body);
      await target.setOutage(mode, forMs);
      return { httpStatus: 200, body: { outage: target.outage() } };
    }
    default:
      return nothing();
  }
}

/** Gives a token another scenario; a token never seen becomes known by it, issued now unless `issuedAtMs` says else. */
async function assign(body: unknown, target: AdminTarget): Promise<AdminAnswer> {
  const { token, verificationId: givenId, scenario: given, issuedAtMs: givenAtMs, bizNo } = tokenBody.parse(body);
  const scenario = given === undefined ? undefined : scenarioOf(given);
  if (scenario === undefined) return bad('scenario: no such scenario');
  const verificationId = token === undefined ? (givenId ?? '') : verificationIdOfToken(token);
  if (!/^[a-z2-7]{26}$/.test(verificationId)) return bad('verificationId: not a verification id');
  if (target.journal.ledger.find(verificationId)?.known) {
    if (givenAtMs !== undefined || bizNo !== undefined)
      return bad('issuedAtMs, bizNo: this token is known already, only its scenario can change');
    await target.journal.note({ type: 'rescripted', verificationId, scenario }).durable;
  } else {
    const issuedAtMs = givenAtMs ?? (token === undefined ? undefined : readOfflineToken(token)?.issuedAtMs) ?? target.now();
    const expiresAtMs = issuedAtMs + DEFAULT_TOKEN_LIFE_MS;
    const minted = { type: 'minted', verificationId, scenario, issuedAtMs, expiresAtMs } as const;
    await target.journal.note(bizNo === undefined ? minted : { ...minted, bizNo }).durable;
  }
  return { httpStatus: 200, body: { verificationId, scenario } };
}

function tokenView(entry: TokenEntry | undefined): AdminAnswer {
  if (!entry) return { httpStatus: 404, body: { problem: 'this token was never seen' } };
  const { verificationId, known, scenario, issuedAtMs, counted, refused, reads } = entry;
  const overQuota = reads.filter((read) => read.overQuota).length;
  const afterWindow = reads.filter((read) => read.afterWindow).length;
  return {
    httpStatus: 200,
    body: { verificationId, known, scenario, issuedAtMs, reads: reads.length, counted, overQuota, afterWindow, refused, history: reads },
  };
}

function bad(problem: string): AdminAnswer {
  return { httpStatus: 400, body: { problem } };
}

function nothing(): AdminAnswer {
  return { httpStatus: 404, body: { problem: 'no such admin endpoint' } };
}
