import { backoffMs } from '../async/backoff.ts';
import { createSemaphore } from '../async/semaphore.ts';
import type { Clock } from '../async/sleep.ts';
import { DependencyUnavailableError, StartRefusedError } from '../contracts/errors.ts';
import { type InboundRecord, type IngressEvents, positionOf, type WaitCause } from './ports.ts';

/** The batch is over before the work was done: the partition moved on, or the process stops. Not a failure. */
export class AbandonedError extends Error {
  override readonly name = 'AbandonedError';
}

/** Handling fails because of what this one record holds: it is to be put aside. */
export class RecordAtFaultError extends Error {
  override readonly name = 'RecordAtFaultError';
  readonly attempts: number;

  constructor(errorName: string, attempts: number) {
    super(`handling the record failed ${attempts} time(s) with ${errorName}`);
    this.attempts = attempts;
  }
}

/**
 * Repeats `work` until it succeeds or `signal` aborts.
 * @throws AbandonedError when `signal` aborts first, RecordAtFaultError if this kind of work may blame the record.
 */
export type UntilDone = <T>(work: () => Promise<T>, about: { readonly record: InboundRecord; readonly signal: AbortSignal }) => Promise<T>;

export type Retry = {
  /** One kind of work that is done for many records, such as starting their verifications. */
  kindOfWork(options: { readonly mayBlameRecord: boolean }): UntilDone;
  /** What records wait for now; not empty: not ready, yet alive. */
  waitingFor(): readonly WaitCause[];
};

type RetryPorts = { readonly clock: Clock; readonly events: IngressEvents; readonly random: () => number };

const BACKOFF = { firstMs: 200, longestMs: 10_000 } as const;
const ATTEMPTS_BEFORE_BLAME = 5;

/**
 * Repeats what failed. An outage is waited out, for ever, because the records behind it would meet the same. Any other error
 * is blamed on the record only once the same work got through for others since it began for this one: a mistake of ours that
 * fails every record must not drain the topic into the dead letters.
 */
export function createRetry({ clock, events, random }: RetryPorts): Retry {
  const waits = createWaits(events, () => clock.now());

  function kindOfWork({ mayBlameRecord }: { readonly mayBlameRecord: boolean }): UntilDone {
    let successes = 0;
    return async (work, { record, signal }) => {
      const successesBefore = successes;
      const wait = waits.create();
      try {
        for (let attempt = 1; ; attempt += 1) {
          if (signal.aborted) throw new AbandonedError();
          try {
            const result = await work();
            successes += 1;
            return result;
          } catch (error) {
            // Mostly a wait that the end cut short. The record is read again, and what was a fault then shows again.
            if (signal.aborted) throw new AbandonedError(undefined, { cause: error });
            const isBlamed = mayBlameRecord && isItsOwnFault(error, { attempt, othersGotThrough: successes > successesBefore });
            wait.goesOnFor(causeOf(error, { record, attempt, isBlamed }));
          }
          await clock.sleep(backoffMs(attempt, { ...BACKOFF, random }), signal);
        }
      } finally {
        wait.ends();
      }
    };
  }

  /** What to wait for after `error`. @throws RecordAtFaultError if waiting is of no use. */
  function causeOf(error: unknown, { record, attempt, isBlamed }: FailedAttempt): WaitCause {
    if (error instanceof DependencyUnavailableError) return error.dependency;
    const errorName = error instanceof Error ? error.name : 'a thrown value';
    events.failed({ ...positionOf(record), errorName, attempt });
    if (isBlamed) throw new RecordAtFaultError(errorName, attempt);
    return 'DEFECT';
  }

  return { kindOfWork, waitingFor: () => waits.current() };
}

type FailedAttempt = { readonly record: InboundRecord; readonly attempt: number; readonly isBlamed: boolean };

function isItsOwnFault(error: unknown, { attempt, othersGotThrough }: { attempt: number; othersGotThrough: boolean }): boolean {
  return error instanceof StartRefusedError || (attempt >= ATTEMPTS_BEFORE_BLAME && othersGotThrough);
}

/** Counts what waits for what, so that one outage is one `paused` and one `resumed`, however many records it stops. */
type Waits = {
  /** The wait of one record, which begins with its first cause. */
  create(): { goesOnFor(cause: WaitCause): void; ends(): void };
  current(): readonly WaitCause[];
};

function createWaits(events: IngressEvents, now: () => number): Waits {
  const waiting = new Map<WaitCause, { count: number; sinceMs: number }>();
  function begin(cause: WaitCause): void {
    const wait = waiting.get(cause);
    if (wait) {
      wait.count += 1;
      return;
    }
    waiting.set(cause, { count: 1, sinceMs: now() });
    events.paused({ cause });
  }
  function end(cause: WaitCause): void {
    const wait = waiting.get(cause);
    if (!wait) return;
    wait.count -= 1;
    if (wait.count > 0) return;
    waiting.delete(cause);
    events.resumed({ cause, pausedMs: now() - wait.sinceMs });
  }
  return {
    create() {
      let current: WaitCause | undefined;
      const change = (cause: WaitCause | undefined): void => {
        if (cause === current) return;
        if (current !== undefined) end(current);
        if (cause !== undefined) begin(cause);
        current = cause;
      };
      return { goesOnFor: change, ends: () => change(undefined) };
    },
    current: () => [...waiting.keys()],
  };
}

/** Runs a request to Temporal once it is its turn. @throws AbandonedError if `signal` has aborted by then. */
export type InTurn = <T>(request: () => Promise<T>, signal: AbortSignal) => Promise<T>;

/** In an outage each request takes its full time-out: those that wait for their turn must not hold up a stop one after another. */
export function createTurns(atOnce: number): InTurn {
  const turns = createSemaphore(atOnce);
  return async (request, signal) =>
    await turns.run(async () => {
      if (signal.aborted) throw new AbandonedError();
      return await request();
    });
}
