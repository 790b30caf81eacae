import { backoffMs } from '../../async/backoff.ts';
import { DependencyUnavailableError } from '../../contracts/errors.ts';

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;
/** About half a minute of waiting: what one shard of a server may need to move. */
const ATTEMPTS_BEFORE_BLAME = 6;

/** The signal fired during an outage, so nothing is known of the work. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
}

/** The fault is this one verification's own; others are not affected. The message says what, without any content. */
export class OwnFaultError extends Error {
  override readonly name = 'OwnFaultError';
}

/** Is told of an outage of Temporal, once, when the waiting for its end begins. */
export type OnOutage = (error: DependencyUnavailableError) => void;

export type PatienceOptions = {
  /** Ends early when the signal fires. */
  readonly sleep: (durationMs: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
  readonly onOutage: OnOutage;
};

/** `probe`: a look-up. It may be repeated at any time, to see whether the server answers others of its kind. */
export type Patience = <T>(work: (attempt: number) => Promise<T>, options?: { readonly probe?: true }) => Promise<T>;

/**
 * Repeats work through outages of Temporal, for ever: a person or a job decides when to stop. A look-up that still fails
 * while the latest one that succeeded would succeed again is no outage. Starts are never blamed so: all of them may fail
 * while look-ups are answered, e.g. without a permission.
 * @throws OwnFaultError, InterruptedError.
 */
export function createPatience({ sleep, signal, onOutage }: PatienceOptions): Patience {
  let away = false;
  let succeeded: (() => Promise<unknown>) | undefined;
  const wait = async (error: unknown, { attempt, probe }: { attempt: number; probe: boolean }): Promise<void> => {
    if (!(error instanceof DependencyUnavailableError)) throw new OwnFaultError(shortText(error), { cause: error });
    if (probe && attempt >= ATTEMPTS_BEFORE_BLAME && (await isAnswered(succeeded)))
      throw new OwnFaultError(error.message, { cause: error });
    if (!away) onOutage(error);
    away = true;
    await sleep(backoffMs(attempt, { firstMs: FIRST_WAIT_MS, longestMs: LONGEST_WAIT_MS }), signal);
    if (signal.aborted) throw new InterruptedError(error.message, { cause: error });
  };
  return async (work, { probe = false } = {}) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const result = await work(attempt);
        away = false;
        if (probe) succeeded = async () => await work(attempt);
        return result;
      } catch (error) {
        await wait(error, { attempt, probe });
      }
    }
  };
}

async function isAnswered(work: (() => Promise<unknown>) | undefined): Promise<boolean> {
  if (work === undefined) return false;
  try {
    await work();
    return true;
  } catch {
    // The outage is what the caller reports.
    return false;
  }
}

/** A syntax error quotes what it could not read, so only its name is told. */
function shortText(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  return error instanceof SyntaxError ? error.name : `${error.name}: ${error.message.split('\n', 1).join('').slice(0, 200)}`;
}
