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

/** For a second signal: the person wants out now. */
export function leaveAtOnce(code: number): void {
  process.exit(code);
}
