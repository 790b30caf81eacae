import type { Command } from 'commander';
import { DEAD_LETTER_REASONS } from '../../contracts/dead-letter-reasons.ts';
import { DEAD_LETTER_STAGES } from '../../contracts/wire/dead-letter.ts';
import { verificationIdOf } from '../../contracts/wire/token-identity.ts';
import { defined } from '../../domain/defined.ts';
import { type LetterFilter, type Wanted, wantedBy } from '../../operator/dlq/filter.ts';
import type { AssertNoToken } from '../../operator/secret-words.ts';
import type { CliIo } from '../io.ts';
import { assertTokenOnStdin } from '../verification-id.ts';

export type FilterOptions = Omit<LetterFilter, 'places'> & { readonly token?: string };

/** The options by which people say which dead letters they mean. */
export function filterable(command: Command): Command {
  return command
    .option('--with-reason <codes>', `put aside for these: ${DEAD_LETTER_REASONS.join(', ')}`)
    .option('--stage <stages>', `put aside at these stages: ${DEAD_LETTER_STAGES.join(', ')}`)
    .option('--since <when>', 'put aside since then: RFC 3339, or a duration such as 2h or 7d')
    .option('--until <when>', 'put aside until then')
    .option('--topic <topic>', 'the record came from this topic')
    .option('--partition <number>', 'from this partition of it')
    .option('--offsets <range>', 'from these offsets of it: 1207, 1207-1300 or 1207-')
    .option('--key <text>', 'the record has this key')
    .option('--verification <id>', 'of this verification')
    .option('--token <->', 'of the token on standard input: --token -');
}

type Reading = { readonly options: FilterOptions; readonly io: CliIo; readonly assertNoToken?: AssertNoToken };

/** Throws `UsageError`. */
export async function readWanted(places: readonly string[], { options, io, assertNoToken }: Reading): Promise<Wanted> {
  assertTokenOnStdin(options.token);
  const { token: asked, ...filter } = options;
  const token = asked === undefined ? undefined : (await io.readStdin()).trim();
  if (token !== undefined) await assertNoToken?.(verificationIdOf(token));
  return wantedBy({ ...pick(filter), places }, { nowMs: io.now(), ...defined({ token }) });
}

/** Commander hands over the options of the whole command. */
export function pick(options: FilterOptions): FilterOptions {
  const { withReason, stage, since, until, topic, partition, offsets, key, verification, token } = options;
  return defined({ withReason, stage, since, until, topic, partition, offsets, key, verification, token });
}
