import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EVIDENCE_KINDS } from '../../src/domain/evidence.ts';
import { EnvelopeBrokenError, HEADER_WITHIN_BYTES, openEnvelope, peekEnvelope, sealEnvelope } from '../../src/evidence/envelope.ts';
import { ID } from './rig.ts';

const KEY = Buffer.alloc(32, 1);
const PLACE = { verificationId: ID, object: `${ID}/image_best-0011223344556677` };
const header = fc.record({ kind: fc.constantFrom(...EVIDENCE_KINDS), contentType: fc.string({ maxLength: 60 }) });

describe('an envelope', () => {
  it('gives back what was put into it, for every content, and tells kind and size without the key', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5_000 }), header, (bytes, given) => {
        const envelope = sealEnvelope(KEY, PLACE, { header: given, bytes });
        const opened = openEnvelope(KEY, PLACE, envelope);
        expect([opened.header, Buffer.from(opened.bytes)]).toEqual([given, Buffer.from(bytes)]);
        expect(peekEnvelope(envelope.subarray(0, HEADER_WITHIN_BYTES), envelope.length)).toEqual({ ...given, bytes: bytes.length });
      }),
    );
  });

  it('shows nothing of its content, and is another each time', () => {
    const bytes = Buffer.from('JPEG of somebody, JPEG of somebody');
    const [one, other] = [0, 1].map(() => sealEnvelope(KEY, PLACE, { header: HEADER, bytes }));
    expect(one?.includes('somebody')).toBe(false);
    expect(one?.equals(other ?? Buffer.alloc(0))).toBe(false);
  });

  it('is refused with any one bit flipped', () => {
    const envelope = sealed();
    for (let bit = 0; bit < envelope.length * 8; bit += 1) {
      const altered = Buffer.from(envelope);
      altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => openEnvelope(KEY, PLACE, altered), `bit ${bit}`).toThrow(EnvelopeBrokenError);
    }
  });

  it('is refused when it is cut anywhere, or has more than was written', () => {
    const envelope = sealed();
    for (let length = 0; length < envelope.length; length += 1)
      expect(() => openEnvelope(KEY, PLACE, envelope.subarray(0, length)), `length ${length}`).toThrow(EnvelopeBrokenError);
    expect(() => openEnvelope(KEY, PLACE, Buffer.concat([envelope, Buffer.alloc(1)]))).toThrow(EnvelopeBrokenError);
  });

  it.each([
    ['another object of the same verification', { ...PLACE, object: PLACE.object.replace('0011', '0012') }],
    ['another verification', { ...PLACE, verificationId: ID.replace('a', 'b') }],
    ['a place whose names run together alike', { verificationId: `${ID}a`, object: PLACE.object.slice(1) }],
  ])('is refused in the place of %s', (_, place) => {
    expect(() => openEnvelope(KEY, place, sealed())).toThrow(/another verification or object/);
  });

  it('is refused under another key', () => {
    expect(() => openEnvelope(randomBytes(32), PLACE, sealed())).toThrow(EnvelopeBrokenError);
  });

  it('names a version that this program does not know', () => {
    const later = sealed();
    later[3] = 2;
    expect(() => openEnvelope(KEY, PLACE, later)).toThrow(/version 2/);
  });
});

const HEADER = { kind: 'IMAGE_BEST', contentType: 'image/jpeg' } as const;

function sealed(): Buffer {
  return sealEnvelope(KEY, PLACE, { header: HEADER, bytes: Buffer.from('a few bytes') });
}
