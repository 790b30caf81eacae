import type { LogRecord, MintedRecord, ReadRecord, RefusedRecord } from './log-records.ts';

/** All that the vendor remembers of one token. */
export type TokenEntry = {
  readonly verificationId: string;
  known: boolean;
  scenario: string;
  issuedAtMs: number;
  expiresAtMs: number;
  bizNo: string | undefined;
  /** Requests that the present scenario has answered. */
  attempts: number;
  counted: number;
  refused: number;
  /** First answer that told OK or FAILED. */
  completedAtMs: number | undefined;
  readonly reads: PastRead[];
};

export type PastRead = Pick<ReadRecord, 'seq' | 'counted' | 'overQuota' | 'afterWindow' | 'says' | 'images'> & { readonly atMs: number };

export type Totals = {
  /** Tokens that were read at least once. */
  tokens: number;
  reads: number;
  counted: number;
  /** Reads beyond `maxCalls` of a known token: "fourth reads". */
  overQuota: number;
  afterWindow: number;
  /** Requests refused before looking. */
  refused: number;
  unknownReads: number;
  redirectsFollowed: number;
  /** Smallest time between two reads of one token; null until a token was read twice. */
  minGapMs: number | null;
};

export const DEFAULT_TOKEN_LIFE_MS = 60 * 60_000;

/**
 * The vendor's memory. It changes only by applying log records, so what is rebuilt from the log after a restart is
 * what was there before.
 */
export type Ledger = {
  find(verificationId: string): TokenEntry | undefined;
  apply(record: LogRecord): void;
  readonly totals: Readonly<Totals>;
  /** Sequence number of the last record applied. */
  lastSeq(): number;
};

export function createLedger(): Ledger {
  const tokens = new Map<string, TokenEntry>();
  const totals: Totals = {
    tokens: 0,
    reads: 0,
    counted: 0,
    overQuota: 0,
    afterWindow: 0,
    refused: 0,
    unknownReads: 0,
    redirectsFollowed: 0,
    minGapMs: null,
  };
  let seq = 0;

  function entryOf(record: ReadRecord | MintedRecord): TokenEntry {
    const present = tokens.get(record.verificationId);
    if (present) return present;
    const entry = newEntry(record);
    tokens.set(record.verificationId, entry);
    return entry;
  }

  function applyRead(record: ReadRecord): void {
    const entry = entryOf(record);
    const atMs = Date.parse(record.at);
    entry.attempts += Number(record.played);
    entry.counted += Number(record.counted);
    if (record.terminal) entry.completedAtMs ??= atMs;
    tally(totals, { record, gapMs: atMs - (entry.reads.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY) });
    const { counted, overQuota, afterWindow, says, images } = record;
    entry.reads.push({ seq: record.seq, atMs, counted, overQuota, afterWindow, says, ...(images === undefined ? {} : { images }) });
  }

  function applyRefusal(record: RefusedRecord): void {
    totals.refused += 1;
    const entry = record.verificationId === undefined ? undefined : tokens.get(record.verificationId);
    if (!entry) return;
    entry.refused += 1;
    entry.attempts += Number(record.played);
  }

  function apply(record: LogRecord): void {
    seq = Math.max(seq, record.seq);
    switch (record.type) {
      case 'minted':
        remember(entryOf(record), record);
        return;
      case 'rescripted':
        Object.assign(tokens.get(record.verificationId) ?? {}, { scenario: record.scenario, attempts: 0 });
        return;
      case 'read':
        applyRead(record);
        return;
      case 'refused':
        applyRefusal(record);
        return;
      case 'redirect-followed':
        totals.redirectsFollowed += 1;
        return;
      case 'started':
      case 'answered':
      case 'outage':
        return;
      default:
        return record satisfies never;
    }
  }

  return { find: (verificationId) => tokens.get(verificationId), apply, totals, lastSeq: () => seq };
}

function newEntry({ verificationId, scenario, issuedAtMs }: ReadRecord | MintedRecord): TokenEntry {
  return {
    verificationId,
    scenario,
    issuedAtMs,
    known: false,
    expiresAtMs: issuedAtMs + DEFAULT_TOKEN_LIFE_MS,
    bizNo: undefined,
    attempts: 0,
    counted: 0,
    refused: 0,
    completedAtMs: undefined,
    reads: [],
  };
}

function remember(entry: TokenEntry, record: MintedRecord): void {
  const { scenario, issuedAtMs, expiresAtMs, bizNo } = record;
  Object.assign(entry, { scenario, issuedAtMs, expiresAtMs, bizNo, known: true, attempts: 0 });
}

function tally(totals: Totals, read: { record: ReadRecord; gapMs: number }): void {
  const { record, gapMs } = read;
  totals.tokens += Number(record.read === 1);
  totals.reads += 1;
  totals.counted += Number(record.counted);
  totals.overQuota += Number(record.overQuota);
  totals.afterWindow += Number(record.afterWindow);
  totals.unknownReads += Number(!record.known);
  if (Number.isFinite(gapMs)) totals.minGapMs = Math.min(totals.minGapMs ?? gapMs, gapMs);
}
