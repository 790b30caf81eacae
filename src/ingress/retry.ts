import { backoffMs } from '../async/backoff.ts';
import { createSemaphore } from '../async/semaphore.ts';
import type { Clock } from '../async/sleep.ts';
import { DependencyUnavailableError, StartRefusedError } from '../contracts/errors.ts';
import { defined } from '../domain/defined.ts';
import { ClockDoubtError } from './clock.ts';
import { type InboundRecord, type IngressEvents, positionOf, type Position, type Wait, type WaitCause } from './ports.ts';

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
  waits(): readonly Wait[];
};

type RetryPorts = { readonly clock: Clock; readonly events: IngressEvents; readonly random: () => number };

const BACKOFF = { firstMs: 200, longestMs: 10_000 } as const;
const ATTEMPTS_BEFORE_BLAME = { unexpected: 5, refused: 2 } as const;

/**
 * Repeats what failed. An outage is waited out, for ever, because the records behind it would meet the same. Any other error,
 * a start that Temporal refuses included, is blamed on the record only once the same work got through for others since it
 * began for this one: a mistake of ours, a setting or a server that fails every record must not drain the topic into the dead
 * letters.
 */
export function createRetry({ clock, events, random }: RetryPorts): Retry {
  const waits = createWaits(events, () => clock.now());

  function kindOfWork({ mayBlameRecord }: { readonly mayBlameRecord: boolean }): UntilDone {
    const witnesses = createWitnesses();
    return async (work, { record, signal }) => {
      const own = witnesses.about(record);
      const wait = waits.create();
      try {
        for (let attempt = 1; ; attempt += 1) {
          if (signal.aborted) throw new AbandonedError();
          try {
            const result = await work();
            own.gotThrough();
            return result;
          } catch (error) {
            // Mostly a wait that the end cut short. The record is read again, and what was a fault then shows again.
            if (signal.aborted) throw new AbandonedError(undefined, { cause: error });
            if (error instanceof DependencyUnavailableError) wait.goesOnFor(error.dependency);
            else if (error instanceof ClockDoubtError) wait.goesOnFor('CLOCK', error.message);
            else {
              own.failed();
              if (mayBlameRecord && isItsOwnFault(error, { attempt, own })) throw blame(error, { record, attempt });
              reportFailure(error, { record, attempt });
              if (error instanceof StartRefusedError) wait.goesOnFor('START_REFUSED', error.message);
              else wait.goesOnFor('DEFECT');
            }
          }
          await clock.sleep(backoffMs(attempt, { ...BACKOFF, random }), signal);
        }
      } finally {
        own.ends();
        wait.ends();
      }
    };
  }

  function blame(error: unknown, failed: FailedAttempt): RecordAtFaultError {
    reportFailure(error, failed);
    return new RecordAtFaultError(nameOf(error), failed.attempt);
  }

  function reportFailure(error: unknown, { record, attempt }: FailedAttempt): void {
    events.failed({ ...positionOf(record), errorName: nameOf(error), attempt });
  }

  return { kindOfWork, waits: () => waits.current() };
}

type FailedAttempt = { readonly record: InboundRecord; readonly attempt: number };

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'a thrown value';
}

/**
 * A refusal is the server's considered answer, so two of them are enough. But a server that has just begun to refuse everything
 * refuses several records at once, some of which have seen others get through before: then only a success after the first refusal counts.
 */
function isItsOwnFault(error: unknown, { attempt, own }: { readonly attempt: number; readonly own: Testimony }): boolean {
  if (!(error instanceof StartRefusedError)) return attempt >= ATTEMPTS_BEFORE_BLAME.unexpected && own.othersGotThrough();
  return attempt >= ATTEMPTS_BEFORE_BLAME.refused && (own.othersGotThroughSince() || (own.othersGotThrough() && own.failsAlone()));
}

/** What the same work for other records says about one that fails. */
type Testimony = {
  gotThrough(): void;
  failed(): void;
  ends(): void;
  /** Others got through since the work for this one began. */
  othersGotThrough(): boolean;
  /** Others got through since this one first failed. */
  othersGotThroughSince(): boolean;
  /** No other record fails at present. */
  failsAlone(): boolean;
};

/** A record that is fetched anew is still the one that failed before: so many of them are remembered. */
const MAX_REMEMBERED = 1_000;

function createWitnesses(): { about(record: Position): Testimony } {
  let successes = 0;
  let failing = 0;
  /** By place of a record that failed: how many others had got through when it first did. */
  const atFirstFailure = new Map<string, number>();
  return {
    about({ topic, partition, offset }) {
      const place = `${topic}/${partition}/${offset}`;
      const atBeginning = successes;
      let fails = false;
      return {
        gotThrough() {
          successes += 1;
          atFirstFailure.delete(place);
        },
        failed() {
          if (!fails) failing += 1;
          fails = true;
          if (!atFirstFailure.has(place)) atFirstFailure.set(place, successes);
          const [oldest] = atFirstFailure.keys();
          if (atFirstFailure.size > MAX_REMEMBERED && oldest !== undefined) atFirstFailure.delete(oldest);
        },
        ends() {
          if (fails) failing -= 1;
          fails = false;
        },
        othersGotThrough: () => successes > Math.min(atBeginning, atFirstFailure.get(place) ?? atBeginning),
        othersGotThroughSince: () => successes > (atFirstFailure.get(place) ?? successes),
        failsAlone: () => failing === 1,
      };
    },
  };
}

/** Counts what waits for what, so that one outage is one `paused` and one `resumed`, however many records it stops. */
type Waits = {
  /** The wait of one record, which begins with its first cause. `detail`: what a person needs to mend it. */
  create(): { goesOnFor(cause: WaitCause, detail?: string): void; ends(): void };
  current(): readonly Wait[];
};

function createWaits(events: IngressEvents, now: () => number): Waits {
  const waiting = new Map<WaitCause, Wait & { count: number; sinceMs: number }>();
  function begin(wait: Wait): void {
    const same = waiting.get(wait.cause);
    if (same) {
      same.count += 1;
      return;
    }
    waiting.set(wait.cause, { ...wait, count: 1, sinceMs: now() });
    events.paused(wait);
  }
  function tell(wait: Wait): void {
    const same = waiting.get(wait.cause);
    if (same) waiting.set(wait.cause, { ...same, ...wait });
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
      const leave = (): void => {
        if (current !== undefined) end(current);
        current = undefined;
      };
      return {
        goesOnFor(cause, detail) {
          if (cause === current) return tell({ cause, ...defined({ detail }) });
          leave();
          begin({ cause, ...defined({ detail }) });
          current = cause;
        },
        ends: leave,
      };
    },
    current: () => [...waiting.values()].map(({ cause, detail }) => ({ cause, ...defined({ detail }) })),
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
