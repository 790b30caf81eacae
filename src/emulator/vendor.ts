import { vendorError } from './bodies.ts';
import type { SentImage } from './images.ts';
import type { Journal, Noted } from './journal.ts';
import { DEFAULT_TOKEN_LIFE_MS, type TokenEntry } from './ledger.ts';
import { readOfflineToken } from './mint-token.ts';
import type { Settings } from './options.ts';
import { noAnswer, type Reply } from './reply.ts';
import { playOf } from './scenarios.ts';
import { verificationIdOfToken } from './token-ref.ts';

export type OutageMode = 'off' | 'refuse' | 'hang' | '500' | 'reset';

/** What the decision depends on beside the request itself. */
export type Circumstances = {
  readonly journal: Journal;
  readonly settings: Settings;
  readonly credentials: { readonly apiKey: string; readonly apiSecret: string };
  readonly outage: OutageMode;
  /** Vendor requests in flight, this one included. */
  readonly inFlight: number;
  readonly nowMs: number;
};

export type Arrival = Noted & { readonly reply: Reply };

type ResultRequest = {
  readonly verificationId: string;
  readonly returnImage: 0 | 1 | 2;
  readonly offline: ReturnType<typeof readOfflineToken>;
};

/**
 * Decides and notes one `get_result` request in one go, without waiting for anything: that is what makes the count
 * exact under concurrency. Checks in order: arguments, key, quota of requests in flight, outage, token, window, reads.
 */
export function receiveGetResult(query: URLSearchParams, now: Circumstances): Arrival {
  const refusal = refusalOf(query, now);
  const token = query.get('token') ?? '';
  const verificationId = token === '' ? undefined : verificationIdOfToken(token);
  if (refusal) return refuse(refusal, { now, verificationId, played: false });
  const request = { verificationId: verificationId ?? '', returnImage: imagesAsked(query) ?? 0, offline: readOfflineToken(token) };
  const entry = meet(request, now);
  const reply = answerOf(request, { now, entry });
  if (reply.refused) return refuse(reply, { now, verificationId, played: true });
  return noteRead(request, { now, entry, reply });
}

/** A request to a path that does not exist; noted because a wrong prefix must not look like silence. */
export function receiveUnknownPath(query: URLSearchParams, now: Circumstances): Arrival {
  const token = query.get('token');
  const reply = failure('API_NOT_FOUND', { httpStatus: 404, now });
  return refuse(reply, { now, verificationId: token ? verificationIdOfToken(token) : undefined, played: false });
}

/** The vendor's error answer in the configured shape. */
export function failure(message: string, options: { httpStatus: number; now: Circumstances }): Reply {
  const { nowMs, settings } = options.now;
  return vendorError(message, { httpStatus: options.httpStatus, nowMs, errorKey: settings.errorKey });
}

/** What an outage makes of any request that still arrives. */
export function outageReply(now: Circumstances): Reply | undefined {
  switch (now.outage) {
    case 'off':
      return undefined;
    case 'hang':
      return noAnswer('HANG');
    case '500':
      return failure('INTERNAL_ERROR', { httpStatus: 500, now });
    // A connection that was open before the port closed can still carry a request.
    case 'refuse':
    case 'reset':
      return noAnswer('RESET');
    default:
      return now.outage satisfies never;
  }
}

/** Missing credentials or wrong ones; undefined if they are right. */
export function credentialRefusal(given: (key: string) => string | null, now: Circumstances): Reply | undefined {
  const missing = ['api_key', 'api_secret'].find((key) => !given(key));
  if (missing !== undefined) return failure(`MISSING_ARGUMENTS:${missing}`, { httpStatus: 400, now });
  const { apiKey, apiSecret } = now.credentials;
  if (given('api_key') === apiKey && given('api_secret') === apiSecret) return undefined;
  return failure('AUTHENTICATION_ERROR', { httpStatus: 403, now });
}

function refusalOf(query: URLSearchParams, now: Circumstances): Reply | undefined {
  const credentials = credentialRefusal((key) => query.get(key), now);
  if (credentials) return credentials;
  if (!query.get('token')) return failure('MISSING_ARGUMENTS:token', { httpStatus: 400, now });
  if (imagesAsked(query) === undefined) return failure('BAD_ARGUMENTS:return_image', { httpStatus: 400, now });
  const { maxConcurrent } = now.settings;
  if (maxConcurrent === 0 || now.inFlight <= maxConcurrent) return undefined;
  return failure('CONCURRENCY_LIMIT_EXCEEDED', { httpStatus: 403, now });
}

function imagesAsked(query: URLSearchParams): 0 | 1 | 2 | undefined {
  switch (query.get('return_image') ?? '0') {
    case '0':
      return 0;
    case '1':
      return 1;
    case '2':
      return 2;
    default:
      return undefined;
  }
}

function refuse(reply: Reply, about: { now: Circumstances; verificationId: string | undefined; played: boolean }): Arrival {
  const { verificationId, played } = about;
  const who = verificationId === undefined ? {} : { verificationId };
  return { reply, ...about.now.journal.note({ type: 'refused', ...who, played, says: reply.said }) };
}

/** Finds the token; one that describes itself, or any if unknown ones are accepted, is minted when first seen. */
function meet(request: ResultRequest, now: Circumstances): TokenEntry | undefined {
  const { journal, settings, nowMs } = now;
  const present = journal.ledger.find(request.verificationId);
  if (present?.known) return present;
  const scenario = request.offline?.scenario ?? (settings.acceptUnknown ? settings.scenario : undefined);
  if (scenario === undefined) return undefined;
  const issuedAtMs = request.offline?.issuedAtMs ?? nowMs;
  const { verificationId } = request;
  journal.note({ type: 'minted', verificationId, scenario, issuedAtMs, expiresAtMs: issuedAtMs + DEFAULT_TOKEN_LIFE_MS });
  return journal.ledger.find(verificationId);
}

type Known = { readonly now: Circumstances; readonly entry: TokenEntry | undefined };

type Answer = Reply & { readonly played: boolean; readonly destroyed: boolean; readonly images?: readonly SentImage[] };

function answerOf(request: ResultRequest, { now, entry }: Known): Answer {
  const outage = outageReply(now);
  if (outage) return { ...outage, played: false, destroyed: entry !== undefined && isDestroyed(entry, now) };
  const play = entry && playOf(entry.scenario);
  if (!entry || !play) return { ...failure('RESULT_NOT_FOUND', { httpStatus: 400, now }), played: false, destroyed: false };
  if (isDestroyed(entry, now)) return { ...failure('DATA_DESTROYED', { httpStatus: 403, now }), played: false, destroyed: true };
  const { nowMs, settings } = now;
  const { issuedAtMs, expiresAtMs, bizNo } = entry;
  const { verificationId, returnImage } = request;
  const sent: SentImage[] = [];
  const when = { attempt: entry.attempts + 1, nowMs, issuedAtMs, expiresAtMs };
  const common = { ...when, verificationId, returnImage, sent, errorKey: settings.errorKey };
  const reply = play.reply(bizNo === undefined ? common : { ...common, bizNo });
  return { ...reply, played: true, destroyed: false, ...(sent.length === 0 ? {} : { images: sent }) };
}

/** All reads used, or the window over. Until a session completes, a window that starts at completion is open. */
function isDestroyed(entry: TokenEntry, now: Circumstances): boolean {
  const { settings, nowMs } = now;
  if (entry.counted >= settings.maxCalls) return true;
  const afterMs = playOf(entry.scenario)?.completesAfterMs;
  const completedAtMs = afterMs === undefined ? (entry.completedAtMs ?? Number.POSITIVE_INFINITY) : entry.issuedAtMs + afterMs;
  const startMs = settings.windowStart === 'issue' ? entry.issuedAtMs : completedAtMs;
  return nowMs > startMs + settings.windowMs;
}

function noteRead(request: ResultRequest, about: Known & { reply: Answer }): Arrival {
  const { now, entry, reply } = about;
  const { settings, journal, nowMs } = now;
  const { verificationId } = request;
  const known = entry !== undefined;
  const issuedAtMs = entry?.issuedAtMs ?? nowMs;
  const read = (journal.ledger.find(verificationId)?.reads.length ?? 0) + 1;
  const noted = journal.note({
    type: 'read',
    verificationId,
    scenario: entry?.scenario ?? 'none',
    issuedAtMs,
    known,
    read,
    counted: known && !reply.destroyed && countsAs(reply, settings.countMode),
    overQuota: known && read > settings.maxCalls,
    afterWindow: known && nowMs > issuedAtMs + settings.windowMs,
    played: reply.played,
    terminal: reply.terminal,
    says: reply.said,
    ...(reply.images === undefined ? {} : { images: [...reply.images] }),
  });
  return { reply, ...noted };
}

function countsAs(reply: Reply, mode: Settings['countMode']): boolean {
  switch (mode) {
    case 'all':
      return true;
    case 'ok':
      return reply.httpStatus === 200;
    case 'terminal':
      return reply.terminal;
    default:
      return mode satisfies never;
  }
}
