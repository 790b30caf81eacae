export type UntilOptions = {
  readonly timeoutMs: number;
  /** Default: often at first, and the longer it has taken the more rarely. */
  readonly everyMs?: number;
  /** Names what is awaited; becomes the error's message. A function is asked at the end, for what is only known then. */
  readonly what: string | (() => string);
};

/** Polls `probe` until it returns something truthy, and returns that. Fails with the last error once `timeoutMs` passed. */
export async function until<T>(probe: () => T | Promise<T>, options: UntilOptions): Promise<NonNullable<T>> {
  const beganAtMs = Date.now();
  const deadlineMs = beganAtMs + options.timeoutMs;
  let lastError: unknown;
  for (;;) {
    try {
      const value = await probe();
      if (value) return value;
    } catch (error) {
      lastError = error;
    }
    if (Date.now() >= deadlineMs) {
      const what = typeof options.what === 'string' ? options.what : options.what();
      throw new Error(`not within ${options.timeoutMs} ms: ${what}`, { cause: lastError });
    }
    await new Promise((resolve) => setTimeout(resolve, options.everyMs ?? pauseMs(Date.now() - beganAtMs)));
  }
}

/** Servers and the service share two cores with whoever asks: a twentieth of the wait so far is soon enough. */
function pauseMs(waitedMs: number): number {
  return Math.min(200, Math.max(20, waitedMs / 20));
}

/** Asks again and again for `forMs` that `holds` goes on to hold: the only proof that something does not happen. */
export async function throughout(
  holds: () => boolean | Promise<boolean>,
  { forMs, everyMs = 50, what }: { readonly forMs: number; readonly everyMs?: number; readonly what: string },
): Promise<void> {
  const endMs = Date.now() + forMs;
  do {
    if (!(await holds())) throw new Error(`no longer true: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, Math.min(everyMs, endMs - Date.now()))));
  } while (Date.now() < endMs);
}
