/** Text that is HTML already: what {@link html} made, and nothing else. */
export type Html = { readonly markup: string };

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/**
 * A template whose values are escaped, in text and in quoted attributes alike, unless they are HTML already. Characters that
 * would turn the writing round or hide in it are shown as spaces.
 */
export function html(parts: TemplateStringsArray, ...values: readonly (string | number | Html | readonly Html[])[]): Html {
  return { markup: parts.map((part, index) => `${part}${index < values.length ? markupOf(values[index] ?? '') : ''}`).join('') };
}

function markupOf(value: string | number | Html | readonly Html[]): string {
  if (typeof value === 'string' || typeof value === 'number') return escaped(String(value));
  return 'markup' in value ? value.markup : value.map(({ markup }) => markup).join('');
}

function escaped(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ').replaceAll(/[&<>"']/g, (one) => ENTITIES[one] ?? ' ');
}
