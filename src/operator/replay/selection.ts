import { isVerificationId } from '../../domain/ids.ts';
import { UsageError } from '../errors.ts';
import { InterruptedError, type Patience, PoisonError } from './patience.ts';

/**
 * Verification ids from lines: bare ids, workflow ids, or JSON objects with `verificationId` (a plan, a list of
 * outcomes). Each id once. Throws `UsageError` naming a wrong line by number, never by content: it may be a token.
 */
export async function* idsOfLines(lines: AsyncIterable<string>): AsyncGenerator<string> {
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

/** As {@link idsOfLines}, for the arguments of a command: throws `UsageError` before anything is opened. */
export function idsOfArguments(given: readonly string[]): readonly string[] {
  const texts = given.map((text) => text.trim());
  const wrong = texts.findIndex((text) => text !== '' && idOf(text) === undefined);
  if (wrong >= 0) throw new UsageError(`argument ${wrong + 1} is not a ${ID}`);
  return [...new Set(texts.flatMap((text) => idOf(text) ?? []))];
}

type Row = { readonly verificationId: string };

/**
 * A verification has one row per run, and its replays are runs: each id once. A listing that breaks off in the middle
 * is begun again once Temporal answers; one that cannot even be begun rejects.
 */
export async function* idsOfRows(list: () => AsyncIterable<Row>, patience: Patience): AsyncGenerator<string> {
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
  throw error instanceof PoisonError ? error.cause : error;
}

const ID = 'verification id (26 characters a–z, 2–7; "verdictflow show --token -" prints that of a token)';

function idOf(text: string): string | undefined {
  const id = (text.startsWith('{') ? idOfJson(text) : text)?.replace(/^fv-/, '');
  return id !== undefined && isVerificationId(id) ? id : undefined;
}

function idOfJson(text: string): string | undefined {
  const value = objectOf(text);
  return value !== undefined && 'verificationId' in value && typeof value.verificationId === 'string' ? value.verificationId : undefined;
}

/** The last line of a plan in JSON. */
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
