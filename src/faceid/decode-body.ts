import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';
import { GrowingBuffer } from './exchange.ts';

/** `body`: as it came, if it needed no decoding or could not be decoded. */
export type DecodedBody = { readonly kind: 'BODY'; readonly body: Uint8Array; readonly decoded: boolean } | { readonly kind: 'TOO_LARGE' };

/** Works in a thread of its own. */
type Decoder = (options: { readonly chunkSize: number }) => Transform;

const CHUNK = { chunkSize: 64 * 1024 };

/** `maxBytes`: of each layer. `mayTake`: asked before more memory is taken. */
type Limits = { readonly maxBytes: number; readonly mayTake: (bytes: number) => boolean };

/** More layers than any server applies; each costs another pass over the body. */
const MAX_LAYERS = 3;

/**
 * Undoes the declared `content-encoding`, although none was asked for: gzip, deflate (with or without its header) and br,
 * also several. A gzip that nobody declared is known by its first bytes. What does not decode is left as it is, because
 * some gateways decode and forget the header.
 */
export async function decodeBody(
  body: Uint8Array,
  { encoding, ...limits }: { encoding: string | undefined } & Limits,
): Promise<DecodedBody> {
  const declared = layersOf(encoding);
  const layers = declared.length === 0 && body[0] === 0x1f && body[1] === 0x8b ? ['gzip'] : declared;
  if (layers.length === 0 || layers.length > MAX_LAYERS) return { kind: 'BODY', body, decoded: false };
  let decoded = body;
  for (const layer of layers.toReversed()) {
    const next = await undo(layer, { body: decoded, ...limits });
    if (next === 'TOO_LARGE') return { kind: 'TOO_LARGE' };
    if (next === 'NOT_ENCODED') return { kind: 'BODY', body, decoded: false };
    decoded = next;
  }
  return { kind: 'BODY', body: decoded, decoded: true };
}

function layersOf(encoding: string | undefined): readonly string[] {
  const layers = (encoding ?? '')
    .toLowerCase()
    .split(',')
    .map((layer) => layer.trim());
  return layers.filter((layer) => layer !== '' && layer !== 'identity');
}

async function undo(
  layer: string,
  { body, maxBytes, mayTake }: { body: Uint8Array } & Limits,
): Promise<Uint8Array | 'TOO_LARGE' | 'NOT_ENCODED'> {
  for (const decode of decodersOf(layer)) {
    const decoded = new GrowingBuffer(maxBytes, mayTake);
    const stream = decode(CHUNK);
    stream.end(body);
    try {
      // A bomb of a megabyte is a gigabyte: it takes no more than anybody has room for.
      for await (const chunk of stream) if (!(chunk instanceof Buffer) || !decoded.append(chunk)) return 'TOO_LARGE';
      return decoded.take();
    } catch {
      // Not encoded so: the next decoder, or the body as it is, tells more than the error.
    }
  }
  return 'NOT_ENCODED';
}

function decodersOf(layer: string): readonly Decoder[] {
  switch (layer) {
    case 'gzip':
    case 'x-gzip':
      return [createGunzip];
    case 'deflate':
      return [createInflate, createInflateRaw];
    case 'br':
      return [createBrotliDecompress];
    default:
      return [];
  }
}
