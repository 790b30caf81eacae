import type { CheckId } from './catalogue.ts';

/** For which role an installation is examined; `cli`: for commands alone. */
export type ExaminedRole = 'all' | 'ingress' | 'worker' | 'cli';

export const STATUSES = ['OK', 'WARN', 'FAIL', 'SKIPPED'] as const;
export type Status = (typeof STATUSES)[number];

/** One line: what was seen, and what to do about it. Holds no secret. */
export type Finding = { readonly check: CheckId; readonly status: Status; readonly saw: string; readonly remedy?: string };

/** What a rule found; who runs it knows the check, and its general remedy if there is none here. */
export type Found = Omit<Finding, 'check'>;

export function ok(saw: string): Found {
  return { status: 'OK', saw };
}

export function warn(saw: string, remedy: string): Found {
  return { status: 'WARN', saw, remedy };
}

export function fail(saw: string, remedy: string): Found {
  return { status: 'FAIL', saw, remedy };
}

/** A text that ends in its remedy, as those of our settings and warnings do, behind the first semicolon. */
export function asTold(status: 'WARN' | 'FAIL', text: string): Found {
  const at = text.indexOf('; ');
  return at < 0 ? { status, saw: text } : { status, saw: text.slice(0, at), remedy: text.slice(at + 2) };
}

export function skipped(saw: string): Found {
  return { status: 'SKIPPED', saw };
}

/** Thrown where something cannot be looked at: the message says why. */
export class CannotTell extends Error {
  override readonly name = 'CannotTell';
}
