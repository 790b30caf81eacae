import { isVerificationId } from '../../domain/ids.ts';
import { UsageError } from '../errors.ts';

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
    if (id === undefined) throw new UsageError(`line ${number}: ${NO_ID}`);
    if (seen.has(id)) continue;
    seen.add(id);
    yield id;
  }
}

/** As {@link idsOfLines}, for the arguments of a command: throws `UsageError` before anything is opened. */
export function idsOfArguments(given: readonly string[]): readonly string[] {
  const texts = given.map((text) => text.trim());
  const wrong = texts.findIndex((text) => text !== '' && idOf(text) === undefined);
  if (wrong >= 0) throw new UsageError(`argument ${wrong + 1}: ${NO_ID}`);
  return [...new Set(texts.flatMap((text) => idOf(text) ?? []))];
}

/** A verification has one row per run, and its replays are runs: each id once. */
export async function* idsOfRows(rows: AsyncIterable<{ readonly verificationId: string }>): AsyncGenerator<string> {
  const seen = new Set<string>();
  for await (const { verificationId } of rows) {
    if (seen.has(verificationId) || !isVerificationId(verificationId)) continue;
    seen.add(verificationId);
    yield verificationId;
  }
}

const NO_ID = 'no verification id (26 characters a–z, 2–7)';

function idOf(text: string): string | undefined {
  const id = (text.startsWith('{') ? idOfJson(text) : text)?.replace(/^fv-/, '');
  return id !== undefined && isVerificationId(id) ? id : undefined;
}

function idOfJson(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('verificationId' in value)) return undefined;
    return typeof value.verificationId === 'string' ? value.verificationId : undefined;
  } catch {
    // The parser's message quotes the line; its number is enough to find it.
    return undefined;
  }
}
