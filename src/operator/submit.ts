import { mapInOrder, type Pace } from '../async/in-order.ts';
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
  readonly clock: Pace['clock'];
  readonly onSubmitted: (submission: Submission, done: number) => void;
};

/** Acknowledged up to (and with) this line of the input, which may lie before the first one given; the first failure, if any. */
export type SubmitResult = { readonly submitted: number; readonly lastLine: number; readonly error?: unknown };

/**
 * Writes the requests in the order of the input. After a failure nothing more is begun; what follows `lastLine` is to be
 * submitted again, which is harmless for those that did arrive: a token has one verification.
 */
export async function submit(submissions: readonly Submission[], options: SubmitOptions): Promise<SubmitResult> {
  const { topic, publisher, rate: perSecond = Number.POSITIVE_INFINITY, atOnce = 200, clock, onSubmitted } = options;
  const failed = new AbortController();
  const write = async (submission: Submission): Promise<{ readonly submission: Submission; readonly error?: unknown }> => {
    try {
      await publisher.publish(recordOf(submission, topic));
      return { submission };
    } catch (error) {
      failed.abort();
      return { submission, error };
    }
  };
  let done = 0;
  let lastLine = (submissions[0]?.line ?? 1) - 1;
  for await (const { submission, ...failure } of mapInOrder(submissions, write, { atOnce, perSecond, clock, signal: failed.signal })) {
    if ('error' in failure) return { submitted: done, lastLine, error: failure.error };
    done += 1;
    lastLine = submission.line;
    onSubmitted(submission, done);
  }
  return { submitted: done, lastLine };
}

/** The key is the verification id, never the token: keys travel to logs and tools. */
function recordOf({ verificationId, request }: Submission, topic: string) {
  return { topic, key: verificationId, value: JSON.stringify(request), headers: { 'content-type': 'application/json' } };
}
