import { backoffMs } from '../async/backoff.ts';
import type { Clock } from '../async/sleep.ts';
import { DependencyUnavailableError } from '../contracts/errors.ts';
import type { IngressEvents, Position, WaitCause } from './ports.ts';

/** The batch is over before the work was done: the partition moved on, or the process stops. Not a failure. */
export class AbandonedError extends Error {
  override readonly name = 'AbandonedError';
}

/** Handling fails because of what this one record holds. */
export class PoisonError extends Error {
  override readonly name = 'PoisonError';
  readonly errorName: string;
  readonly attempts: number;

  constructor(errorName: string, attempts: number) {
    super(`handling the record failed ${attempts} time(s) with ${errorName}`);
    this.errorName = errorName;
    this.attempts = attempts;
  }
}

export type PersevereDeps = {
  readonly clock: Clock;
  readonly random: () => number;
  readonly events: IngressEvents;
  readonly waits: Waits;
};

type Perseverance = PersevereDeps & {
  readonly at: Position;
  readonly signal: AbortSignal;
  /** How often this process has succeeded at the same work for other records. Absent: the record is never blamed. */
  readonly successes?: () => number;
};

const BACKOFF = { firstMs: 200, longestMs: 10_000 } as const;
const ATTEMPTS_BEFORE_BLAME = 5;

/**
 * Repeats `work` until it succeeds or `signal` aborts. An outage is waited out, for ever. Any other error is blamed on
 * the record only once others got through since it first failed: what fails every record must not drain the topic
 * into the dead letters.
 * @throws AbandonedError, PoisonError (the latter only if `successes` is given).
 */
export async function persevere<T>(work: () => Promise<T>, options: Perseverance): Promise<T> {
  const successesBefore = options.successes?.() ?? 0;
  let waitingFor: WaitCause | undefined;
  const waitFor = (cause: WaitCause | undefined): void => {
    if (cause === waitingFor) return;
    if (waitingFor !== undefined) options.waits.end(waitingFor);
    if (cause !== undefined) options.waits.begin(cause);
    waitingFor = cause;
  };
  try {
    for (let attempt = 1; ; attempt += 1) {
      if (options.signal.aborted) throw new AbandonedError();
      try {
        return await work();
      } catch (error) {
        // Mostly a wait that the end cut short. The record is read again, and what was a fault then shows again.
        if (options.signal.aborted) throw new AbandonedError(undefined, { cause: error });
        waitFor(causeOf(error, { ...options, attempt, successesBefore }));
      }
      await options.clock.sleep(backoffMs(attempt, { ...BACKOFF, random: options.random }), options.signal);
    }
  } finally {
    waitFor(undefined);
  }
}

type Failure = Perseverance & { readonly attempt: number; readonly successesBefore: number };

/** What to wait for after `error`; throws when there is nothing to wait for. */
function causeOf(error: unknown, failure: Failure): WaitCause {
  if (error instanceof AbandonedError) throw error;
  if (error instanceof DependencyUnavailableError) return error.dependency;
  const errorName = error instanceof Error ? error.name : 'a thrown value';
  failure.events.failed({ ...failure.at, errorName, attempt: failure.attempt });
  if (isBlamed(errorName, failure)) throw new PoisonError(errorName, failure.attempt);
  return 'DEFECT';
}

/** `StartRefusedError`: the starter itself says that this record will never be accepted. */
function isBlamed(errorName: string, { attempt, successes, successesBefore }: Failure): boolean {
  if (!successes) return false;
  return errorName === 'StartRefusedError' || (attempt >= ATTEMPTS_BEFORE_BLAME && successes() > successesBefore);
}

/** Counts what waits for what, so that one outage is one `paused` and one `resumed`, however many records it stops. */
type Waits = {
  begin(cause: WaitCause): void;
  end(cause: WaitCause): void;
  /** What records wait for now; not empty: not ready, yet alive. */
  current(): readonly WaitCause[];
};

export function createWaits(events: IngressEvents, now: () => number): Waits {
  const waiting = new Map<WaitCause, { count: number; sinceMs: number }>();
  return {
    begin(cause) {
      const wait = waiting.get(cause);
      if (wait) {
        wait.count += 1;
        return;
      }
      waiting.set(cause, { count: 1, sinceMs: now() });
      events.paused({ cause });
    },
    end(cause) {
      const wait = waiting.get(cause);
      if (!wait) return;
      wait.count -= 1;
      if (wait.count > 0) return;
      waiting.delete(cause);
      events.resumed({ cause, pausedMs: now() - wait.sinceMs });
    },
    current: () => [...waiting.keys()],
  };
}
