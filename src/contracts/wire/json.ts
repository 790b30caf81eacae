import type { Parsed } from './parsed.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Bytes to JSON. Ill-formed UTF-8 is refused: replacing it would let two tokens share an identity. */
export function decodeJson(bytes: Uint8Array): Parsed<unknown> {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return { ok: false, problems: ['value: is not well-formed UTF-8'] };
  }
  try {
    const value: unknown = JSON.parse(text);
    return { ok: true, value };
  } catch {
    // The parser's own message quotes the text, which may hold a token.
    return { ok: false, problems: ['value: is not JSON'] };
  }
}
