import { parseRequest, type VerificationRequest } from '../contracts/wire/request.ts';
import { verificationIdOf } from '../contracts/wire/token-identity.ts';
import { UsageError } from './errors.ts';
import type { RecordPublisher } from './ports.ts';

/** A request ready to be written. `line` is 1-based in the input, for messages: the content is secret. */
export type Submission = { readonly line: number; readonly verificationId: string; readonly request: VerificationRequest };

/** Fields that the options of the command give to every request; a line's own fields win. */
type SubmissionDefaults = {
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

type SubmitOptions = {
  readonly topic: string;
  readonly publisher: RecordPublisher;
  /** Records per second; absent: as fast as the brokers take them. */
  readonly rate?: number;
  /** Records in flight; they share send calls. Default 200. */
  readonly atOnce?: number;
  readonly now: () => number;
  readonly sleep: (durationMs: number) => Promise<void>;
  readonly onSubmitted: (submission: Submission, done: number) => void;
};

/** Acknowledged up to (and with) this line of the input, which may lie before the first one given; the first failure, if any. */
export type SubmitResult = { readonly submitted: number; readonly lastLine: number; readonly error?: unknown };

const DEFAULT_AT_ONCE = 200;

/**
 * Writes the requests in the order of the input. After a failure nothing more is begun; what follows `lastLine` is to be
 * submitted again, which is harmless for those that did arrive: a token has one verification.
 */
export async function submit(submissions: readonly Submission[], options: SubmitOptions): Promise<SubmitResult> {
  const size =
    options.rate === undefined ? (options.atOnce ?? DEFAULT_AT_ONCE) : Math.max(1, Math.min(DEFAULT_AT_ONCE, Math.floor(options.rate)));
  const startedAtMs = options.now();
  let done = 0;
  let lastLine = (submissions[0]?.line ?? 1) - 1;
  for (let at = 0; at < submissions.length; at += size) {
    if (options.rate !== undefined) await options.sleep(Math.max(0, startedAtMs + (at / options.rate) * 1_000 - options.now()));
    const group = submissions.slice(at, at + size);
    const settled = await Promise.allSettled(group.map((submission) => options.publisher.publish(recordOf(submission, options.topic))));
    for (const [index, result] of settled.entries()) {
      const submission = group[index];
      if (result.status === 'rejected') return { submitted: done, lastLine, error: result.reason };
      if (submission === undefined) continue;
      done += 1;
      lastLine = submission.line;
      options.onSubmitted(submission, done);
    }
  }
  return { submitted: done, lastLine };
}

/** The key is the verification id, never the token: keys travel to logs and tools. */
function recordOf({ verificationId, request }: Submission, topic: string) {
  return { topic, key: verificationId, value: JSON.stringify(request), headers: { 'content-type': 'application/json' } };
}
