import { z } from 'zod';
import { baseUrlProblems } from '../faceid/base-url.ts';

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

/** Without trailing slashes. */
function url(problemsOf: (text: string) => readonly string[]): z.ZodType<string, string> {
  return z.string().transform((text, context) => {
    const problems = problemsOf(text.trim());
    if (problems.length === 0) return text.trim().replace(/\/+$/, '');
    context.issues.push({ code: 'custom', message: problems.join('; '), input: undefined });
    return z.NEVER;
  });
}
