import { createHash } from 'node:crypto';
import { jpegOf } from './jpeg.ts';
import type { Asked } from './reply.ts';

/** An image of an answer, as the log tells of it. */
export type SentImage = { readonly field: string; readonly sha256: string; readonly bytes: number };

export type ImageField = 'image_best' | 'image_best_2' | 'multifaces_image';

/** What the camera of a cheap phone gives of a face. */
const USUAL_BYTES = 30_000;

type Drawing = { readonly bytes?: number; readonly variant?: string };

/** The image of a field, the same with each read of a token. */
export function drawn(asked: Asked, field: ImageField, { bytes = USUAL_BYTES, variant = '' }: Drawing = {}): Buffer {
  return jpegOf(`${asked.verificationId}:${field}${variant}`, bytes);
}

/** It, noted for the log as sent. */
export function imageOf(asked: Asked, field: ImageField, drawing?: Drawing): Buffer {
  return sent(asked, field, drawn(asked, field, drawing));
}

/** Notes for the log what the answer holds of this field. */
export function sent(asked: Asked, field: ImageField, image: Buffer): Buffer {
  asked.sent.push({ field, sha256: createHash('sha256').update(image).digest('hex'), bytes: image.length });
  return image;
}

/** The fields that were asked for, each as `write` writes it. */
export function imageFields(asked: Asked, write: (field: ImageField) => unknown): Record<string, unknown> {
  return {
    ...(asked.returnImage >= 1 ? { image_best: write('image_best') } : {}),
    ...(asked.returnImage === 2 ? { image_best_2: write('image_best_2') } : {}),
  };
}

/** As the vendor's page has it. */
export function usualImages(asked: Asked, head = 'data:image/jpeg;base64,'): Record<string, unknown> {
  return imageFields(asked, (field) => `${head}${imageOf(asked, field).toString('base64')}`);
}
