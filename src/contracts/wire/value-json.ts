import { inflateSync } from 'node:zlib';

/** A larger value is refused, also one that becomes larger by being inflated. */
export const MAX_VALUE_BYTES = 256 * 1024;

export type ValueJson =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly reason: 'NOT_JSON' | 'TOO_LARGE'; readonly problems: string[] };

type Prefix = { readonly of: string; readonly length: number; readonly isIn: (bytes: Uint8Array) => boolean; readonly isDeflated?: true };

/** What schema registries write before the JSON. None begins with a byte that JSON may begin with. */
const PREFIXES: readonly Prefix[] = [
  { of: 'Confluent', length: 5, isIn: ([magic]) => magic === 0 },
  { of: 'Apicurio', length: 9, isIn: ([magic]) => magic === 0 },
  { of: 'Confluent, by GUID', length: 17, isIn: ([magic]) => magic === 1 },
  { of: 'AWS Glue', length: 18, isIn: ([magic, compression]) => magic === 3 && compression === 0 },
  { of: 'AWS Glue, zlib', length: 18, isIn: ([magic, compression]) => magic === 3 && compression === 5, isDeflated: true },
];

const SEND_JSON = 'send JSON, e.g. with a JSON Schema serializer, or with JsonConverter';
const SEND_UTF8 = 'send UTF-8';
const LEAVE_IT_TO_KAFKA = 'let the Kafka client compress (compression.type)';
/** Beginnings that tell what the producer sent instead, as hexadecimal digits. */
const FOREIGN: readonly (readonly [beginning: RegExp, what: string, remedy: string])[] = [
  [/^(fffe|feff|007b00|7b00)/, 'is UTF-16', SEND_UTF8],
  [/^1f8b/, 'is compressed by gzip', LEAVE_IT_TO_KAFKA],
  [/^28b52ffd/, 'is compressed by zstd', LEAVE_IT_TO_KAFKA],
  [/^04224d18/, 'is compressed by lz4', LEAVE_IT_TO_KAFKA],
  [/^78(01|5e|9c|da)/, 'is compressed by zlib', LEAVE_IT_TO_KAFKA],
  [/^aced0005/, 'is a serialized Java object', SEND_JSON],
  [/^4f626a01/, 'is an Avro file', SEND_JSON],
  [/^c301/, 'is a single Avro object', SEND_JSON],
  [/^005375|^005377|^[ab][01]/, 'is an AMQP value', SEND_JSON],
  [/^00000000(3[0-9]|6[1-6]){32}/, 'has the preamble of Azure Schema Registry, and Avro after it', SEND_JSON],
  [/^0000000000/, 'has a prefix of a schema registry (Apicurio, 9 bytes) and no JSON object after it but Avro or Protobuf', SEND_JSON],
  [/^00.{8}/, 'has a prefix of a schema registry (Confluent, 5 bytes) and no JSON object after it but Avro or Protobuf', SEND_JSON],
  [/^01.{32}/, 'may have a prefix of a schema registry (Confluent, 17 bytes), and has no JSON object after it', SEND_JSON],
  [/^030[05].{32}/, 'has a prefix of a schema registry (AWS Glue, 18 bytes) and no JSON object after it but Avro or Protobuf', SEND_JSON],
];

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The JSON that a record's value holds, after a byte order mark or the prefix of a schema registry. Total. */
export function valueJson(bytes: Uint8Array): ValueJson {
  for (const prefix of PREFIXES.filter(({ length, isIn }) => bytes.length > length && isIn(bytes))) {
    const content = contentAfter(prefix, bytes);
    if (content === 'TOO_LARGE') return refused('TOO_LARGE', `has more than ${MAX_VALUE_BYTES} bytes when inflated`);
    const framed = content === undefined ? undefined : parsed(content);
    if (framed?.ok === true && isObject(framed.value)) return framed;
  }
  const plain = parsed(bytes);
  if (plain.ok) return plain;
  const beginning = Buffer.from(bytes.subarray(0, 36)).toString('hex');
  const foreign = FOREIGN.find(([pattern]) => pattern.test(beginning));
  return foreign === undefined ? plain : refused('NOT_JSON', `${foreign[1]}: ${foreign[2]}`);
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Undefined: it cannot be inflated. */
function contentAfter({ length, isDeflated }: Prefix, bytes: Uint8Array): Uint8Array | 'TOO_LARGE' | undefined {
  const content = bytes.subarray(length);
  if (isDeflated === undefined) return content;
  try {
    return inflateSync(content, { maxOutputLength: MAX_VALUE_BYTES });
  } catch (error) {
    return error instanceof RangeError ? 'TOO_LARGE' : undefined;
  }
}

/** Ill-formed UTF-8 is refused: replacing it would let two tokens share an identity. */
function parsed(bytes: Uint8Array): ValueJson {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return refused('NOT_JSON', 'is not well-formed UTF-8');
  }
  return textJson(text);
}

/** The JSON that a text holds. */
export function textJson(text: string): ValueJson {
  try {
    const value: unknown = JSON.parse(text);
    return { ok: true, value };
  } catch {
    // The parser's own message quotes the text, which may hold a token.
    return refused('NOT_JSON', 'is not JSON');
  }
}

function refused(reason: 'NOT_JSON' | 'TOO_LARGE', problem: string): ValueJson {
  return { ok: false, reason, problems: [`value: ${problem}`] };
}
