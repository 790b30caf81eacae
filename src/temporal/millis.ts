type Stamp = { readonly seconds?: number | { toString(): string } | null; readonly nanos?: number | null };

/** A timestamp or duration of Temporal's API in ms, whole ones; 0 if there is none. Seconds come as `Long` or as number. */
export function millisOf(stamp: Stamp | null | undefined): number {
  return Number(stamp?.seconds ?? 0) * 1_000 + Math.floor((stamp?.nanos ?? 0) / 1_000_000);
}

/** When an event of a history was written, RFC 3339 to the millisecond. */
export function writtenAt({ eventTime }: { readonly eventTime?: Stamp | null }): string {
  return new Date(millisOf(eventTime)).toISOString();
}
