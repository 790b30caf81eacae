import { EXIT_CODES, exitCodeOf, messageOf } from '../contracts/errors.ts';
import type { JournalFile } from '../operator/replay/ports.ts';
import type { CliIo } from './io.ts';
import type { MandateOptions } from './mandate.ts';
import { createProgress, type Progress } from './progress.ts';

/** What every command takes that plans into a journal, asks, and then works the journal off. */
export type JournalOptions = MandateOptions & {
  /** Worked off per second at most. */
  readonly rate: number;
  readonly yes?: true;
  readonly journal?: string;
  readonly dryRun?: true;
  readonly json?: true;
};

export type OpenJournal = { readonly file: JournalFile; readonly path: string };

/** Does `work` with the journal that is named, or a new one of this command, which nobody else can take meanwhile. */
export async function withJournal(
  { io, command, journal }: { readonly io: CliIo; readonly command: string; readonly journal: string | undefined },
  work: (opened: OpenJournal) => Promise<number>,
): Promise<number> {
  const path = journal ?? `.verdictflow/${command}-${new Date(io.now()).toISOString().replaceAll(/[:.]/g, '-')}.ndjson`;
  const file = io.journal(path);
  try {
    await file.lock();
    return await work({ file, path });
  } finally {
    await file.close();
  }
}

/** The command that goes on with the journal at `path`, as fast as this one and without asking. */
export function goOnText(
  command: string,
  { path, rate, usualRate }: { readonly path: string; readonly rate: number; readonly usualRate: number },
): string {
  return `verdictflow ${command} --yes --journal ${path}${rate === usualRate ? '' : ` --rate ${rate}`}`;
}

/** What ended it before its end, and the exit code for it. */
export type Stop = { readonly why: string; readonly code: number };

type WorkingOff = { readonly io: CliIo; readonly open: number; readonly signal: AbortSignal };

/** Works `open` lines off behind a bar; `work` calls `step` after each. Resolves with what stopped it: an error, or `signal`. */
export async function workOff(
  { io, open, signal }: WorkingOff,
  work: (bar: Pick<Progress, 'aside'> & { step(): void }) => Promise<void>,
): Promise<Stop | undefined> {
  const { aside, update, end } = createProgress(io, open);
  let done = 0;
  const step = (): void => {
    done += 1;
    update(done);
  };
  try {
    await work({ aside, step });
  } catch (error) {
    return { why: messageOf(error), code: exitCodeOf(error) };
  } finally {
    end();
  }
  return signal.aborted ? { why: 'interrupted', code: EXIT_CODES.negative } : undefined;
}
