/**
 * Ends an exhaustive switch: a forgotten case does not compile. At run time a value from a newer release may still come
 * along (a recorded report, an event). The domain is total, so it answers with a safe `fallback`; where none makes sense,
 * the value itself comes back.
 */
export function exhausted(value: never): never;
export function exhausted<T>(value: never, fallback: T): T;
export function exhausted(value: unknown, ...fallback: readonly unknown[]): unknown {
  return fallback.length === 0 ? value : fallback[0];
}
