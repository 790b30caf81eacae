import { parseRequest, type VerificationRequest } from '../contracts/wire/request.ts';
import { verificationIdOf } from '../contracts/wire/token-identity.ts';
import { UsageError } from './errors.ts';

/** A request ready to be written. `line` is 1-based in the input, for messages: the content is secret. */
export type Submission = { readonly line: number; readonly verificationId: string; readonly request: VerificationRequest };

/** Fields that the options of the command give to every request; a line's own fields win. */
export type SubmissionDefaults = {
  readonly issuedAt?: string;
  readonly policy?: string;
  readonly bizNo?: string;
  readonly attributes?: Readonly<Record<string, string>>;
};

/**
 * Reads tokens, one per line, or NDJSON requests (lines that begin with `{`); empty lines are skipped. Throws
 * `UsageError` naming each wrong line by number, never by content.
 */
export function readSubmissions(text: string, defaults: SubmissionDefaults): readonly Submission[] {
  const problems: string[] = [];
  const submissions: Submission[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const content = raw.trim();
    if (content === '') continue;
    const parsed = parseLine(content, defaults);
    if (Array.isArray(parsed)) problems.push(`line ${index + 1}: ${parsed.join('; ')}`);
    else submissions.push({ line: index + 1, verificationId: verificationIdOf(parsed.token), request: parsed });
  }
  if (problems.length > 0) throw new UsageError(shorten(problems).join('\n'));
  if (submissions.length === 0) throw new UsageError('the input holds no token; write one token or one JSON request per line');
  return submissions;
}

function parseLine(content: string, defaults: SubmissionDefaults): VerificationRequest | string[] {
  const own = content.startsWith('{') ? parseObject(content) : { token: content };
  if (own === undefined) return ['is not a JSON object'];
  const parsed = parseRequest({ ...defaults, ...own });
  return parsed.ok ? parsed.value : parsed.problems;
}

function parseObject(content: string): object | undefined {
  try {
    const value: unknown = JSON.parse(content);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    // The parser's message quotes the input, which is secret; the line number is enough to find it.
    return undefined;
  }
}

const SHOWN_PROBLEMS = 20;

function shorten(problems: readonly string[]): readonly string[] {
  if (problems.length <= SHOWN_PROBLEMS) return problems;
  return [...problems.slice(0, SHOWN_PROBLEMS), `… and ${problems.length - SHOWN_PROBLEMS} more lines`];
}
