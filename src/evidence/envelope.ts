import { z } from 'zod';
import { textJson } from '../contracts/wire/value-json.ts';
import { EVIDENCE_KINDS } from '../domain/evidence.ts';
import { BOX_BYTES, opened, sealedParts } from '../temporal/aes-gcm.ts';

/**
 * One kept object: `VFE`, version, length of the header, header, nonce, ciphertext, tag. AES-256-GCM; authenticated with it are the
 * verification, the name of the object, version and header, so that no object opens in the place of another.
 */
const MAGIC = Buffer.from('VFE', 'latin1');
const VERSION = 1;
const PREFIX_BYTES = MAGIC.length + 1 + 2;
const LONGEST_HEADER = 512;

/** So many bytes of an envelope tell its header. */
export const HEADER_WITHIN_BYTES = PREFIX_BYTES + LONGEST_HEADER;

const headerSchema = z.object({ kind: z.enum(EVIDENCE_KINDS), contentType: z.string() });

export type EnvelopeHeader = Readonly<z.output<typeof headerSchema>>;

/** Whose object it is. */
export type Place = { readonly verificationId: string; readonly object: string };

/** The bytes are no envelope, or not the one that was put there. */
export class EnvelopeBrokenError extends Error {
  override readonly name = 'EnvelopeBrokenError';
}

type Plain = { readonly header: EnvelopeHeader; readonly bytes: Uint8Array };

/** Encrypts with the data key of the verification, which is used for few objects: a random nonce does. */
export function sealEnvelope(dataKey: Uint8Array, place: Place, { header, bytes }: Plain): Buffer {
  const head = headOf(header);
  return Buffer.concat([head, ...sealedParts(dataKey, { clear: bytes, boundTo: boundTo(place, head) })]);
}

/** @throws EnvelopeBrokenError */
export function openEnvelope(dataKey: Uint8Array, place: Place, envelope: Uint8Array): Plain {
  const bytes = Buffer.from(envelope.buffer, envelope.byteOffset, envelope.byteLength);
  const { header, headBytes } = readHead(bytes);
  const clear = opened(dataKey, { box: bytes.subarray(headBytes), boundTo: boundTo(place, bytes.subarray(0, headBytes)) });
  if (clear === undefined) throw new EnvelopeBrokenError('it was truncated or altered, or belongs to another verification or object');
  return { header, bytes: clear };
}

/** What the beginning of an envelope says of it; not authenticated. `storedBytes`: of the whole. @throws EnvelopeBrokenError */
export function peekEnvelope(beginning: Uint8Array, storedBytes: number): EnvelopeHeader & { readonly bytes: number } {
  const { header, headBytes } = readHead(Buffer.from(beginning.buffer, beginning.byteOffset, beginning.byteLength));
  const bytes = storedBytes - headBytes - BOX_BYTES;
  if (bytes < 0) throw new EnvelopeBrokenError('it is too short');
  return { ...header, bytes };
}

function headOf({ kind, contentType }: EnvelopeHeader): Buffer {
  const header = Buffer.from(JSON.stringify({ kind, contentType }), 'utf8');
  if (header.length > LONGEST_HEADER) throw new Error('the content type is too long for an envelope');
  const prefix = Buffer.alloc(PREFIX_BYTES);
  MAGIC.copy(prefix);
  prefix.writeUInt8(VERSION, MAGIC.length);
  prefix.writeUInt16BE(header.length, MAGIC.length + 1);
  return Buffer.concat([prefix, header]);
}

function readHead(bytes: Buffer): { readonly header: EnvelopeHeader; readonly headBytes: number } {
  if (bytes.length < PREFIX_BYTES || !bytes.subarray(0, MAGIC.length).equals(MAGIC))
    throw new EnvelopeBrokenError('it is no envelope of ours');
  const version = bytes.readUInt8(MAGIC.length);
  if (version !== VERSION) throw new EnvelopeBrokenError(`it is of version ${version}, which this program does not know`);
  const headBytes = PREFIX_BYTES + bytes.readUInt16BE(MAGIC.length + 1);
  if (headBytes > HEADER_WITHIN_BYTES || headBytes > bytes.length) throw new EnvelopeBrokenError('it is too short');
  return { header: parseHeader(bytes.subarray(PREFIX_BYTES, headBytes).toString('utf8')), headBytes };
}

function parseHeader(text: string): EnvelopeHeader {
  const json = textJson(text);
  const parsed = headerSchema.safeParse(json.ok ? json.value : undefined);
  if (!parsed.success) throw new EnvelopeBrokenError('its header is not ours');
  return parsed.data;
}

/** Each part with its length before it, or two places could look alike. */
function boundTo({ verificationId, object }: Place, head: Buffer): Buffer {
  const parts = ['verdictflow:evidence', verificationId, object].map((text) => Buffer.from(text, 'utf8'));
  return Buffer.concat([...parts, head].flatMap((part) => [lengthOf(part), part]));
}

function lengthOf(part: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(part.length);
  return length;
}
