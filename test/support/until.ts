export type UntilOptions = {
  readonly timeoutMs: number;
  readonly everyMs?: number;
  /** Names what is awaited; becomes the error's message. */
  readonly what: string;
};

/** Polls `probe` until it returns something truthy, and returns that. Fails with the last error once `timeoutMs` passed. */
export async function until<T>(probe: () => T | Promise<T>, options: UntilOptions): Promise<NonNullable<T>> {
  const deadlineMs = Date.now() + options.timeoutMs;
  let lastError: unknown;
  for (;;) {
    try {
      const value = await probe();
      if (value) return value;
    } catch (error) {
      lastError = error;
    }
    if (Date.now() >= deadlineMs) throw new Error(`not within ${options.timeoutMs} ms: ${options.what}`, { cause: lastError });
    await new Promise((resolve) => setTimeout(resolve, options.everyMs ?? 50));
  }
}

/** Asks again and again for `forMs` that `holds` goes on to hold: the only proof that something does not happen. */
export async function throughout(holds: () => boolean | Promise<boolean>, { forMs, what }: { forMs: number; what: string }): Promise<void> {
  const endMs = Date.now() + forMs;
  do {
    if (!(await holds())) throw new Error(`no longer true: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  } while (Date.now() < endMs);
}
