import type { Payload, PayloadCodec, SerializationContext } from '@temporalio/common';
import protobuf from 'protobufjs';
import { EXIT_CODES, ForeseenError } from '../contracts/errors.ts';
import { UNREADABLE_METADATA, type UnreadableOrder, whyUnreadable } from '../contracts/unreadable.ts';
import { KEY_ID, opened, sealed, type SealingKey } from './aes-gcm.ts';

/** As the codecs of Temporal's own samples name it. */
const ENCODING = 'binary/encrypted';
const KEY_ID_METADATA = 'encryption-key-id';

/** `temporal.api.common.v1.Payload`, as far as a converter fills it. */
const PAYLOAD = new protobuf.Type('Payload')
  .add(new protobuf.MapField('metadata', 1, 'string', 'bytes'))
  .add(new protobuf.Field('data', 2, 'bytes'));

/** A payload that cannot be decrypted here. It tells nothing of what it holds, least of all that it holds nothing. */
export class PayloadUnreadableError extends ForeseenError {
  override readonly name = 'PayloadUnreadableError';
  readonly exitCode = EXIT_CODES.configuration;
  readonly keyId: string;

  constructor(keyId: string, options: { readonly isKnown: boolean }) {
    super(whyUnreadable(keyId, options));
    this.keyId = keyId;
  }
}

export type PayloadKeys = {
  /** All of them decrypt; the first one encrypts, if any does. */
  readonly keys: readonly SealingKey[];
  readonly encrypts: boolean;
};

export const NO_PAYLOAD_KEYS: PayloadKeys = { keys: [], encrypts: false };

type CodecOptions = {
  readonly current: () => PayloadKeys;
  /** Looks whether the file of the keys holds newer ones. */
  readonly refresh?: () => void;
};

/**
 * Encrypts whole payloads with AES-256-GCM under the first key, and decrypts with any. What is in clear passes through, so that
 * histories of both kinds are read, mixed ones too. Without a key it changes nothing.
 *
 * Bound to the key's id alone: a codec server is told nothing else, and histories outlive the name of a namespace.
 * The order of an activity that cannot be decrypted becomes an `UnreadableOrder`: a rejection here would fail the attempt, and a
 * read has only one.
 */
export function createPayloadCodec({ current, refresh = () => undefined }: CodecOptions): PayloadCodec {
  function decrypted(payload: Payload, keyId: string): Payload {
    if (!holds(current(), keyId)) refresh();
    const key = current().keys.find(({ id }) => id === keyId);
    const clear = key && opened(key.key, { box: payload.data ?? new Uint8Array(), boundTo: bindingOf(keyId) });
    if (clear === undefined) throw new PayloadUnreadableError(keyId, { isKnown: key !== undefined });
    const { metadata, data } = PAYLOAD.toObject(PAYLOAD.decode(clear), { bytes: Buffer });
    return { metadata, data };
  }

  function decode(payload: Payload, context: SerializationContext | undefined): Payload {
    const keyId = encryptedWith(payload);
    if (keyId === undefined) return payload;
    try {
      return decrypted(payload, keyId);
    } catch (error) {
      if (!(error instanceof PayloadUnreadableError) || context?.type !== 'activity' || context.isLocal) throw error;
      return unreadable(error.message);
    }
  }

  return {
    async encode(payloads) {
      const { keys, encrypts } = current();
      const [first] = keys;
      return first === undefined || !encrypts ? payloads : payloads.map((payload) => encrypted(payload, first));
    },
    decode: async (payloads, context) => payloads.map((payload) => decode(payload, context)),
  };
}

/** The id of the key that a payload is encrypted with; undefined: it is not, or not by us. */
export function encryptedWith({ metadata }: Payload): string | undefined {
  if (text(metadata?.['encoding']) !== ENCODING) return undefined;
  const keyId = text(metadata?.[KEY_ID_METADATA]);
  return KEY_ID.test(keyId) ? keyId : undefined;
}

function encrypted({ metadata, data }: Payload, { id, key }: SealingKey): Payload {
  const clear = PAYLOAD.encode(PAYLOAD.fromObject({ metadata: metadata ?? {}, data: data ?? new Uint8Array() })).finish();
  return {
    metadata: { encoding: Buffer.from(ENCODING), [KEY_ID_METADATA]: Buffer.from(id) },
    data: sealed(key, { clear, boundTo: bindingOf(id) }),
  };
}

function unreadable(why: string): Payload {
  const value: UnreadableOrder = { kind: 'UNREADABLE', why };
  return {
    metadata: { encoding: Buffer.from('json/plain'), [UNREADABLE_METADATA]: Buffer.from('true') },
    data: Buffer.from(JSON.stringify(value)),
  };
}

function holds({ keys }: PayloadKeys, keyId: string): boolean {
  return keys.some(({ id }) => id === keyId);
}

function bindingOf(keyId: string): string {
  return `verdictflow:payload:v1:${keyId}`;
}

function text(bytes: Uint8Array | null | undefined): string {
  return Buffer.from(bytes ?? []).toString('utf8');
}
