import { UsageError } from '../../operator/errors.ts';
import type { JournalState } from './journal.ts';
import { DEFAULT_RATE, planningOptions, type RunOptions, selectingOptions } from './options.ts';
import type { Command, Running } from './running.ts';

/** Whether the command says what the journal needs and nothing that it would not heed. Throws `UsageError`. */
export function assertResumable({ ids, options }: Pick<Command, 'ids' | 'options'>, { planned, mandate }: JournalState): void {
  if (planned) {
    const given = [...(ids.length > 0 ? ['the ids'] : []), ...planningOptions(options)];
    if (given.length > 0) throw new UsageError(`--journal: it has its own plan; leave ${given.join(', ')} away, or name a new file`);
    const others = otherOrder(options, mandate);
    if (others.length > 0)
      throw new UsageError(`--journal: it was ordered with another ${others.join(', ')}; leave it away, or name a new file`);
    return;
  }
  const selected = isSelected({ ids, options });
  if (mandate === undefined) {
    if (options.journal === undefined || selected) return;
    throw new UsageError(
      `--journal: ${options.journal} does not exist or is empty. To resume, name the earlier journal; to begin, give a selection and --reason.`,
    );
  }
  if (selected && options.reason !== undefined) return;
  throw new UsageError('--journal: this journal holds no complete plan; give the selection and --reason again');
}

/** Whether a plan without a journal is possible. Throws `UsageError`. */
export function assertPlannable({ ids, options }: Pick<Command, 'ids' | 'options'>): void {
  if (options.journal !== undefined && !isSelected({ ids, options }))
    throw new UsageError('--dry-run plans anew and reads no journal: give the selection.');
}

/** The command that goes on with this journal. */
export function resumeCommand({ path, options }: Pick<Running, 'path' | 'options'>): string {
  const rate = options.rate === DEFAULT_RATE ? '' : ` --rate ${options.rate}`;
  return `verdictflow replay run --yes --journal ${path}${rate}`;
}

function isSelected({ ids, options }: Pick<Command, 'ids' | 'options'>): boolean {
  return ids.length > 0 || selectingOptions(options).length > 0;
}

function otherOrder({ operator, reason, ticket }: RunOptions, mandate: JournalState['mandate']): readonly string[] {
  const given = {
    '--operator': [operator, mandate?.operator],
    '--reason': [reason, mandate?.reason],
    '--ticket': [ticket, mandate?.ticket],
  };
  return Object.entries(given).flatMap(([name, [now, then]]) => (now === undefined || now === then ? [] : [name]));
}
