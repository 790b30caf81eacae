import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { KeyMark } from '../contracts/process-mark.ts';
import { Secret } from './redact.ts';

/** A sealing key: `id` is public and travels in the envelope, the key is 32 bytes for AES-256-GCM. */
export type TokenKey = { readonly id: string; readonly key: Secret<Buffer> };

const HOW = 'write id:base64-of-32-bytes[,id:…], e.g. made with: echo "k1:$(openssl rand -base64 32)"';

/** Commas, and in files line breaks. */
export const SEPARATOR = /\s*[,\n]\s*/;

/** Parses `VF_TOKEN_KEYS`. Problems name the position of the entry, never its content. */
export function tokenKeys(): z.ZodType<readonly TokenKey[], string> {
  return z.string().transform((text, context) => {
    const keys: TokenKey[] = [];
    for (const [index, entry] of text.trim().split(SEPARATOR).entries()) {
      const key = parseEntry(entry.trim());
      const what = key === undefined ? 'is not id:base64-of-32-bytes' : repetitionOf(key, keys);
      if (key !== undefined && what === undefined) {
        keys.push(key);
        continue;
      }
      context.issues.push({ code: 'custom', message: `entry ${index + 1} ${what}; ${HOW}`, input: undefined });
    }
    return keys;
  });
}

/** The same key under another id would look like a rotation and be none: what the old one opens, the new one would open for ever. */
function repetitionOf(key: TokenKey, earlier: readonly TokenKey[]): string | undefined {
  if (earlier.some(({ id }) => id === key.id)) return 'repeats the id of an earlier one';
  return earlier.some((other) => isSameKey(other, key)) ? 'repeats the key of an earlier one under another id' : undefined;
}

function isSameKey(one: TokenKey, other: TokenKey): boolean {
  return one.key.reveal().equals(other.key.reveal());
}

function parseEntry(entry: string): TokenKey | undefined {
  const match = /^([A-Za-z0-9_-]{1,32}):([A-Za-z0-9+/]{43}=)$/.exec(entry);
  const [, id, encoded] = match ?? [];
  if (id === undefined || encoded === undefined) return undefined;
  const key = Buffer.from(encoded, 'base64');
  return key.length === 32 ? { id, key: new Secret(key) } : undefined;
}

const PRINT_CHARACTERS = 8;

/**
 * By which processes compare their keys. 32 bits of a hash under a label of its own: a key of 32 random bytes cannot be found
 * from them, and they say nothing about what the key has sealed.
 */
export function markOf({ id, key }: TokenKey): KeyMark {
  const hash = createHash('sha256').update(`verdictflow:key-print:v1:${id}:`).update(key.reveal()).digest('hex');
  return { id, print: hash.slice(0, PRINT_CHARACTERS) };
}
