import { createHash } from 'node:crypto';
import type { Dir } from 'node:fs';
import { constants, link, mkdir, open, opendir, rename, rm, rmdir, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { clearAbandoned, releaseLock, tryLock } from '../async/file-lock.ts';
import { sleep } from '../async/sleep.ts';
import { systemCode } from '../contracts/errors.ts';
import { type Blob, type BlobStore, isBlobName, type ListedBlob, StoreError, type StoreFault } from './blob-store.ts';

type FolderOptions = {
  /** Absolute. It has to be there: an empty mount point would be written to in its stead. */
  readonly root: string;
  /** The setting that names it, for errors. */
  readonly setting: string;
};

const ONLY_OWNER_ENTERS = 0o700;
const ONLY_OWNER_READS = 0o600;
const LOCK_WAIT_MS = 5_000;

/**
 * Files of one machine. Whatever changes a file does so alone, under a lock beside it, and in one step: the bytes are written to a file
 * of their own, flushed, and get their name at once. What a crash leaves is this half-made file, whose name follows from that of the
 * whole one, so that whoever deletes or replaces the one ends the other with it.
 */
export function createFolderStore({ root, setting }: FolderOptions): BlobStore {
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw error instanceof StoreError ? error : await folderError(error, { root, setting });
    }
  };
  /** Alone with this name. `make`: its folder is made, if it is not there. */
  const alone = <T>(name: string, work: (paths: Paths) => Promise<T>, make: boolean): Promise<T | undefined> =>
    guarded(async () => {
      const paths = pathsOf(root, name);
      if (!(await enter(paths, { make, setting }))) return undefined;
      try {
        return await work(paths);
      } finally {
        await releaseLock(paths.lock);
      }
    });
  return {
    create: async (name, bytes) =>
      (await alone(name, async (paths) => await createFile(paths, bytes), true)) ?? unreachable(setting, 'the folder vanished'),
    replace: async (name, { bytes, tag }) =>
      (await alone(name, async (paths) => await replaceFile(paths, { bytes, tag }), false)) ?? 'CHANGED',
    read: async (name, { firstBytes } = {}) => await guarded(async () => await readBlob(pathsOf(root, name).whole, firstBytes)),
    async delete(name) {
      try {
        await alone(name, deleteFiles, false);
      } catch (error) {
        if (!(error instanceof StoreError) || error.why !== 'FULL') throw error;
        // No room for a lock either, and nothing but deleting makes any. Whoever replaces it meanwhile finds no room for that.
        await guarded(async () => await deleteFiles(pathsOf(root, name)));
      }
      // A folder that is named after a verification says that there was one.
      await guarded(async () => await tidy(pathsOf(root, name).folder, root));
    },
    async *list(folder) {
      const found = walk(join(root, folder), folder);
      for (;;) {
        const next = await guarded(async () => await found.next());
        if (next.done === true) {
          // A root that is not there is no empty store.
          await guarded(async () => await stat(root));
          return;
        }
        yield next.value;
      }
    },
  };
}

type Paths = { readonly folder: string; readonly whole: string; readonly part: string; readonly lock: string };

function pathsOf(root: string, name: string): Paths {
  if (!isBlobName(name)) throw new Error('not a name of a blob');
  const whole = join(root, name);
  const folder = dirname(whole);
  const base = whole.slice(folder.length + 1);
  return { folder, whole, part: join(folder, `.${base}.part`), lock: join(folder, `.${base}.lock`) };
}

/** Takes the lock; false if there is no folder for it. */
async function enter({ folder, lock }: Paths, { make, setting }: { readonly make: boolean; readonly setting: string }): Promise<boolean> {
  const untilMs = Date.now() + LOCK_WAIT_MS;
  while (Date.now() < untilMs) {
    try {
      if (await tryLock(lock)) return true;
      if (!(await clearAbandoned(lock))) await sleep(5);
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error;
      if (!make) return false;
      // Whoever deletes the last file of a folder removes it: then it is made once more.
      await mkdir(folder, { mode: ONLY_OWNER_ENTERS }).catch(unless('EEXIST'));
    }
  }
  return unreachable(setting, 'another process does not let go of a file');
}

async function createFile({ folder, whole, part }: Paths, bytes: Uint8Array): Promise<'CREATED' | 'EXISTS'> {
  if ((await stat(whole).catch(unless('ENOENT'))) !== undefined) return 'EXISTS';
  await writeWhole(part, bytes);
  try {
    // Unlike a rename, a link replaces nothing.
    await link(part, whole);
  } finally {
    await unlink(part);
  }
  await flushFolder(folder);
  return 'CREATED';
}

async function replaceFile({ folder, whole, part }: Paths, { bytes, tag }: Blob): Promise<'REPLACED' | 'CHANGED'> {
  const standing = await readBlob(whole);
  if (standing?.tag !== tag) return 'CHANGED';
  await writeWhole(part, bytes);
  await rename(part, whole);
  await flushFolder(folder);
  return 'REPLACED';
}

async function deleteFiles({ folder, whole, part }: Paths): Promise<void> {
  for (const file of [whole, part]) await unlink(file).catch(unless('ENOENT'));
  await flushFolder(folder);
}

/** What is half written is taken away again, if that is possible: a full disk must not keep what nobody can read. */
async function writeWhole(part: string, bytes: Uint8Array): Promise<void> {
  await unlink(part).catch(unless('ENOENT'));
  const file = await open(part, 'wx', ONLY_OWNER_READS);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

async function readBlob(path: string, firstBytes?: number): Promise<Blob | undefined> {
  // Without O_NONBLOCK whoever opens a named pipe would wait for ever.
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(unless('ENOENT'));
  if (file === undefined) return undefined;
  try {
    const bytes = await file.readFile();
    return {
      bytes: bytes.subarray(0, firstBytes),
      tag: createHash('sha256').update(bytes).digest('hex'),
    };
  } finally {
    await file.close();
  }
}

/** The name of a file lasts only once its folder is flushed. */
async function flushFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function tidy(folder: string, root: string): Promise<void> {
  if (folder !== root) await rmdir(folder).catch(unless('ENOENT', 'ENOTEMPTY', 'EEXIST'));
}

/** Files come and go meanwhile: those that are there throughout are found, once each. */
async function* walk(path: string, folder: string): AsyncGenerator<ListedBlob> {
  const entries: Dir | undefined = await opendir(path).catch(unless('ENOENT'));
  if (entries === undefined) return;
  for await (const entry of entries) {
    const name = `${folder}${entry.name}`;
    if (entry.name.startsWith('.')) continue;
    if (entry.isDirectory()) yield* walk(join(path, entry.name), `${name}/`);
    else if (entry.isFile() && isBlobName(name)) {
      const found = await stat(join(path, entry.name)).catch(unless('ENOENT'));
      if (found !== undefined) yield { name, bytes: found.size, storedAtMs: found.mtimeMs };
    }
  }
}

function unless(...codes: readonly string[]): (error: unknown) => undefined {
  return (error) => {
    if (!codes.includes(systemCode(error) ?? '')) throw error;
    return undefined;
  };
}

function unreachable(setting: string, what: string): never {
  throw new StoreError('UNREACHABLE', `${setting}: ${what}; it is worth another attempt`);
}

const REMEDIES: Readonly<Record<StoreFault, string>> = {
  FULL: 'make room there',
  REFUSED: 'let this process write there',
  UNREACHABLE: 'look at the disk, or what is mounted there',
};

async function folderError(error: unknown, { root, setting }: FolderOptions): Promise<Error> {
  const code = systemCode(error);
  // A defect is none of the folder's.
  if (code === undefined) return error instanceof Error ? error : new Error(String(error));
  const isThere = await stat(root).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isThere && code !== 'EACCES')
    return new StoreError('REFUSED', `${setting}: the folder is not there; make it, or mount it`, { cause: error });
  const why = faultOf(code);
  return new StoreError(why, `${setting}: the folder does not take or give a file (${code}); ${REMEDIES[why]}`, { cause: error });
}

function faultOf(code: string): StoreFault {
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'FULL';
  return ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'ELOOP', 'EISDIR'].includes(code) ? 'REFUSED' : 'UNREACHABLE';
}
