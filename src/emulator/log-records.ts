import { z } from 'zod';
import { COUNT_MODES, WINDOW_STARTS } from './options.ts';

/**
 * The lines of the request log (NDJSON). Tokens appear only as verification ids; keys and secrets never. `seq` counts
 * up over the whole file, restarts included; `at` is RFC 3339.
 */
const line = { seq: z.int(), at: z.iso.datetime() };
const token = { verificationId: z.string(), scenario: z.string(), issuedAtMs: z.number() };

const started = z.object({
  ...line,
  type: z.literal('started'),
  maxCalls: z.int(),
  windowMs: z.number(),
  countMode: z.enum(COUNT_MODES),
  windowStart: z.enum(WINDOW_STARTS),
});

/** A token became known: issued by `get_token`, or declared by the admin API. */
const minted = z.object({
  ...line,
  ...token,
  type: z.literal('minted'),
  expiresAtMs: z.number(),
  bizNo: z.string().optional(),
});

/** A token plays another scenario from its next request on. */
const rescripted = z.object({ ...line, type: z.literal('rescripted'), verificationId: z.string(), scenario: z.string() });

/** A `get_result` request that is a read, written when it arrived and durable before any byte of its answer. */
const read = z.object({
  ...line,
  ...token,
  type: z.literal('read'),
  /** False: the vendor does not know this token. */
  known: z.boolean(),
  /** Number of this read of this token, from 1. */
  read: z.int(),
  /** It used up one of the reads that the count mode allows. */
  counted: z.boolean(),
  overQuota: z.boolean(),
  /** It arrived later than issue + window, whatever the configured start of the window. */
  afterWindow: z.boolean(),
  /** The scenario chose the answer; false: quota, window, an outage or an unknown token did. */
  played: z.boolean(),
  /** The answer tells status OK or FAILED. */
  terminal: z.boolean(),
  says: z.string(),
  /** The images of its answer that a client can read, in their order; absent: it has none. */
  images: z.array(z.object({ field: z.string(), sha256: z.string(), bytes: z.int() })).optional(),
});

/** A `get_result` request refused before looking: no read. */
const refused = z.object({
  ...line,
  type: z.literal('refused'),
  verificationId: z.string().optional(),
  /** The scenario refused it, not the server. */
  played: z.boolean(),
  says: z.string(),
});

/** How the request with that `seq` ended. GONE: the client left before its answer. */
const answered = z.object({
  ...line,
  type: z.literal('answered'),
  of: z.int(),
  delivery: z.enum(['FULL', 'HALF', 'RESET', 'HANG', 'TWICE', 'SHORT', 'GONE']),
  httpStatus: z.int(),
  says: z.string(),
});

const outage = z.object({ ...line, type: z.literal('outage'), mode: z.string() });
const followed = z.object({ ...line, type: z.literal('redirect-followed') });

const record = z.discriminatedUnion('type', [started, minted, rescripted, read, refused, answered, outage, followed]);

export type LogRecord = z.infer<typeof record>;
export type ReadRecord = z.infer<typeof read>;
export type RefusedRecord = z.infer<typeof refused>;
export type MintedRecord = z.infer<typeof minted>;

/** A record before the log numbers and dates it. */
type Unnumbered<R> = R extends unknown ? Omit<R, 'seq' | 'at'> : never;
export type NewRecord = Unnumbered<LogRecord>;

/** A line of the log file is none of ours. */
export class ForeignLineError extends Error {
  override readonly name = 'ForeignLineError';

  constructor(lineNumber: number, options?: { cause?: unknown }) {
    super(`line ${lineNumber} of the emulator log is not one of its records`, options);
  }
}

/** Throws `ForeignLineError`, which names the line, never its content. */
export function parseLogLine(text: string, lineNumber: number): LogRecord {
  try {
    return record.parse(JSON.parse(text));
  } catch (cause) {
    throw new ForeignLineError(lineNumber, { cause });
  }
}
