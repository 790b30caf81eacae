import { whenAborted } from '../../async/abort.ts';
import { backoffMs } from '../../async/backoff.ts';
import { sleep } from '../../async/sleep.ts';

const STOOD_STILL_MS = 1_000;
const TICK_MS = 250;
const BACKOFF = { firstMs: 100, longestMs: 5_000 } as const;

type StandstillOptions = {
  /** Asks anew; tried until it resolves. */
  readonly ask: () => Promise<void>;
  readonly stopping: AbortSignal;
  readonly now?: () => number;
};

/**
 * Notices that the process stood still (stopped, or without CPU): whatever it goes on with then may have been forbidden meanwhile,
 * and what lies ready to be heard may be older than that. @returns whether nothing was missed since the last answer.
 */
export function watchStandstill({ ask, stopping, now = Date.now }: StandstillOptions): () => boolean {
  let tickedAtMs = now();
  let standstills = 0;
  let madeUpFor = 0;
  const isStanding = (): boolean => now() - tickedAtMs > STOOD_STILL_MS;

  async function makeUp(standstill: number): Promise<void> {
    for (let attempt = 1; standstill === standstills && !stopping.aborted; attempt += 1) {
      try {
        await ask();
        madeUpFor = standstill;
        return;
      } catch {
        // Whoever follows the gate tells why it does not answer.
        await sleep(backoffMs(attempt, { ...BACKOFF, random: Math.random }), stopping);
      }
    }
  }

  const timer = setInterval(() => {
    const missed = isStanding();
    tickedAtMs = now();
    if (!missed) return;
    standstills += 1;
    void makeUp(standstills);
  }, TICK_MS);
  timer.unref();
  whenAborted(stopping, () => clearInterval(timer));
  return () => madeUpFor === standstills && !isStanding();
}
