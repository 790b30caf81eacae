import { createPacer } from '../../async/pacer.ts';
import { createPatience, type Patience } from '../../operator/replay/patience.ts';
import type { CliIo } from '../io.ts';

/** Waits for the next turn at this rate; false if the signal fired first, so that nothing is begun after it. */
export function turnsOf(io: CliIo, { perSecond, signal }: { readonly perSecond: number; readonly signal: AbortSignal }) {
  const pacer = createPacer(perSecond);
  return async (): Promise<boolean> => {
    const turn = pacer.takeTurn(io.monotonicMs());
    const waitMs = turn.fromMs - io.monotonicMs();
    if (waitMs > 0) await io.sleep(waitMs, signal);
    return !signal.aborted;
  };
}

/** Waits for Temporal and says so, once per outage. */
export function patienceOf(io: CliIo, { signal, say }: { readonly signal: AbortSignal; readonly say: (text: string) => void }): Patience {
  return createPatience({
    signal,
    sleep: async (durationMs) => await io.sleep(durationMs, signal),
    onOutage: ({ message }) => say(`verdictflow replay: waiting for Temporal: ${message}\n`),
  });
}
