import type { RecordPublisher } from './ports.ts';
import type { Submission } from './submission.ts';

export type SubmitOptions = {
  readonly topic: string;
  readonly publisher: RecordPublisher;
  /** Records per second; absent: as fast as the brokers take them. */
  readonly rate?: number;
  /** Records in flight; they share send calls. */
  readonly window?: number;
  readonly now: () => number;
  readonly sleep: (durationMs: number) => Promise<void>;
  readonly onSubmitted: (submission: Submission, done: number) => void;
};

/** Acknowledged up to (and with) this line of the input, which may lie before the first one given; the first failure, if any. */
export type SubmitResult = { readonly submitted: number; readonly lastLine: number; readonly error?: unknown };

const DEFAULT_WINDOW = 200;

/**
 * Writes the requests in the order of the input. After a failure nothing more is begun; what follows `lastLine` is to be
 * submitted again, which is harmless for those that did arrive: a token has one verification.
 */
export async function submit(submissions: readonly Submission[], options: SubmitOptions): Promise<SubmitResult> {
  const size =
    options.rate === undefined ? (options.window ?? DEFAULT_WINDOW) : Math.max(1, Math.min(DEFAULT_WINDOW, Math.floor(options.rate)));
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
