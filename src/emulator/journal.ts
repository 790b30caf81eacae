import { existsSync } from 'node:fs';
import { createLedger, type Ledger } from './ledger.ts';
import { logRecords } from './log-lines.ts';
import { ForeignLineError, type LogRecord, type NewRecord } from './log-records.ts';
import { type LogWriter, openLogWriter } from './log-writer.ts';
import { EmulatorOptionError, systemCode } from './option-error.ts';

export type Noted = {
  readonly seq: number;
  /** Resolves once the record is on disk (at once without a log file). Rejects when it could not be written. */
  readonly durable: Promise<void>;
};

/** Numbers, dates and applies records, and keeps them in the log file. */
export type Journal = {
  readonly ledger: Ledger;
  note(record: NewRecord): Noted;
  /** False once a record was lost: the log is no oracle any more, and nothing may be answered. */
  intact(): boolean;
  close(): Promise<void>;
};

/** Opens the log and rebuilds the ledger from it, so that quota is never forgotten. Rejects with `EmulatorOptionError`. */
export async function openJournal(options: { logPath?: string | undefined; now: () => number }): Promise<Journal> {
  const { logPath, now } = options;
  const ledger = createLedger();
  const writer = logPath === undefined ? undefined : await openLog(logPath, ledger);
  let intact = true;

  function note(fresh: NewRecord): Noted {
    const record: LogRecord = { seq: ledger.lastSeq() + 1, at: new Date(now()).toISOString(), ...fresh };
    ledger.apply(record);
    const durable = writer?.append(JSON.stringify(record)) ?? Promise.resolve();
    // Callers that do not wait (answers) must still make the failure known, through `intact`.
    durable.catch(() => {
      intact = false;
    });
    return { seq: record.seq, durable };
  }

  return { ledger, note, intact: () => intact, close: async () => await writer?.close() };
}

async function openLog(path: string, ledger: Ledger): Promise<LogWriter> {
  try {
    if (existsSync(path)) for await (const record of logRecords(path)) ledger.apply(record);
    return await openLogWriter(path);
  } catch (cause) {
    const code = systemCode(cause);
    if (code === undefined && !(cause instanceof ForeignLineError)) throw cause;
    const why = cause instanceof ForeignLineError ? cause.message : `it cannot be written (${code})`;
    throw new EmulatorOptionError('logPath', `${why}; name a file of its own, in a folder that exists`, { cause });
  }
}
