import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { endianness } from 'node:os';
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

const ENDIANNESS = endianness();
/** Every `STRIDE`th place of the bytes is looked at, so a needle is known by any of so many windows, and has to hold one of them whole. */
const STRIDE = 8;
const WINDOW = 4;
const SHORTEST = STRIDE + WINDOW - 1;
const CHUNK_BYTES = 4_194_304;
const HASH_BITS = 24;

/**
 * Looks for many thousands of needles in one pass over the bytes, and at few of these: whole stores have gigabytes, and a pass for each
 * needle would take days.
 */
export function createSearch(needles: readonly Needle[]): Search {
  const known = new Uint8Array(1 << (HASH_BITS - 3));
  const byWindow = new Map<number, { readonly needle: Needle; readonly offset: number }[]>();
  for (const needle of needles) {
    if (needle.bytes.length < SHORTEST) throw new Error(`a needle of the kind ${needle.kind} is too short`);
    for (let offset = 0; offset < STRIDE; offset += 1) {
      const window = ENDIANNESS === 'LE' ? needle.bytes.readUInt32LE(offset) : needle.bytes.readUInt32BE(offset);
      const bit = hashOf(window);
      known[bit >>> 3] = (known[bit >>> 3] ?? 0) | (1 << (bit & 7));
      const places = byWindow.get(window) ?? [];
      places.push({ needle, offset });
      byWindow.set(window, places);
    }
  }
  const longest = needles.reduce((most, { bytes }) => Math.max(most, bytes.length), SHORTEST);

  function collect(bytes: Buffer, found: Set<Needle>): void {
    const windows = new Uint32Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.length / WINDOW));
    for (let index = 0; index < windows.length; index += STRIDE / WINDOW) {
      const window = windows[index] ?? 0;
      const bit = hashOf(window);
      if (((known[bit >>> 3] ?? 0) & (1 << (bit & 7))) === 0) continue;
      for (const { needle, offset } of byWindow.get(window) ?? []) {
        const at = index * WINDOW - offset;
        const end = at + needle.bytes.length;
        if (at >= 0 && end <= bytes.length && bytes.compare(needle.bytes, 0, needle.bytes.length, at, end) === 0) found.add(needle);
      }
    }
  }

  return {
    inBytes(bytes) {
      const found = new Set<Needle>();
      // Read as words, hence from where a word may begin.
      const aligned = Buffer.alloc(bytes.length);
      bytes.copy(aligned);
      collect(aligned, found);
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

function hashOf(window: number): number {
  return Math.imul(window, 0x9e_37_79_b1) >>> (32 - HASH_BITS);
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
