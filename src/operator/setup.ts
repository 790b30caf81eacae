import { missingText } from '../contracts/errors.ts';
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

/** What the service cannot run with or without, by what was found, and the remedy; undefined: it can run. */
export function shortcomingIn(found: readonly Made[]): string | undefined {
  const missing = found.flatMap(({ what, name, result }) => (result === 'missing' ? [`${what} ${name}`] : []));
  const problems = [...unfitTexts(found), ...(missing.length === 0 ? [] : [missingText(missing)])];
  return problems.length === 0 ? undefined : problems.join('; ');
}

/** What is there and cannot be used. */
export function unfitTexts(found: readonly Made[]): readonly string[] {
  return found.flatMap((one) => (one.result === 'unfit' ? [`${one.what} ${one.name} ${one.problem}`] : []));
}

/** What is wrong with what is there, one line each. */
export function warningsIn(found: readonly Made[]): readonly string[] {
  return found.flatMap(({ what, name, warnings = [] }) => warnings.map((text) => `${what} ${name}: ${text}`));
}
