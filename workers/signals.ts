import type { EventEmitter } from 'node:events';

export type SignalOptions = {
  /** The process, or a stand-in. */
  readonly source: Pick<EventEmitter, 'on' | 'off'>;
  /** Ends the process at once with this code. */
  readonly forceExit: (code: number) => void;
};

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** Resolves with the first SIGTERM or SIGINT; from then on another one forces the exit with code 1. */
export async function firstSignal(options: SignalOptions): Promise<string> {
  return await new Promise((resolve) => {
    let seen = false;
    for (const signal of SIGNALS) {
      options.source.on(signal, () => {
        if (seen) options.forceExit(1);
        seen = true;
        resolve(signal);
      });
    }
  });
}
