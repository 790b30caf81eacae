/**
 * The charsets that servers declare for what is not UTF-8. No others: in some (ISO-2022, UTF-7) the same bytes can be read
 * as two different JSON texts.
 */
const HONOURED: ReadonlySet<string> = new Set(['windows-1252', 'gbk', 'gb18030', 'big5', 'euc-kr', 'utf-16le', 'utf-16be']);

/** `declared`: it was read in the charset that the answer declared, which is not UTF-8. */
export type DecodedText = { readonly text: string; readonly declared: boolean };

/**
 * The text of a body in its declared charset, or in that of its byte order mark, else in strict UTF-8, which is what JSON
 * is written in. A declared charset that does not fit the bytes is forgotten. Throws TypeError if nothing fits.
 */
export function decodeText(body: Uint8Array, contentType: string | undefined): DecodedText {
  const declared = decoderOf(markOf(body) ?? charsetOf(contentType));
  const strict = new TextDecoder('utf-8', { fatal: true });
  if (declared === undefined) return { text: strict.decode(body), declared: false };
  // Every byte means something in Latin 1, and many servers declare it out of habit.
  const [first, second] = declared.encoding === 'windows-1252' ? [strict, declared] : [declared, strict];
  try {
    return { text: first.decode(body), declared: first === declared };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { text: second.decode(body), declared: second === declared };
  }
}

function charsetOf(contentType: string | undefined): string | undefined {
  return /;\s*charset\s*=\s*"?([\w.:-]{1,40})/i.exec(contentType?.slice(0, 512) ?? '')?.[1];
}

function markOf(body: Uint8Array): string | undefined {
  if (body[0] === 0xff && body[1] === 0xfe) return 'utf-16le';
  return body[0] === 0xfe && body[1] === 0xff ? 'utf-16be' : undefined;
}

function decoderOf(label: string | undefined): InstanceType<typeof TextDecoder> | undefined {
  if (label === undefined) return undefined;
  try {
    const decoder = new TextDecoder(label, { fatal: true });
    return HONOURED.has(decoder.encoding) ? decoder : undefined;
  } catch (error) {
    // A RangeError: no such charset.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
