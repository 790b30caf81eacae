import { logRecords } from './log-lines.ts';
import type { LogRecord } from './log-records.ts';

/** What the log says of one token. */
export type TokenReads = {
  readonly verificationId: string;
  readonly known: boolean;
  readonly reads: number;
  readonly counted: number;
  readonly refused: number;
  readonly issuedAtMs: number | undefined;
  readonly readAtMs: readonly number[];
  /** Smallest time between two of its reads; undefined below two reads. */
  readonly minGapMs: number | undefined;
};

export type EmulatorLog = {
  readonly tokens: ReadonlyMap<string, TokenReads>;
  readonly reads: number;
  readonly refused: number;
  readonly restarts: number;
  readonly redirectsFollowed: number;
  /** The most reads of one token. */
  readonly maxReads: number;
  readonly minGapMs: number | undefined;
  /** The most requests, refused ones included, within any one second. */
  readonly peakPerSecond: number;
  /** Known tokens read more than `maxCalls` times. */
  overQuota(maxCalls: number): readonly TokenReads[];
  /** Known tokens read later than `windowMs` after issue, with the number of such reads. */
  afterWindow(windowMs: number): readonly { readonly token: TokenReads; readonly reads: number }[];
};

type Tally = { known: boolean; counted: number; refused: number; issuedAtMs: number | undefined; readAtMs: number[] };

type Seen = {
  readonly tallies: Map<string, Tally>;
  readonly requestedAtMs: number[];
  starts: number;
  refused: number;
  redirectsFollowed: number;
};

/**
 * Reads the log of an emulator, alive or dead, and counts for itself: neither the numbers in the records nor the
 * emulator's memory are trusted. Throws if a line is not a record; a last line that is still being written is left out.
 */
export async function readEmulatorLog(path: string): Promise<EmulatorLog> {
  const seen: Seen = { tallies: new Map(), requestedAtMs: [], starts: 0, refused: 0, redirectsFollowed: 0 };
  for await (const record of logRecords(path)) take(seen, record);
  const tokens = new Map([...seen.tallies].map(([verificationId, tally]) => [verificationId, viewOf(verificationId, tally)]));
  const all = [...tokens.values()];
  const gaps = all.flatMap(({ minGapMs }) => minGapMs ?? []);
  return {
    tokens,
    reads: all.reduce((sum, { reads }) => sum + reads, 0),
    refused: seen.refused,
    restarts: Math.max(0, seen.starts - 1),
    redirectsFollowed: seen.redirectsFollowed,
    maxReads: all.reduce((most, { reads }) => Math.max(most, reads), 0),
    minGapMs: gaps.length === 0 ? undefined : gaps.reduce((least, gap) => Math.min(least, gap)),
    peakPerSecond: peakPerSecond(seen.requestedAtMs),
    overQuota: (maxCalls) => all.filter(({ known, reads }) => known && reads > maxCalls),
    afterWindow: (windowMs) => all.map((token) => ({ token, reads: readsAfter(token, windowMs) })).filter(({ reads }) => reads > 0),
  };
}

function take(seen: Seen, record: LogRecord): void {
  if (record.type === 'started') seen.starts += 1;
  if (record.type === 'redirect-followed') seen.redirectsFollowed += 1;
  if (record.type !== 'read' && record.type !== 'refused') return;
  const atMs = Date.parse(record.at);
  seen.requestedAtMs.push(atMs);
  seen.refused += Number(record.type === 'refused');
  if (record.verificationId === undefined) return;
  const tally = seen.tallies.get(record.verificationId) ?? { known: false, counted: 0, refused: 0, issuedAtMs: undefined, readAtMs: [] };
  seen.tallies.set(record.verificationId, tally);
  if (record.type === 'refused') {
    tally.refused += 1;
    return;
  }
  tally.known ||= record.known;
  tally.counted += Number(record.counted);
  if (record.known) tally.issuedAtMs = record.issuedAtMs;
  tally.readAtMs.push(atMs);
}

function viewOf(verificationId: string, tally: Tally): TokenReads {
  const { known, counted, refused, issuedAtMs, readAtMs } = tally;
  const sorted = readAtMs.toSorted((one, other) => one - other);
  const gaps = sorted.slice(1).map((atMs, index) => atMs - (sorted[index] ?? atMs));
  const minGapMs = gaps.length === 0 ? undefined : Math.min(...gaps);
  return { verificationId, known, reads: readAtMs.length, counted, refused, issuedAtMs, readAtMs: sorted, minGapMs };
}

function readsAfter(token: TokenReads, windowMs: number): number {
  const { known, issuedAtMs, readAtMs } = token;
  if (!known || issuedAtMs === undefined) return 0;
  return readAtMs.filter((atMs) => atMs > issuedAtMs + windowMs).length;
}

function peakPerSecond(atMs: readonly number[]): number {
  const sorted = atMs.toSorted((one, other) => one - other);
  let first = 0;
  let peak = 0;
  for (const [index, instant] of sorted.entries()) {
    while (instant - (sorted[first] ?? instant) >= 1000) first += 1;
    peak = Math.max(peak, index - first + 1);
  }
  return peak;
}
