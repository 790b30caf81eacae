import { sleep } from './sleep.ts';
import { LATE } from './timeout.ts';

const RETRY_EVERY_MS = 1_000;
const LINE_EVERY_MS = 2_000;

/** How long to wait for a dependency that does not answer yet. */
export type StartupLimit = {
  readonly startupTimeoutMs: number;
  /** The setting that gave this limit, for the error; absent: it is nobody's to change. */
  readonly limitSetting?: string;
};

export type Opening<T> = {
  /** One try, numbered from 1, which ends within `leftMs` by itself. `LATE`: neither an answer nor a refusal came. */
  open(attempt: number, leftMs: number): Promise<T | typeof LATE>;
  /** What a failed try has to say; throws if all further ones would fail in the same way. */
  reasonOf(error: unknown): string;
  /** Called every two seconds, by the clock and not by the try, because one try can take long. */
  onWaiting(reason: string): void;
  /** The error of a wait that was in vain. `within` is `within 60 s (VF_STARTUP_TIMEOUT)`, `reason` that of the last try. */
  inVain(within: string, reason: string): Error | Promise<Error>;
};

/** Tries once a second until the dependency is open, and rejects once the limit has passed or `stopping` aborts. */
export async function untilOpen<T>(opening: Opening<T>, limit: StartupLimit & { readonly stopping?: AbortSignal }): Promise<T> {
  const { startupTimeoutMs, stopping } = limit;
  const giveUpAtMs = Date.now() + startupTimeoutMs;
  let reason = 'neither an answer nor a refusal came';
  const lines = setInterval(() => opening.onWaiting(reason), LINE_EVERY_MS);
  try {
    for (let attempt = 1; ; attempt += 1) {
      stopping?.throwIfAborted();
      try {
        const opened = await opening.open(attempt, Math.max(1, giveUpAtMs - Date.now()));
        if (opened !== LATE) return opened;
      } catch (error) {
        reason = opening.reasonOf(error);
      }
      if (Date.now() >= giveUpAtMs) throw await opening.inVain(withinText(limit), reason);
      await sleep(Math.max(1, Math.min(RETRY_EVERY_MS, giveUpAtMs - Date.now())), stopping);
    }
  } finally {
    clearInterval(lines);
  }
}

/** `within 60 s (VF_STARTUP_TIMEOUT)`. */
export function withinText({ startupTimeoutMs, limitSetting }: StartupLimit): string {
  return `within ${startupTimeoutMs / 1_000} s${limitSetting === undefined ? '' : ` (${limitSetting})`}`;
}
