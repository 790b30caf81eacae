import type { EvidenceKind } from '../../domain/evidence.ts';
import type { FoundEvidence } from '../../../activities/ports.ts';
import { eachString, type Span } from './duplicate-keys.ts';
import { LONGEST_TEXT } from './good-words.ts';
import type { Quirk } from './quirks.ts';

/** The fields that hold an image, in the order in which they are kept. */
const KINDS: ReadonlyMap<string, EvidenceKind> = new Map([
  ['image_best', 'IMAGE_BEST'],
  ['image_best_2', 'IMAGE_BEST_2'],
  ['multifaces_image', 'MULTIFACES_IMAGE'],
]);
/** Where siblings have them. */
const NESTED_IN = 'images';
/** Each of the fields twice: a repeated one has another image perhaps. A hostile body cannot fill the store. */
const MAX_IMAGES = 6;
const END_OF_IMAGE = Buffer.from([0xff, 0xd9]);
/** Longer than any data URI's head. */
const LONGEST_HEAD = 256;

/** A text in the place of an image, as it is written: a JSON literal, quotes included. */
type ImageText = { readonly kind: EvidenceKind; readonly literal: string; readonly nested: boolean };

/** `rest`: the text with `""` in the place of each of them. */
export type TakenImages = { readonly rest: string; readonly images: readonly ImageText[] };

/**
 * Takes the images out of an answer before anything looks at its texts: in megabytes of Base64 every word occurs sooner or later.
 * Only in their own places (docs/vendor.md row 26), which tell of nothing by themselves; what is short and no image stays where
 * it is, and is looked at like any other text. Longer texts no rule reads.
 */
export function takeImages(text: string, limits: { readonly maxDepth: number; readonly maxParts: number }): TakenImages {
  const images: (ImageText & Span)[] = [];
  // Most answers have none, and are spared the scan.
  if (!/image/.test(text)) return { rest: text, images };
  const onString = (path: readonly string[], span: Span): void => {
    const kind = kindAt(path);
    if (kind === undefined) return;
    const literal = text.slice(span.from, span.to);
    if (literal.length > LONGEST_TEXT + 2 || bytesIn(literal).kind === 'IMAGE')
      images.push({ ...span, kind, literal, nested: path.length > 1 });
  };
  eachString(text, { onString, limits });
  return { rest: without(text, images), images };
}

function kindAt(path: readonly string[]): EvidenceKind | undefined {
  const [first, second] = path;
  if (path.length === 1) return KINDS.get(first ?? '');
  return path.length === 2 && first === NESTED_IN ? KINDS.get(second ?? '') : undefined;
}

function without(text: string, spans: readonly Span[]): string {
  if (spans.length === 0) return text;
  const parts = spans.map(({ from }, index) => text.slice(spans[index - 1]?.to ?? 0, from));
  return [...parts, text.slice(spans.at(-1)?.to)].join('""');
}

/** What was found, and which tolerances that took. */
export type DecodedImages = { readonly found: readonly FoundEvidence[]; readonly quirks: readonly Quirk[] };

/** The images themselves: of a repeated field each, once. What is none is a quirk, and absent. */
export function decodeImages(images: readonly ImageText[]): DecodedImages {
  const quirks = new Set<Quirk>();
  const found: FoundEvidence[] = [];
  for (const [index, { kind, literal, nested }] of images.entries()) {
    if (images.findIndex((other) => other.kind === kind && other.literal === literal) < index) continue;
    const decoded = bytesIn(literal);
    if (decoded.kind === 'NO_IMAGE' || found.length >= MAX_IMAGES) {
      quirks.add('IMAGE_UNREADABLE');
      continue;
    }
    if (nested) quirks.add('IMAGE_NESTED');
    if (decoded.cleaned) quirks.add('IMAGE_TEXT_CLEANED');
    // Wherever it stands: cameras put more after it.
    if (!decoded.bytes.includes(END_OF_IMAGE)) quirks.add('IMAGE_CUT_SHORT');
    found.push({ kind, contentType: 'image/jpeg', bytes: decoded.bytes });
  }
  return { found: found.toSorted((one, other) => rankOf(one) - rankOf(other)), quirks: [...quirks] };
}

function rankOf({ kind }: FoundEvidence): number {
  return [...KINDS.values()].indexOf(kind);
}

/** `cleaned`: there were blanks, or something before it. */
type Decoded = { readonly kind: 'IMAGE'; readonly bytes: Buffer; readonly cleaned: boolean } | { readonly kind: 'NO_IMAGE' };

const NO_IMAGE: Decoded = { kind: 'NO_IMAGE' };
/** `data:image/jpeg;base64,` with blanks wherever servers put them; the bytes say what it is, not the name before them. */
const HEAD = /^\s*data\s*:\s*[\w.+*/-]*\s*(?:;\s*[\w-]+\s*=\s*"?[\w.-]*"?\s*)*;\s*base64\s*,/i;

function bytesIn(literal: string): Decoded {
  const text = unescaped(literal);
  if (text === undefined) return NO_IMAGE;
  const head = HEAD.exec(text.slice(0, LONGEST_HEAD))?.[0] ?? '';
  const whole = head === '' ? text : text.slice(head.length);
  // Blanks cost another pass, so they are looked for only where it does not decode as it is.
  const plain = strictly(whole);
  const bytes = plain ?? strictly(whole.replaceAll(/\s+/g, ''));
  if (bytes === undefined || !isJpeg(bytes)) return NO_IMAGE;
  return { kind: 'IMAGE', bytes, cleaned: head !== '' || plain === undefined };
}

/** What a JSON literal means: some servers write `\/` and `\u003d`. A raw line break, which JSON forbids, is a blank like any other. */
function unescaped(literal: string): string | undefined {
  if (!literal.includes('\\')) return literal.slice(1, -1);
  try {
    return String(JSON.parse(literal.replaceAll(/[\n\r\t]+/g, '')));
  } catch (error) {
    // An escape that there is none of: no image either.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/**
 * The bytes of Base64 in either alphabet, padded or not; undefined if there is one character that is none of it. Node.js skips
 * such characters, and what comes out is then shorter than it has to be.
 */
function strictly(text: string): Buffer | undefined {
  const padding = text.endsWith('==') ? 2 : Number(text.endsWith('='));
  const symbols = text.length - padding;
  if (symbols % 4 === 1 || (padding > 0 && text.length % 4 !== 0) || Buffer.byteLength(text) !== text.length) return undefined;
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === Math.floor((symbols * 3) / 4) ? bytes : undefined;
}

/** A JPEG begins with the marker of its start, and then that of its first segment. */
function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff && bytes.length > 3;
}
