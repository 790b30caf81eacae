import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** Throws unless the file has exactly this SHA-256 (lower-case hex). */
export async function verifyChecksum(file: string, expected: string | undefined): Promise<void> {
  const name = basename(file);
  if (expected === undefined) throw new Error(`${name} has no pinned checksum: this version or platform is not one the local stack knows`);
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  const actual = hash.digest('hex');
  if (actual !== expected)
    throw new Error(`${name} has SHA-256 ${actual} instead of the pinned ${expected}: do not use it, check where it came from`);
}
