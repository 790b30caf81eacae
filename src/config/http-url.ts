import type { z } from 'zod';
import { isLoopback } from '../contracts/loopback.ts';
import { baseUrlProblems } from '../faceid/base-url.ts';
import { field } from './fields.ts';

/** The vendor's base URL, with the rules of its client. The value is not echoed: a mistaken one may hold credentials. */
export function vendorUrl(): z.ZodType<string, string> {
  return url(baseUrlProblems);
}

/** An address for links, which people see; plain HTTP is fine, no secret is sent there. */
export function linkUrl(): z.ZodType<string, string> {
  return url((text) => {
    if (!URL.canParse(text) || !/^https?:/.test(text)) return ['is not a URL; write e.g. http://localhost:8233'];
    const { username, password } = new URL(text);
    return username === '' && password === '' ? [] : ['holds credentials; remove the part before @'];
  });
}

/** Where a client secret is sent. A query, or a slash at the end, is part of some providers' addresses. */
export function tokenEndpoint(): z.ZodType<string, string> {
  return checked((text) => {
    const parsed = parsedUrl(text, { example: 'https://login.example.com/oauth2/token' });
    if (!(parsed instanceof URL)) return parsed;
    return parsed.protocol === 'https:' || isLoopback(parsed.hostname)
      ? []
      : ['is plain HTTP, and the client secret is sent there; use https (http is for loopback hosts only)'];
  });
}

/** Where an S3 server is asked, without a path. That plain HTTP needs leave, another setting says. */
export function storeEndpoint(): z.ZodType<string, string> {
  return checked(
    (text) => {
      const parsed = parsedUrl(text, { example: 'https://s3.eu-central-1.amazonaws.com' });
      if (!(parsed instanceof URL)) return parsed;
      return parsed.pathname === '/' && parsed.search === '' && parsed.hash === '' ? [] : ['has more than a host; remove what follows it'];
    },
    (text) => new URL(text).origin,
  );
}

/** The URL, or what is wrong with it. */
function parsedUrl(text: string, { example }: { readonly example: string }): URL | readonly string[] {
  const parsed = URL.canParse(text) ? new URL(text) : undefined;
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol)) return [`is not a URL; write e.g. ${example}`];
  return parsed.username === '' && parsed.password === '' ? parsed : ['holds credentials; remove the part before @'];
}

/** Without trailing slashes. */
function url(problemsOf: (text: string) => readonly string[]): z.ZodType<string, string> {
  return checked(problemsOf, (text) => text.replace(/\/+$/, ''));
}

function checked(problemsOf: (text: string) => readonly string[], tidy = (text: string): string => text): z.ZodType<string, string> {
  return field((text) => {
    const problems = problemsOf(text);
    return problems.length === 0 ? { value: tidy(text) } : { problem: problems.join('; ') };
  });
}
