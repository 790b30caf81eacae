import type { EventEmitter } from 'node:events';

type SignalOptions = {
  /** The process, or a stand-in. */
  readonly source: Pick<EventEmitter, 'on'>;
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

/** How long the event loop may take to empty before the exit is forced. */
const EMPTY_WITHIN_MS = 5_000;

/**
 * Sets the exit code and lets the event loop empty, so that nothing written is cut off. If a library keeps a handle
 * open, the exit is forced after a while; the timer itself keeps nothing alive.
 */
export function leaveWith(code: number): void {
  process.exitCode = code;
  setTimeout(() => process.exit(code), EMPTY_WITHIN_MS).unref();
}

/** Ends the process at once: with a second signal a person says that they will not wait. */
export function leaveAtOnce(code: number): void {
  process.exit(code);
}
