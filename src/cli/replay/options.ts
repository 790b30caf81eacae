import { defined } from '../../domain/defined.ts';
import { justificationSchema, operatorSchema, ticketSchema } from '../../contracts/wire/replay-audit.ts';
import { FAR_LEVELS } from '../../domain/policy.ts';
import { UsageError } from '../../operator/errors.ts';
import type { PolicyAsked } from '../../operator/replay/plan-line.ts';
import type { ReplayMandate } from '../../operator/replay/ports.ts';

/** Which verifications, and by what policy; the same for `plan` and `run`. */
export type SelectOptions = {
  readonly file?: string;
  readonly outcome?: string;
  readonly since?: string;
  readonly withReason?: string;
  readonly query?: string;
  readonly requiredFar?: string;
  readonly comparisons?: string;
  readonly json?: true;
};

/** Replays started per second. */
export const DEFAULT_RATE = 5;

export type RunOptions = SelectOptions & {
  readonly operator?: string;
  readonly reason?: string;
  readonly ticket?: string;
  readonly rate: number;
  readonly yes?: true;
  readonly journal?: string;
  readonly wait?: true;
  readonly dryRun?: true;
};

/** The policy that the options ask for. Throws `UsageError`. */
export function policyAsked({ requiredFar, comparisons }: SelectOptions): PolicyAsked {
  const far = FAR_LEVELS.find((level) => level === requiredFar);
  if (requiredFar !== undefined && far === undefined) throw new UsageError(`--required-far: write one of ${FAR_LEVELS.join(', ')}`);
  const names = comparisons?.split(',').map((name) => name.trim());
  if (names?.some((name) => !/^[\w.-]{1,64}$/.test(name))) {
    throw new UsageError('--comparisons: write names of the vendor with commas between, e.g. result_ref1,result_ref2');
  }
  return { ...defined({ requiredFar: far, comparisons: names }) };
}

/** Those of the options that say which verifications, as they are written. */
export function selectingOptions({ file, outcome, since, withReason, query }: SelectOptions): readonly string[] {
  return given({ '--file': file, '--outcome': outcome, '--since': since, '--with-reason': withReason, '--query': query });
}

/** Those of the options that only a plan can heed, as they are written. */
export function planningOptions(options: SelectOptions): readonly string[] {
  const { requiredFar, comparisons } = options;
  return [...selectingOptions(options), ...given({ '--required-far': requiredFar, '--comparisons': comparisons })];
}

function given(values: Readonly<Record<string, string | undefined>>): readonly string[] {
  return Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [name]));
}

/** Who and why. Throws `UsageError`: a replay without a name and a reason is not started. */
export function mandateOf({ operator, reason, ticket }: RunOptions, env: NodeJS.ProcessEnv): ReplayMandate {
  const problems = [
    isBlank(operator ?? env['USER'])
      ? '--operator: missing; say who orders this'
      : problemOf('--operator', operatorSchema.safeParse(operator ?? env['USER'])),
    isBlank(reason) ? '--reason: missing; say why this is replayed' : problemOf('--reason', justificationSchema.safeParse(reason)),
    ticket === undefined ? undefined : problemOf('--ticket', ticketSchema.safeParse(ticket)),
  ].filter((problem) => problem !== undefined);
  if (problems.length > 0) throw new UsageError(problems.join('\n'));
  return { operator: operator ?? env['USER'] ?? '', reason: reason ?? '', ...defined({ ticket }) };
}

function isBlank(text: string | undefined): boolean {
  return text === undefined || text.trim() === '';
}

type Checked = { readonly success: boolean; readonly error?: { readonly issues: readonly { readonly message: string }[] } | undefined };

function problemOf(option: string, { success, error }: Checked): string | undefined {
  return success ? undefined : `${option}: ${error?.issues[0]?.message ?? 'is wrong'}`;
}
