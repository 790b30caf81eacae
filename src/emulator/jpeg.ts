import { createHash } from 'node:crypto';

/** An 8×8 grey baseline JPEG, written by hand after ITU-T T.81. */
const SMALLEST = Buffer.from(
  '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBD/wAALCAAIAAgBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAAP/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AP//Z',
  'base64',
);
/** After the start of the image and its JFIF header. */
const COMMENTS_AT = 20;
const COMMENT = 0xfffe;
/** What a comment may hold beside the two bytes of its length. */
const LONGEST_COMMENT = 65_533;

/** Stands in every image, so that whoever searches files for images finds any that came from here. */
export const IMAGE_MARK = 'verdictflow-emulator-image';

/**
 * A valid JPEG that no other seed gives, of so many bytes if that is more than the smallest one has: what makes it unlike others and
 * large are comments. The same seed gives the same bytes, as the vendor gives the same image with each read.
 */
export function jpegOf(seed: string, bytes: number): Buffer {
  const named = comment(Buffer.from(`${IMAGE_MARK} ${createHash('sha256').update(seed).digest('hex')}`));
  const room = Math.max(0, bytes - SMALLEST.length - named.length);
  const comments = Math.ceil(room / (LONGEST_COMMENT + 4));
  const filling = createHash('shake256', { outputLength: Math.max(0, room - comments * 4) })
    .update(seed)
    .digest();
  const each = comments === 0 ? 0 : Math.ceil(filling.length / comments);
  const parts = Array.from({ length: comments }, (_, index) => comment(filling.subarray(index * each, (index + 1) * each)));
  return Buffer.concat([SMALLEST.subarray(0, COMMENTS_AT), named, ...parts, SMALLEST.subarray(COMMENTS_AT)]);
}

/** A comment of bytes of the caller's own, in an otherwise smallest image. */
export function jpegSaying(text: Buffer): Buffer {
  return Buffer.concat([SMALLEST.subarray(0, COMMENTS_AT), comment(text), SMALLEST.subarray(COMMENTS_AT)]);
}

function comment(data: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(COMMENT, 0);
  head.writeUInt16BE(data.length + 2, 2);
  return Buffer.concat([head, data]);
}
