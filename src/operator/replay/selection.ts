import { defined } from '../../domain/defined.ts';
import { isVerificationId } from '../../domain/ids.ts';
import { fileProblem, UsageError } from '../errors.ts';
import { listQuery } from '../list-query.ts';
import type { VerificationReader } from '../ports.ts';
import { idIn } from '../verification-id.ts';
import { InterruptedError, OwnFaultError, type Patience } from './patience.ts';
import type { SelectedBy } from './plan-line.ts';
import type { IdFiles } from './ports.ts';

/** What a person may select by, beside ids as arguments. */
export type SelectBy = {
  readonly file?: string;
  readonly outcome?: string;
  readonly since?: string;
  /** Code of the first reason. */
  readonly withReason?: string;
  /** Condition in the query language of Temporal's visibility. */
  readonly query?: string;
};

export type Selection = {
  /** `patience`: for the listing. Each id comes once. */
  readonly ids: (reader: Pick<VerificationReader, 'list'>, patience: Patience) => AsyncIterable<string>;
  /** How many they are, if that is known before. */
  readonly count?: number;
  /** To be checked against the ledger. */
  readonly selectedBy?: SelectedBy;
};

/**
 * Ids as arguments, a file, or visibility; exactly one of them. Throws `UsageError`, for a file that can be read twice
 * before anything is opened or looked up.
 */
export async function selectionOf(
  given: readonly string[],
  { by, files, nowMs }: { readonly by: SelectBy; readonly files: IdFiles; readonly nowMs: number },
): Promise<Selection> {
  const { file, outcome, since, withReason, query } = by;
  const byVisibility = [outcome, since, withReason, query].some((value) => value !== undefined);
  const ways = [given.length > 0, file !== undefined, byVisibility].filter(Boolean).length;
  if (ways !== 1) throw new UsageError('say which verifications: ids, or --file, or a selection such as --outcome ERROR --since 2h');
  if (!byVisibility) return await idsOf(given, { files, ...defined({ file }) });
  const visible = listQuery(defined({ outcome, since, reason: withReason, query }), nowMs);
  return {
    ids: (reader, patience) => idsOfRows(() => reader.list(visible, Number.POSITIVE_INFINITY), patience),
    selectedBy: defined({ outcome: outcome?.toUpperCase(), reason: withReason?.toUpperCase() }),
  };
}

/** Ids as arguments, or those of a file. Throws `UsageError`. */
export async function idsOf(
  given: readonly string[],
  { file, files }: { readonly file?: string; readonly files: IdFiles },
): Promise<{ readonly ids: () => AsyncIterable<string>; readonly count?: number }> {
  if (file === undefined) {
    const ids = idsOfArguments(given);
    return { ids: () => each(ids), count: ids.length };
  }
  const ids = (): AsyncIterable<string> => idsOfLines(linesOrExplain(file, files));
  return { ids, ...defined({ count: (await files.isRepeatable(file)) ? await countOf(ids()) : undefined }) };
}

/** Throws `UsageError` naming a wrong one by number, never by content: it may be a token. */
function idsOfArguments(given: readonly string[]): readonly string[] {
  const texts = given.map((text) => text.trim());
  const wrong = texts.findIndex((text) => text !== '' && idOf(text) === undefined);
  if (wrong >= 0) throw new UsageError(`argument ${wrong + 1} is not a ${ID}`);
  return [...new Set(texts.flatMap((text) => idOf(text) ?? []))];
}

async function* each(ids: readonly string[]): AsyncGenerator<string> {
  yield* ids;
}

/**
 * Verification ids from lines: bare ids, workflow ids, or JSON objects with `verificationId` (a plan, a list of
 * outcomes). Throws `UsageError` naming a wrong line by number, never by content: it may be a token.
 */
async function* idsOfLines(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let number = 0;
  const seen = new Set<string>();
  for await (const raw of lines) {
    number += 1;
    const text = raw.trim();
    if (text === '') continue;
    const id = idOf(text);
    if (id === undefined && isTotals(text)) continue;
    if (id === undefined) throw new UsageError(`line ${number} is not a ${ID}`);
    if (seen.has(id)) continue;
    seen.add(id);
    yield id;
  }
}

async function* linesOrExplain(path: string, files: IdFiles): AsyncGenerator<string> {
  try {
    yield* files.lines(path);
  } catch (error) {
    throw fileProblem(path, error);
  }
}

async function countOf(ids: AsyncIterable<string>): Promise<number> {
  const all = ids[Symbol.asyncIterator]();
  let count = 0;
  while ((await all.next()).done !== true) count += 1;
  return count;
}

type Row = { readonly verificationId: string };

/**
 * A verification has one row per run, and its replays are runs, so ids seen before are left out. A listing that breaks
 * off in the middle is begun again once Temporal answers; one that cannot even be begun rejects.
 */
async function* idsOfRows(list: () => AsyncIterable<Row>, patience: Patience): AsyncGenerator<string> {
  const seen = new Set<string>();
  let rows = list()[Symbol.asyncIterator]();
  let next = await rows.next();
  while (next.done !== true) {
    const { verificationId } = next.value;
    if (!seen.has(verificationId) && isVerificationId(verificationId)) {
      seen.add(verificationId);
      yield verificationId;
    }
    next = await patience(async (attempt) => {
      if (attempt > 1) rows = list()[Symbol.asyncIterator]();
      return await rows.next();
    }).catch(endOrCause);
  }
}

/** An interrupted listing is over. What is wrong with a listing concerns every verification. */
function endOrCause(error: unknown): { readonly done: true; readonly value: undefined } {
  if (error instanceof InterruptedError) return { done: true, value: undefined };
  throw error instanceof OwnFaultError ? error.cause : error;
}

const ID = 'verification id (26 characters a–z, 2–7; "verdictflow show --token -" prints that of a token)';

function idOf(text: string): string | undefined {
  const id = text.startsWith('{') ? idOfJson(text) : text;
  return id === undefined ? undefined : idIn(id);
}

function idOfJson(text: string): string | undefined {
  const value = objectOf(text);
  return value !== undefined && 'verificationId' in value && typeof value.verificationId === 'string' ? value.verificationId : undefined;
}

/** True for the last line of a plan in JSON. */
function isTotals(text: string): boolean {
  const value = objectOf(text);
  return value !== undefined && 'totals' in value && !('verificationId' in value);
}

function objectOf(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    // The parser's message quotes the line; its number is enough to find it.
    return undefined;
  }
}
