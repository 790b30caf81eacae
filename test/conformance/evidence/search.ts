import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Bytes to look for, of a kind by which finds are counted; at least `SHORTEST` of them. */
export type Needle = { readonly kind: string; readonly bytes: Buffer };

export type Search = {
  /** How many different needles of each kind are in these bytes. */
  inBytes(bytes: Buffer): Found;
  /** In every file of these paths, folders included with all below. */
  inFiles(...paths: readonly string[]): Found & { readonly searched: number };
};

type Found = { readonly finds: ReadonlyMap<string, number> };

const SHORTEST = 8;
const CHUNK_BYTES = 4_194_304;

/**
 * Looks for many thousands of needles in one pass over the bytes: a table by the first three bytes says where one can begin. Whole
 * stores have gigabytes, and a pass for each needle would take days.
 */
export function createSearch(needles: readonly Needle[]): Search {
  const begins = new Uint8Array(1 << 24);
  const byStart = new Map<number, Needle[]>();
  for (const needle of needles) {
    if (needle.bytes.length < SHORTEST) throw new Error(`a needle of the kind ${needle.kind} is too short`);
    begins[needle.bytes.readUIntBE(0, 3)] = 1;
    const start = needle.bytes.readUInt32BE(0);
    byStart.set(start, [...(byStart.get(start) ?? []), needle]);
  }
  const longest = needles.reduce((most, { bytes }) => Math.max(most, bytes.length), SHORTEST);

  function collect(bytes: Buffer, found: Set<Needle>): void {
    const end = bytes.length - SHORTEST;
    for (let at = 0, window = ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0); at <= end; at += 1) {
      window = ((window << 8) | (bytes[at + 2] ?? 0)) & 0xff_ff_ff;
      if (begins[window] === 0) continue;
      for (const needle of byStart.get(bytes.readUInt32BE(at)) ?? [])
        if (bytes.compare(needle.bytes, 0, needle.bytes.length, at, Math.min(bytes.length, at + needle.bytes.length)) === 0)
          found.add(needle);
    }
  }

  return {
    inBytes(bytes) {
      const found = new Set<Needle>();
      collect(bytes, found);
      return { finds: countsOf(found) };
    },
    inFiles(...paths) {
      const found = new Set<Needle>();
      let searched = 0;
      for (const path of paths.flatMap(filesOf))
        searched += eachChunk(path, { overlap: longest - 1, take: (bytes) => collect(bytes, found) });
      return { finds: countsOf(found), searched };
    },
  };
}

function countsOf(found: ReadonlySet<Needle>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { kind } of found) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}

function filesOf(path: string): readonly string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Undefined: a server that still runs has taken it away since it was listed. */
function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Chunks that overlap, so that nothing is missed where they meet. @returns the bytes of the file. */
function eachChunk(path: string, { overlap, take }: { readonly overlap: number; readonly take: (bytes: Buffer) => void }): number {
  const file = openIfThere(path);
  if (file === undefined) return 0;
  try {
    const chunk = Buffer.alloc(overlap + CHUNK_BYTES);
    for (let carried = 0, total = 0; ;) {
      const read = readSync(file, chunk, carried, CHUNK_BYTES, null);
      if (read === 0) return total;
      total += read;
      const bytes = chunk.subarray(0, carried + read);
      take(bytes);
      const rest = Math.min(overlap, bytes.length);
      chunk.copyWithin(0, bytes.length - rest, bytes.length);
      carried = rest;
    }
  } finally {
    closeSync(file);
  }
}

/** The bytes as they are, in hexadecimal, and as Base64 wherever they may begin in what was encoded with them. */
export function formsOf(kind: string, bytes: Uint8Array): readonly Needle[] {
  const inBase64 = [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
    return Buffer.from(text.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + bytes.length) * 8) / 6)));
  });
  return [Buffer.from(bytes), Buffer.from(Buffer.from(bytes).toString('hex')), ...inBase64].map((form) => ({ kind, bytes: form }));
}
