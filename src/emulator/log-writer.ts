import { type FileHandle, open } from 'node:fs/promises';

/** Appends lines; each promise resolves once its line is on disk, and rejects if that failed. */
export type LogWriter = {
  append(line: string): Promise<void>;
  /** Writes what is pending, then closes. */
  close(): Promise<void>;
};

type Waiting = { readonly line: string; readonly resolve: () => void; readonly reject: (error: unknown) => void };

/** Group commit: all lines that came while the disk was busy share the next write and the next fdatasync. */
export async function openLogWriter(path: string): Promise<LogWriter> {
  const file = await open(path, 'a+');
  await cutTornTail(file);
  let waiting: Waiting[] = [];
  let draining: Promise<void> | undefined;

  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        await file.appendFile(batch.map(({ line }) => `${line}\n`).join(''));
        await file.datasync();
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    draining = undefined;
  }

  return {
    append: async (line) =>
      await new Promise<void>((resolve, reject) => {
        waiting.push({ line, resolve, reject });
        draining ??= drain();
      }),
    close: async () => {
      await draining;
      await file.close();
    },
  };
}

/** A line cut off by a crash must not run into the next one. */
async function cutTornTail(file: FileHandle): Promise<void> {
  const { size } = await file.stat();
  const tail = Buffer.alloc(Math.min(size, 64 * 1024));
  await file.read(tail, 0, tail.length, size - tail.length);
  const torn = tail.length - 1 - tail.lastIndexOf(0x0a);
  if (torn > 0) await file.truncate(size - torn);
}
