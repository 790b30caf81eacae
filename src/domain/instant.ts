/** RFC 3339 text of an instant, as histories, messages and the Temporal UI have it. */
export function instantOf(atMs: number): string {
  return new Date(atMs).toISOString();
}
