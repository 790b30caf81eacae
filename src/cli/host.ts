import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { leaveAtOnce } from '../../workers/leave.ts';
import { EXIT_CODES } from '../contracts/errors.ts';

/** Lines of a file, or of standard input for `-`. */
export async function* readLines(path: string): AsyncGenerator<string> {
  const input = path === '-' ? process.stdin : createReadStream(path);
  // An error of the stream ends the reader silently, so it is kept and thrown here.
  let failure: Error | undefined;
  input.once('error', (error: Error) => {
    failure = error;
  });
  yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  if (failure !== undefined) throw failure;
}

/** `-` is standard input, which may well be called by a path, too. */
export async function isRepeatable(path: string): Promise<boolean> {
  try {
    return path !== '-' && (await stat(path)).isFile();
  } catch {
    // Whoever reads it tells why it cannot be read.
    return false;
  }
}

export async function confirm(question: string): Promise<boolean> {
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await new Promise<boolean>((resolve) => {
      asking.once('close', () => resolve(false));
      asking.question(`${question} [y/N] `, (answer) => resolve(/^y(es)?$/i.test(answer.trim())));
    });
  } finally {
    asking.close();
  }
}

export function interruption(): AbortSignal {
  const stopping = new AbortController();
  process.once('SIGINT', () => {
    stopping.abort();
    process.once('SIGINT', () => leaveAtOnce(EXIT_CODES.negative));
  });
  return stopping.signal;
}
