import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { ForeignLineError, type LogRecord, parseLogLine } from './log-records.ts';

/** Of every record. */
const BEGINNING = '{"seq":';

/**
 * The records of a log file, in order. A last line without its newline is left out: it was being written when the
 * process died, so nothing was answered on its account. Throws on any other unreadable line, and on a file that is one
 * line of something else: whoever appends would cut it off.
 */
export async function* logRecords(path: string): AsyncGenerator<LogRecord> {
  const stream = createReadStream(path, 'utf8');
  let lastCharacter = '\n';
  stream.on('data', (chunk) => {
    lastCharacter = String(chunk.at(-1) ?? lastCharacter);
  });
  let held: string | undefined;
  let lineNumber = 0;
  for await (const text of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (held !== undefined) yield parseLogLine(held, lineNumber);
    held = text;
    lineNumber += 1;
  }
  if (held === undefined) return;
  if (lastCharacter === '\n') yield parseLogLine(held, lineNumber);
  else if (lineNumber === 1 && !BEGINNING.startsWith(held.slice(0, BEGINNING.length))) throw new ForeignLineError(lineNumber);
}
