import { UsageError } from '../../operator/errors.ts';
import type { JournalState } from './journal.ts';
import { planningOptions, selectingOptions } from './options.ts';
import type { RunOptions } from './options.ts';
import type { Command } from './running.ts';

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
  if (mandate === undefined) return;
  const isSelected = ids.length > 0 || selectingOptions(options).length > 0;
  if (isSelected && options.reason !== undefined) return;
  throw new UsageError('--journal: this journal holds no complete plan; give the selection and --reason again');
}

function otherOrder({ operator, reason, ticket }: RunOptions, mandate: JournalState['mandate']): readonly string[] {
  const given = {
    '--operator': [operator, mandate?.operator],
    '--reason': [reason, mandate?.reason],
    '--ticket': [ticket, mandate?.ticket],
  };
  return Object.entries(given).flatMap(([name, [now, then]]) => (now === undefined || now === then ? [] : [name]));
}
