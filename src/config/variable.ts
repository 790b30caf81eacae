import { z } from 'zod';
import { defined } from '../domain/defined.ts';
import { text } from './fields.ts';
import type { Role } from './roles.ts';

/** What the table in docs/configuration.md and `--help` say about one variable. */
export type VariableMeta = {
  readonly description: string;
  /** The form of the value, e.g. `duration`, `integer 1–3`. */
  readonly form: string;
  /** As it would be written in the environment. */
  readonly default?: string;
  /** Roles that do not start without it (or its `_FILE` twin). */
  readonly requiredFor?: readonly Role[];
  readonly secret?: true;
};

export const variableMeta = z.registry<VariableMeta>();

/** A variable that always has a value: its default goes through the same parser as what a person writes. */
export function withDefault<Out>(schema: z.ZodType<Out, string>, meta: VariableMeta & { readonly default: string }) {
  return schema.prefault(meta.default).register(variableMeta, meta);
}

/** A variable that may be absent. */
export function optional<Out>(schema: z.ZodType<Out, string>, meta: VariableMeta) {
  return schema.optional().register(variableMeta, meta);
}

/** The path of a file; absent: there is none. */
export function path(description: string) {
  return optional(text(), { description, form: 'path' });
}

/** A text that nobody may see. */
export function secretText(description: string, requiredFor?: readonly Role[]) {
  return optional(text(), { description, form: 'text', secret: true, ...defined({ requiredFor }) });
}
