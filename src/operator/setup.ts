import type { Made, SetupPort } from './ports.ts';

/**
 * Makes what is missing, in the order given (the namespace before its search attributes). Idempotent. With `dryRun` it
 * only looks.
 */
export async function setUp(ports: readonly SetupPort[], options: { readonly dryRun: boolean }): Promise<readonly Made[]> {
  const results: Made[] = [];
  for (const port of ports) results.push(...(await (options.dryRun ? port.inspect() : port.make())));
  return results;
}

/** What is missing, e.g. `topic faceid.verification.hint.v1`; empty: the service can run. */
export function missingIn(found: readonly Made[]): readonly string[] {
  return found.flatMap(({ what, name, result }) => (result === 'missing' ? [`${what} ${name}`] : []));
}

/** What is wrong with what is there, one line each. */
export function warningsIn(found: readonly Made[]): readonly string[] {
  return found.flatMap(({ what, name, warnings = [] }) => warnings.map((text) => `${what} ${name}: ${text}`));
}
