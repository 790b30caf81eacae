import { justificationSchema, operatorSchema, ticketSchema } from '../contracts/wire/replay-audit.ts';
import { defined } from '../domain/defined.ts';
import { UsageError } from '../operator/errors.ts';
import { type Mandate, SWEEPER } from '../contracts/mandate.ts';

export type MandateOptions = { readonly operator?: string; readonly reason?: string; readonly ticket?: string };

/** Who and why. Throws `UsageError`: what is done at somebody's word is not done without a name and a reason. */
export function mandateOf(
  { operator, reason, ticket }: MandateOptions,
  { env, what }: { readonly env: NodeJS.ProcessEnv; /** E.g. "this is replayed". */ readonly what: string },
): Mandate {
  const problems = [
    isBlank(operator ?? env['USER'])
      ? '--operator: missing; say who orders this'
      : problemOf('--operator', operatorSchema.safeParse(operator ?? env['USER'])),
    (operator ?? env['USER']) === SWEEPER.operator ? `--operator: ${SWEEPER.operator} is nobody; say who orders this` : undefined,
    isBlank(reason) ? `--reason: missing; say why ${what}` : problemOf('--reason', justificationSchema.safeParse(reason)),
    ticket === undefined ? undefined : problemOf('--ticket', ticketSchema.safeParse(ticket)),
  ].filter((problem) => problem !== undefined);
  if (problems.length > 0) throw new UsageError(problems.join('\n'));
  return { operator: operator ?? env['USER'] ?? '', reason: reason ?? '', ...defined({ ticket }) };
}

/** True if an option was not given, or says nothing. */
export function isBlank(text: string | undefined): boolean {
  return text === undefined || text.trim() === '';
}

type Checked = { readonly success: boolean; readonly error?: { readonly issues: readonly { readonly message: string }[] } | undefined };

/** What is wrong with the value of an option; undefined: nothing. */
export function problemOf(option: string, { success, error }: Checked): string | undefined {
  return success ? undefined : `${option}: ${error?.issues[0]?.message ?? 'is wrong'}`;
}
