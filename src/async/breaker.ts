import { backoffMs } from './backoff.ts';
import { createPacer, type Pacer } from './pacer.ts';

/** The work was not begun, because it would only have waited for what is known to be away. */
export class HeldBackError extends Error {
  override readonly name = 'HeldBackError';
  /** When to come again, in ms from now: so that all who are held back do not come at once. */
  readonly retryInMs: number;

  constructor(why: string, retryInMs: number) {
    super(why);
    this.retryInMs = retryInMs;
  }
}

export type Breaker = {
  /**
   * Begins `work`, or throws at once. `work` calls `arrived` as soon as what is guarded has answered.
   * @throws HeldBackError without having begun it.
   */
  run<T>(work: (arrived: () => void) => Promise<T>): Promise<T>;
  /** True while everything but an attempt now and then is held back. */
  isOpen(): boolean;
};

export type BreakerOptions = {
  /** How many may be under way at once; more are held back. */
  readonly atOnce: number;
  /** True if whatever came next would fail alike. */
  readonly isOutage: (error: unknown) => boolean;
  /** For the texts: "Kafka". */
  readonly name: string;
  readonly onChange?: (open: boolean) => void;
  readonly onHeldBack?: () => void;
  readonly now?: () => number;
  readonly random?: () => number;
};

/** One attempt each time this has passed finds out whether the outage is over. */
const OPEN_FOR = { firstMs: 1_000, longestMs: 30_000 } as const;
/** So many of those held back are told to come again in a second, whatever their number. */
const RETRIES_PER_SECOND = 20;
const LONGEST_RETRY_MS = 5 * 60_000;

type Outage = { failures: number; untilMs: number; isProbed: boolean };

/**
 * Bounds what waits for a dependency: a few at once while it answers, one at a time, now and then, after it failed to. Whoever
 * is held back learns it at once, and holds nothing meanwhile.
 */
export function createBreaker(options: BreakerOptions): Breaker {
  const { now = Date.now, random = Math.random } = options;
  let underWay = 0;
  let outage: Outage | undefined;
  let pacer: Pacer = createPacer(RETRIES_PER_SECOND);

  function holdBack(why: string): HeldBackError {
    options.onHeldBack?.();
    const nowMs = now();
    const turn = pacer.takeTurn(nowMs, { latestMs: nowMs + LONGEST_RETRY_MS });
    return new HeldBackError(
      `${options.name} ${why}`,
      turn ? turn.fromMs - nowMs : backoffMs(1, { firstMs: LONGEST_RETRY_MS, longestMs: LONGEST_RETRY_MS, random }),
    );
  }

  function arrived(): void {
    if (outage === undefined) return;
    outage = undefined;
    pacer = createPacer(RETRIES_PER_SECOND);
    options.onChange?.(false);
  }

  /** Those that were under way together with the first that failed tell nothing new. */
  function failed({ isProbe }: { readonly isProbe: boolean }): void {
    if (outage !== undefined && !isProbe) return;
    const failures = (outage?.failures ?? 0) + 1;
    const isNews = outage === undefined;
    outage = { failures, untilMs: now() + backoffMs(failures, OPEN_FOR), isProbed: false };
    if (isNews) options.onChange?.(true);
  }

  /** @returns true if this one finds out whether the outage is over. */
  function enter(): boolean {
    if (underWay >= options.atOnce) throw holdBack(`has ${options.atOnce} to take already`);
    if (outage === undefined) return false;
    if (outage.isProbed || now() < outage.untilMs) throw holdBack('does not answer at present');
    outage.isProbed = true;
    return true;
  }

  return {
    async run(work) {
      const isProbe = enter();
      underWay += 1;
      try {
        return await work(arrived);
      } catch (error) {
        if (options.isOutage(error)) failed({ isProbe });
        throw error;
      } finally {
        underWay -= 1;
        if (isProbe && outage) outage.isProbed = false;
      }
    },
    isOpen: () => outage !== undefined,
  };
}
