import type { Payload, PayloadCodec } from '@temporalio/common';
import { isObject, textJson } from '../../contracts/wire/value-json.ts';
import { PayloadUnreadableError } from '../payload-codec.ts';

/** As JSON of protobuf writes it: bytes in base64. */
export type JsonPayload = { readonly metadata?: Readonly<Record<string, string>>; readonly data?: string };

export type Decoded = {
  readonly payloads: readonly JsonPayload[];
  /** How many were encrypted, and are no longer. */
  readonly decrypted: number;
  /** How many were left as they are, and why; each reason once. */
  readonly unreadable: number;
  readonly whys: readonly string[];
};

/** The payloads of a request to a codec server; undefined: it is none. */
export function payloadsIn(body: string): readonly JsonPayload[] | undefined {
  const json = textJson(body);
  const payloads: unknown = json.ok && isObject(json.value) ? json.value['payloads'] : undefined;
  return Array.isArray(payloads) && payloads.every(isPayload) ? payloads : undefined;
}

/** As many as came, in their order. One that cannot be decrypted stays as it is: the others are still worth reading. */
export async function decodePayloads(codec: PayloadCodec, payloads: readonly JsonPayload[]): Promise<Decoded> {
  const results = await Promise.all(payloads.map((payload) => decodeOne(codec, payload)));
  return {
    payloads: results.map(({ payload }) => payload),
    decrypted: results.filter(({ payload }, index) => payload !== payloads[index]).length,
    unreadable: results.filter(({ why }) => why !== undefined).length,
    whys: [...new Set(results.flatMap(({ why }) => why ?? []))],
  };
}

async function decodeOne(codec: PayloadCodec, json: JsonPayload): Promise<{ readonly payload: JsonPayload; readonly why?: string }> {
  const payload = fromJson(json);
  try {
    const [clear] = await codec.decode([payload]);
    return { payload: clear === undefined || clear === payload ? json : toJson(clear) };
  } catch (error) {
    if (!(error instanceof PayloadUnreadableError)) throw error;
    return { payload: json, why: error.message };
  }
}

function fromJson({ metadata = {}, data = '' }: JsonPayload): Payload {
  const bytes = Object.entries(metadata).map(([name, value]) => [name, Buffer.from(value, 'base64')] as const);
  return { metadata: Object.fromEntries(bytes), data: Buffer.from(data, 'base64') };
}

function toJson({ metadata, data }: Payload): JsonPayload {
  const texts = Object.entries(metadata ?? {}).map(([name, value]) => [name, Buffer.from(value).toString('base64')] as const);
  return { metadata: Object.fromEntries(texts), data: Buffer.from(data ?? []).toString('base64') };
}

function isPayload(value: unknown): value is JsonPayload {
  if (!isObject(value)) return false;
  const { metadata = {}, data = '' } = value;
  return typeof data === 'string' && isObject(metadata) && Object.values(metadata).every((one) => typeof one === 'string');
}
