import { defined } from '../../domain/defined.ts';
import { FAR_LEVELS } from '../../domain/policy.ts';
import { UsageError } from '../../operator/errors.ts';
import type { Given } from '../../operator/replay/journal.ts';
import type { PolicyAsked } from '../../operator/replay/plan-line.ts';
import type { SelectBy } from '../../operator/replay/selection.ts';
import type { JournalOptions } from '../journaled.ts';

/** Which verifications, and by what policy; the same for `plan` and `run`. */
export type PlanOptions = SelectBy & {
  readonly requiredFar?: string;
  readonly comparisons?: string;
  readonly json?: true;
};

/** Runs started per second. */
export const DEFAULT_RATE = 5;

export type RunOptions = PlanOptions & JournalOptions & { readonly wait?: true };

/** The policy that the options ask for. Throws `UsageError`. */
export function policyAsked({ requiredFar, comparisons }: PlanOptions): PolicyAsked {
  const far = FAR_LEVELS.find((level) => level === requiredFar);
  if (requiredFar !== undefined && far === undefined) throw new UsageError(`--required-far: write one of ${FAR_LEVELS.join(', ')}`);
  const names = comparisons?.split(',').map((name) => name.trim());
  if (names?.some((name) => !/^[\w.-]{1,64}$/.test(name))) {
    throw new UsageError('--comparisons: write names of the vendor with commas between, e.g. result_ref1,result_ref2');
  }
  return defined({ requiredFar: far, comparisons: names });
}

/** What the command line says, by the names of its options. */
export function givenBy(ids: readonly string[], options: RunOptions): Given {
  const { file, outcome, since, withReason, query, requiredFar, comparisons, operator, reason, ticket, journal } = options;
  const selecting = { '--file': file, '--outcome': outcome, '--since': since, '--with-reason': withReason, '--query': query };
  return {
    command: 'replay',
    selecting: [...(ids.length > 0 ? ['the ids'] : []), ...Object.keys(defined(selecting))],
    deciding: Object.keys(defined({ '--required-far': requiredFar, '--comparisons': comparisons })),
    mandate: defined({ operator, reason, ticket }),
    ...defined({ journal }),
  };
}

/** Whether a plan without a journal is possible. Throws `UsageError`. */
export function assertPlannable({ selecting, journal }: Given): void {
  if (journal !== undefined && selecting.length === 0)
    throw new UsageError('--dry-run plans anew and reads no journal: give the selection.');
}
