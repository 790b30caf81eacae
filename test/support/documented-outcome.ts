import { outcomeSchema } from '../../src/contracts/wire/outcome.ts';

/**
 * Refuses an outcome that says more than its published schema, at whatever level. Consumers are told to ignore unknown
 * fields, so the schema itself allows them; but what our own code emits must be documented.
 * @throws Error which names the fields; ZodError if a value is not allowed.
 */
export function assertDocumented(event: unknown): void {
  const sent: unknown = JSON.parse(JSON.stringify(event));
  const documented = new Set(pathsOf(outcomeSchema.parse(sent)));
  const unknown = pathsOf(sent).filter((path) => !documented.has(path));
  if (unknown.length > 0) throw new Error(`the outcome has fields that its schema does not have: ${unknown.join(', ')}`);
}

/** Paths of all fields, e.g. `liveness.scores.flashAttack`, `comparisons.0.name`. Parsing has dropped the unknown ones. */
function pathsOf(value: unknown, above = ''): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [`${above}${key}`, ...pathsOf(inner, `${above}${key}.`)]);
}
