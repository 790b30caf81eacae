import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { areLoopback } from '../../contracts/loopback.ts';

export type AccessRules = {
  readonly origins: readonly string[];
  readonly namespaces: readonly string[];
  /** Empty: whoever is on this machine. */
  readonly tokens: readonly { readonly name: string; readonly token: string }[];
};

/** Who asks, or the status of the refusal. Refusals say nothing of what would be right. */
export type Access =
  | { readonly who: string; readonly namespace: string }
  | { readonly status: 401 | 403; readonly why: 'TOKEN' | 'ORIGIN' | 'NAMESPACE' | 'HOST' };

/**
 * Whether this request may have payloads decrypted. Without tokens a browser on this machine could be led here by any page whose
 * name is made to mean 127.0.0.1, hence the look at `Host`. The namespace is what the caller says; it decides nothing but a refusal.
 */
export function accessOf(headers: IncomingHttpHeaders, { origins, namespaces, tokens }: AccessRules): Access {
  const { origin, authorization = '', host = '' } = headers;
  if (origin !== undefined && !origins.includes(origin)) return { status: 403, why: 'ORIGIN' };
  if (tokens.length === 0 && !areLoopback([host])) return { status: 403, why: 'HOST' };
  const who = tokens.length === 0 ? 'this machine' : bearerOf(authorization, tokens);
  if (who === undefined) return { status: 401, why: 'TOKEN' };
  const namespace = headers['x-namespace'];
  if (typeof namespace !== 'string' || !namespaces.includes(namespace)) return { status: 403, why: 'NAMESPACE' };
  return { who, namespace };
}

/** Every token is compared, each in the same time: how long it takes tells nothing. */
function bearerOf(authorization: string, tokens: AccessRules['tokens']): string | undefined {
  const [, given] = /^Bearer +(\S+) *$/i.exec(authorization) ?? [];
  const matches = tokens.filter(({ token }) => timingSafeEqual(digest(token), digest(given ?? '')));
  return given === undefined ? undefined : matches[0]?.name;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** What a browser asks before, and what it needs to let the page see the answer. Origins are named, never `*`. */
export function corsHeaders(origin: string | undefined, origins: readonly string[]): Record<string, string> {
  const vary = { vary: 'origin' };
  if (origin === undefined || !origins.includes(origin)) return vary;
  return { ...vary, 'access-control-allow-origin': origin, 'access-control-allow-credentials': 'true' };
}

export const PREFLIGHT_HEADERS = {
  'access-control-allow-methods': 'POST',
  // What the UI sends; `Authorization-Extras` holds an ID token, which is not looked at.
  'access-control-allow-headers': 'content-type, x-namespace, authorization, authorization-extras',
  'access-control-max-age': '600',
} as const;
