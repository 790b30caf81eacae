import { okBody } from '../bodies.ts';
import { drawn, type ImageField, imageFields, imageOf, sent, usualImages } from '../images.ts';
import { jpegSaying } from '../jpeg.ts';
import { type Asked, ok } from '../reply.ts';
import { fixed, PASSED, type Scenario } from './scenario.ts';

type Row = { readonly name: string; readonly about: string; readonly images: (asked: Asked) => object };

/** A pass whose images, if any are asked for, are written otherwise. */
function passWith({ name, about, images }: Row): Scenario {
  return fixed({ name, about, reply: (asked) => ok('OK', okBody(asked, { images })), expected: PASSED });
}

function written(name: string, about: string, write: (asked: Asked, field: ImageField) => unknown): Scenario {
  return passWith({ name, about, images: (asked) => imageFields(asked, (field) => write(asked, field)) });
}

const text = (asked: Asked, field: ImageField): string => imageOf(asked, field).toString('base64');
const URI = 'data:image/jpeg;base64,';

/** In Base64 it spells words by which the vendor's products tell of attacks. */
const WORDS = Buffer.from('/MASK/SPOOF/ATTACK+FAILED//'.repeat(8), 'base64');

/** A member twice, which JSON.stringify would not write. */
function repeated(asked: Asked): string {
  const body = JSON.stringify(okBody(asked));
  if (asked.returnImage === 0) return body;
  const again = imageOf(asked, 'image_best', { variant: ' again' }).toString('base64');
  return body.replace(/\}$/, `,"image_best":${JSON.stringify(`${URI}${again}`)}}`);
}

/** Images that a client must neither stumble over nor judge by (docs/vendor.md rows 26 to 30); without `return_image` each is a plain pass. */
export const IMAGES: readonly Scenario[] = [
  written('image-null', 'images that are null', () => null),
  written('image-second-null', 'a second image that is null', (asked, field) =>
    field === 'image_best' ? `${URI}${text(asked, field)}` : null,
  ),
  written('image-empty', 'images that are a data URI with nothing after it', () => URI),
  written('image-object', 'images that are objects', () => ({ url: 'about:blank' })),
  written(
    'image-broken',
    'images in whose Base64 stands a character that is none of it',
    // In no form that could be kept, so the log does not tell of it.
    (asked) => `${URI}${drawn(asked, 'image_best').toString('base64').slice(0, 400)}!`,
  ),
  written('image-png', 'images that are a PNG', () => `data:image/png;base64,${Buffer.alloc(600, '\u0089PNG\r\n').toString('base64')}`),
  written('image-cut-short', 'images without their last 99 bytes', (asked, field) =>
    sent(asked, field, drawn(asked, field).subarray(0, -99)).toString('base64'),
  ),
  written('image-bare', 'images as plain Base64', text),
  written(
    'image-jpg-prefix',
    'data URI of "image/jpg", with a stray space',
    (asked, field) => `data: image/jpg;base64,${text(asked, field)}`,
  ),
  written('image-lines', 'Base64 in lines of 76 characters', (asked, field) => text(asked, field).replaceAll(/.{76}/g, '$&\r\n')),
  written('image-url-alphabet', 'Base64 in the alphabet of URLs, without padding', (asked, field) =>
    imageOf(asked, field).toString('base64url'),
  ),
  written('image-words', 'images whose Base64 spells words of an attack', (asked, field) =>
    sent(asked, field, jpegSaying(WORDS)).toString('base64'),
  ),
  passWith({ name: 'image-nested', about: 'images inside an object `images`', images: (asked) => ({ images: usualImages(asked) }) }),
  fixed({
    name: 'image-repeated',
    about: '`image_best` twice, with two images',
    reply: (asked) => ok('OK', repeated(asked)),
    expected: PASSED,
  }),
  fixed({
    name: 'image-escaped',
    about: 'slashes of the Base64 written as `\\/`',
    reply: (asked) => ok('OK', JSON.stringify(okBody(asked)).replaceAll('/', String.raw`\/`)),
    expected: PASSED,
  }),
  fixed({
    name: 'image-multifaces',
    about: 'multifaces_tag "1" with `multifaces_image`',
    reply: (asked) => {
      const faces = asked.returnImage === 0 ? '' : text(asked, 'multifaces_image');
      return ok('OK', okBody(asked, { extra: { multifaces_tag: '1', multifaces_image: faces } }));
    },
    expected: { outcome: 'NEEDS_REVIEW', reason: 'MULTIPLE_FACES' },
  }),
  {
    name: 'image-bytes-<n>',
    about: 'images of n bytes each',
    reply: (asked, bytes) =>
      ok('OK', okBody(asked, { images: () => imageFields(asked, (field) => imageOf(asked, field, { bytes }).toString('base64')) })),
    expected: () => PASSED,
    completesAfterMs: () => 0,
  },
];
