import { randomBytes } from 'node:crypto';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { loadDataConverter } from '@temporalio/common/lib/internal-non-workflow/index.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isUnreadableOrder, UNREADABLE_METADATA } from '../../src/contracts/unreadable.ts';
import { decoded } from '../../src/temporal/decoded.ts';
import {
  createPayloadCodec,
  encryptedWith,
  NO_PAYLOAD_KEYS,
  type PayloadKeys,
  PayloadUnreadableError,
} from '../../src/temporal/payload-codec.ts';

const OLD = { id: '2025', key: Buffer.alloc(32, 1) };
const NEW = { id: '2026', key: Buffer.alloc(32, 2) };
const ACTIVITY = { type: 'activity', namespace: 'n', isLocal: false } as const;

function codecOf(keys: PayloadKeys['keys'], encrypts = true) {
  return createPayloadCodec({ current: () => ({ keys, encrypts }) });
}

function payloadOf(value: unknown): Payload {
  return defaultPayloadConverter.toPayload(value);
}

type Whole = { readonly metadata: Record<string, Uint8Array>; readonly data: Uint8Array };

function whole({ metadata, data }: Payload): Whole {
  return { metadata: metadata ?? {}, data: data ?? new Uint8Array() };
}

async function encryptedBy(keys: PayloadKeys['keys'], value: unknown): Promise<Whole> {
  const [payload] = await codecOf(keys).encode([payloadOf(value)]);
  if (payload === undefined) throw new Error('one in, one out');
  return whole(payload);
}

describe('payloads', () => {
  it('come back as they went in, whatever they hold, and whatever Temporal does with their bytes', async () => {
    const codec = codecOf([NEW, OLD]);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(fc.jsonValue(), fc.uint8Array(), fc.constant(undefined)), { maxLength: 4 }), async (values) => {
        const payloads = values.map(payloadOf);
        const stored = (await codec.encode(payloads)).map(whole).map(({ metadata, data }) => ({ metadata, data: Uint8Array.from(data) }));
        expect(stored.map(encryptedWith)).toEqual(values.map(() => '2026'));
        const back = await codec.decode(stored);
        expect(back.map((one) => defaultPayloadConverter.fromPayload(one))).toEqual(
          payloads.map((one) => defaultPayloadConverter.fromPayload(one)),
        );
      }),
    );
  });

  it('are hidden, and never twice the same', async () => {
    const [one, two] = [await encryptedBy([NEW], 'a known text'), await encryptedBy([NEW], 'a known text')];
    expect(Buffer.from(one.data).includes('known')).toBe(false);
    expect(one.data).not.toEqual(two.data);
    expect(Object.keys(one.metadata).toSorted()).toEqual(['encoding', 'encryption-key-id']);
  });

  it('without keys, or with keys that only decrypt, are the very same', async () => {
    const payloads = [payloadOf({ a: 1 })];
    for (const codec of [createPayloadCodec({ current: () => NO_PAYLOAD_KEYS }), codecOf([NEW], false)]) {
      expect(await codec.encode(payloads)).toBe(payloads);
      expect((await codec.decode(payloads))[0]).toBe(payloads[0]);
    }
  });

  it('of an older key, and in clear, are read beside those of the first one', async () => {
    const mixed = [await encryptedBy([OLD], 'old'), payloadOf('clear'), await encryptedBy([NEW, OLD], 'new')];
    const back = await codecOf([NEW, OLD], false).decode(mixed);
    expect(back.map((one) => defaultPayloadConverter.fromPayload(one))).toEqual(['old', 'clear', 'new']);
  });

  it('under an unknown key name it and the setting', async () => {
    const payload = await encryptedBy([NEW], 'x');
    await expect(codecOf([OLD]).decode([payload])).rejects.toThrow(new PayloadUnreadableError('2026', { isKnown: false }));
    await expect(codecOf([OLD]).decode([payload])).rejects.toThrow(/"2026", which VF_PAYLOAD_KEYS does not hold/);
  });

  it('under a key that a newer file holds are read once it was looked at', async () => {
    let keys = [OLD];
    const codec = createPayloadCodec({ current: () => ({ keys, encrypts: true }), refresh: () => (keys = [OLD, NEW]) });
    const [back] = await codec.decode([await encryptedBy([NEW], 'x')]);
    expect(back && defaultPayloadConverter.fromPayload(back)).toBe('x');
  });

  it('notice every altered byte, another key of the same id, and the id of another key', async () => {
    const { metadata, data } = await encryptedBy([NEW], 'x');
    for (let at = 0; at < data.length; at += 1) {
      const altered = Buffer.from(data);
      altered[at] = (altered[at] ?? 0) ^ 1;
      await expect(codecOf([NEW]).decode([{ metadata, data: altered }])).rejects.toThrow(/does not open with key "2026"/);
    }
    await expect(codecOf([{ id: NEW.id, key: randomBytes(32) }]).decode([{ metadata, data }])).rejects.toThrow(/another key of this id/);
    const renamed = { ...metadata, 'encryption-key-id': Buffer.from('copy') };
    await expect(codecOf([{ id: 'copy', key: NEW.key }]).decode([{ metadata: renamed, data }])).rejects.toThrow(PayloadUnreadableError);
    for (const cut of [0, 12, 27, 28])
      await expect(codecOf([NEW]).decode([{ metadata, data: data.subarray(0, cut) }])).rejects.toThrow(PayloadUnreadableError);
  });

  it('that others encrypted, or that name no key, pass through as before', async () => {
    const foreign = { metadata: { encoding: Buffer.from('binary/encrypted') }, data: Buffer.from('x') };
    const odd = { metadata: { ...foreign.metadata, 'encryption-key-id': Buffer.from('a key id with blanks') }, data: Buffer.from('x') };
    expect(await codecOf([NEW]).decode([foreign, odd])).toEqual([foreign, odd]);
  });

  it('that are the order of an activity become one that says why, because a rejection would use up its one attempt', async () => {
    const [back] = await codecOf([OLD]).decode([await encryptedBy([NEW], 'x')], ACTIVITY);
    const order: unknown = back && defaultPayloadConverter.fromPayload(back);
    expect(order).toMatchObject({ kind: 'UNREADABLE', why: expect.stringMatching(/"2026"/) });
    expect(isUnreadableOrder(order)).toBe(true);
    expect(back?.metadata).toHaveProperty(UNREADABLE_METADATA);
    await expect(codecOf([OLD]).decode([await encryptedBy([NEW], 'x')], { ...ACTIVITY, isLocal: true })).rejects.toThrow(
      PayloadUnreadableError,
    );
  });
});

describe('who takes a history apart by hand', () => {
  const converterOf = (keys: PayloadKeys['keys']) => loadDataConverter({ payloadCodecs: [codecOf(keys)] });

  it('reads payloads of both kinds', async () => {
    expect(await decoded(converterOf([NEW]), [await encryptedBy([NEW], 'x')])).toBe('x');
    expect(await decoded(converterOf([NEW]), [payloadOf('x')])).toBe('x');
    expect(await decoded(converterOf([NEW]), undefined)).toBeUndefined();
  });

  it('is never told that there is nothing where something cannot be decrypted, with or without a codec', async () => {
    const payload = await encryptedBy([NEW], 'x');
    await expect(decoded(converterOf([OLD]), [payload])).rejects.toThrow(PayloadUnreadableError);
    await expect(decoded(loadDataConverter(), [payload])).rejects.toThrow(PayloadUnreadableError);
  });

  it('is told nothing by what somebody wrote by hand', async () => {
    const garbage = { metadata: { encoding: Buffer.from('binary/encrypted') }, data: Buffer.from('x') };
    expect(await decoded(converterOf([NEW]), [garbage])).toBeUndefined();
  });
});
