import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, inflateRaw } from 'node:zlib';

/** `body`: as it came, if it needed no decoding or could not be decoded. */
export type DecodedBody = { readonly kind: 'BODY'; readonly body: Uint8Array; readonly decoded: boolean } | { readonly kind: 'TOO_LARGE' };

type Decoder = (body: Uint8Array, options: { readonly maxOutputLength: number }) => Promise<Uint8Array>;

// In a thread of their own, and never more than the limit: a bomb of a megabyte is a gigabyte.
const GUNZIP: Decoder = promisify<Uint8Array, { maxOutputLength: number }, Buffer>(gunzip);
const INFLATE: Decoder = promisify<Uint8Array, { maxOutputLength: number }, Buffer>(inflate);
const INFLATE_RAW: Decoder = promisify<Uint8Array, { maxOutputLength: number }, Buffer>(inflateRaw);
const BROTLI: Decoder = promisify<Uint8Array, { maxOutputLength: number }, Buffer>(brotliDecompress);

/** More layers than any server applies; each costs another pass over the body. */
const MAX_LAYERS = 3;

/**
 * Undoes the declared `content-encoding`, although none was asked for: gzip, deflate (with or without its header) and br,
 * also several. A gzip that nobody declared is known by its first bytes. What does not decode is left as it is, because
 * some gateways decode and forget the header.
 */
export async function decodeBody(
  body: Uint8Array,
  { encoding, maxBytes }: { encoding: string | undefined; maxBytes: number },
): Promise<DecodedBody> {
  const declared = layersOf(encoding);
  const layers = declared.length === 0 && body[0] === 0x1f && body[1] === 0x8b ? ['gzip'] : declared;
  if (layers.length === 0 || layers.length > MAX_LAYERS) return { kind: 'BODY', body, decoded: false };
  let decoded = body;
  for (const layer of layers.toReversed()) {
    const next = await undo(layer, { body: decoded, maxBytes });
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
  { body, maxBytes }: { body: Uint8Array; maxBytes: number },
): Promise<Uint8Array | 'TOO_LARGE' | 'NOT_ENCODED'> {
  for (const decode of decodersOf(layer)) {
    try {
      return await decode(body, { maxOutputLength: maxBytes });
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') return 'TOO_LARGE';
      // Not encoded so: the next decoder, or the body as it is, tells more than the error.
    }
  }
  return 'NOT_ENCODED';
}

function decodersOf(layer: string): readonly Decoder[] {
  switch (layer) {
    case 'gzip':
    case 'x-gzip':
      return [GUNZIP];
    case 'deflate':
      return [INFLATE, INFLATE_RAW];
    case 'br':
      return [BROTLI];
    default:
      return [];
  }
}
