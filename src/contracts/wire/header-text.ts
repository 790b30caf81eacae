export type Headers = ReadonlyMap<string, readonly Buffer[]>;

/** Every header in its place: tells what a map by names cannot, e.g. `a`, `b`, `a`, or a null value. */
export type HeaderList = readonly (readonly [name: string, value: Buffer | null])[];

/** A record's headers in order; `headerList` is there where `headers` cannot tell it. */
export function listedHeaders({ headers, headerList }: { readonly headers: Headers; readonly headerList?: HeaderList }): HeaderList {
  return headerList ?? [...headers].flatMap(([name, values]) => values.map((value) => [name, value] as const));
}

const utf8 = new TextDecoder('utf-8', { fatal: true });
const CONTROL = /\p{Cc}/u;

/** AMQP 1.0, strings, symbols and binaries: how many bytes of length follow the type. */
const AMQP_LENGTH_BYTES = new Map([
  [0xa0, 1],
  [0xa1, 1],
  [0xa3, 1],
  [0xb0, 4],
  [0xb1, 4],
  [0xb3, 4],
]);
/** AMQP 1.0, whole numbers: how many bytes follow the type. */
const AMQP_UNSIGNED = new Map([
  [0x50, 1],
  [0x52, 1],
  [0x53, 1],
  [0x60, 2],
  [0x70, 4],
  [0x80, 8],
]);
const AMQP_SIGNED = new Map([
  [0x51, 1],
  [0x54, 1],
  [0x55, 1],
  [0x61, 2],
  [0x71, 4],
  [0x81, 8],
]);
const AMQP_UUID = 0x98;

/** The same headers by names in lower case: bridges and proxies change the case. */
export function inLowerCase(headers: Headers): Headers {
  const all = new Map<string, Buffer[]>();
  for (const [name, values] of headers) all.set(name.toLowerCase(), [...(all.get(name.toLowerCase()) ?? []), ...values]);
  return all;
}

/** Every value of a header as text, in order. */
export function headerTexts(headers: Headers, name: string): readonly string[] {
  return (headers.get(name) ?? []).filter(({ length }) => length > 0).map((bytes) => unquoted(textOf(bytes)));
}

/** The last value of a header as the text that its producer meant. Empty, as Kafka's null arrives, counts as absent. */
export function headerText(headers: Headers, name: string): string | undefined {
  return headerTexts(headers, name).at(-1);
}

/**
 * Event Hubs hands the properties of AMQP senders on as encoded AMQP values. Their types are either no beginning of
 * UTF-8 or letters (`q` is an int): what is text without control characters is taken as text, anything else is tried.
 */
function textOf(bytes: Buffer): string {
  const text = wellFormed(bytes);
  if (text !== undefined && !CONTROL.test(text)) return text;
  return amqpText(bytes) ?? text ?? bytes.toString('utf8');
}

function amqpText(bytes: Buffer): string | undefined {
  const [type = -1] = bytes;
  const content = bytes.subarray(1);
  const lengthBytes = AMQP_LENGTH_BYTES.get(type);
  if (lengthBytes !== undefined) {
    const hasLength = content.length >= lengthBytes && content.readUIntBE(0, lengthBytes) === content.length - lengthBytes;
    return hasLength ? wellFormed(content.subarray(lengthBytes)) : undefined;
  }
  const hex = content.toString('hex');
  if (AMQP_UNSIGNED.get(type) === content.length) return BigInt(`0x${hex}`).toString();
  if (AMQP_SIGNED.get(type) === content.length) return BigInt.asIntN(content.length * 8, BigInt(`0x${hex}`)).toString();
  if (type === AMQP_UUID && content.length === 16) return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  return undefined;
}

/** Spring before 2.3, and later with `encodeStrings`, writes every text as JSON. */
function unquoted(text: string): string {
  if (!/^".*"$/s.test(text)) return text;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? value : text;
  } catch {
    // Quotes that are no JSON are part of the text.
    return text;
  }
}

function wellFormed(bytes: Buffer): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}
