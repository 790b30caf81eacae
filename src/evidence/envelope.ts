import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { EVIDENCE_KINDS, type EvidenceKind } from '../domain/evidence.ts';

/**
 * One kept object: `VFE`, version, length of the header, header, nonce, ciphertext, tag. AES-256-GCM; authenticated with it are the
 * verification, the name of the object, version and header, so that no object opens in the place of another.
 */
const MAGIC = Buffer.from('VFE', 'latin1');
const VERSION = 1;
const PREFIX_BYTES = MAGIC.length + 1 + 2;
const LONGEST_HEADER = 512;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** So many bytes of an envelope tell its header. */
export const HEADER_WITHIN_BYTES = PREFIX_BYTES + LONGEST_HEADER;

export type EnvelopeHeader = { readonly kind: EvidenceKind; readonly contentType: string };

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
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', dataKey, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(boundTo(place, head));
  const sealed = cipher.update(bytes);
  cipher.final();
  return Buffer.concat([head, nonce, sealed, cipher.getAuthTag()]);
}

/** @throws EnvelopeBrokenError */
export function openEnvelope(dataKey: Uint8Array, place: Place, envelope: Uint8Array): Plain {
  const bytes = Buffer.from(envelope.buffer, envelope.byteOffset, envelope.byteLength);
  const { header, headBytes } = readHead(bytes);
  const end = bytes.length - TAG_BYTES;
  if (end < headBytes + NONCE_BYTES) throw new EnvelopeBrokenError('it is too short');
  const body = headBytes + NONCE_BYTES;
  const decipher = createDecipheriv('aes-256-gcm', dataKey, bytes.subarray(headBytes, body), { authTagLength: TAG_BYTES });
  decipher.setAAD(boundTo(place, bytes.subarray(0, headBytes)));
  decipher.setAuthTag(bytes.subarray(end));
  const plain = decipher.update(bytes.subarray(body, end));
  try {
    decipher.final();
  } catch {
    // Node's own error says nothing more, and may hold buffers.
    throw new EnvelopeBrokenError('it was truncated or altered, or belongs to another verification or object');
  }
  return { header, bytes: plain };
}

/** What the beginning of an envelope says of it; not authenticated. `storedBytes`: of the whole. @throws EnvelopeBrokenError */
export function peekEnvelope(beginning: Uint8Array, storedBytes: number): EnvelopeHeader & { readonly bytes: number } {
  const { header, headBytes } = readHead(Buffer.from(beginning.buffer, beginning.byteOffset, beginning.byteLength));
  const bytes = storedBytes - headBytes - NONCE_BYTES - TAG_BYTES;
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
  const parsed = parsedJson(text);
  if (typeof parsed === 'object' && parsed !== null && 'kind' in parsed && 'contentType' in parsed) {
    const kind = EVIDENCE_KINDS.find((known) => known === parsed.kind);
    if (kind !== undefined && typeof parsed.contentType === 'string') return { kind, contentType: parsed.contentType };
  }
  throw new EnvelopeBrokenError('its header is not ours');
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
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
