import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { firstSignal, leaveAtOnce } from '../../workers/signals.ts';

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

/** `-` is standard input, and so may be a path of a device: what was read from there may not come again. */
export async function isRepeatable(path: string): Promise<boolean> {
  try {
    return path !== '-' && !path.startsWith('/dev/') && (await stat(path)).isFile();
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

/** SIGTERM, too: a job that is cancelled, or a container that is stopped, sends nothing else before it kills. */
export function interruption(): AbortSignal {
  const stopping = new AbortController();
  void firstSignal({ source: process, forceExit: leaveAtOnce }).then(() => stopping.abort());
  return stopping.signal;
}
