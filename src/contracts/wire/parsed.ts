import { z } from 'zod';
import { PRINTABLE } from '../mandate.ts';

/** Problems name the field and the rule, never the value: they go to logs and dead-letter headers. */
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problems: string[] };

const MAX_PROBLEMS = 10;

/** Checks `input`, reporting at most ten problems. */
export function parseWith<T>(schema: z.ZodType<T>, input: unknown): Parsed<T> {
  const result = schema.safeParse(withoutNulls(input));
  if (result.success) return { ok: true, value: result.data };
  const problems = result.error.issues.map((issue) => `${placeOf(issue.path)}: ${issue.message}`);
  return { ok: false, problems: [...new Set(problems)].slice(0, MAX_PROBLEMS) };
}

/** Many serializers write `null` for an absent optional field; it means the same here. */
function withoutNulls(input: unknown): unknown {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return input;
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null));
}

/** Only the field's own name and array indexes: deeper keys (of `attributes`) are the sender's data. */
function placeOf(path: readonly PropertyKey[]): string {
  const [field, ...deeper] = path;
  if (field === undefined) return 'value';
  return [String(field), ...deeper.filter((part) => typeof part === 'number').map((index) => `[${index}]`)].join('');
}

/** RFC 3339 with a zone. */
export function instantSchema(description: string): z.ZodISODateTime {
  return z.iso.datetime({ offset: true, error: 'must be an RFC 3339 instant with a zone' }).meta({ description });
}

/** Text without control characters, `max` UTF-16 units long at most. */
export function textSchema(max: number, description: string): z.ZodString {
  return z.string().min(1).max(max).regex(PRINTABLE, { error: 'must not contain control characters' }).meta({ description });
}
