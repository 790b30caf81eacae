import { sleep } from './sleep.ts';

export type Settling = {
  /** True for what passes by itself, while the parts of a cluster tell each other the news. */
  readonly isPassing: (error: unknown) => boolean;
  readonly everyMs: number;
  /** How long it may take. */
  readonly atMostMs: number;
};

/** Repeats `work` while its failure passes by itself. @throws its last error. */
export async function untilSettled<T>(work: () => Promise<T>, { isPassing, everyMs, atMostMs }: Settling): Promise<T> {
  const giveUpAtMs = Date.now() + atMostMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isPassing(error) || Date.now() > giveUpAtMs) throw error;
    }
    await sleep(everyMs);
  }
}
