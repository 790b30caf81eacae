import { defined } from '../../domain/defined.ts';
import { systemCode } from '../../contracts/errors.ts';
import { listQuery } from '../../operator/list-query.ts';
import { UsageError } from '../../operator/errors.ts';
import type { VerificationReader } from '../../operator/ports.ts';
import type { Patience } from '../../operator/replay/patience.ts';
import type { PlanQuestion } from '../../operator/replay/plan.ts';
import { idsOfArguments, idsOfLines, idsOfRows } from '../../operator/replay/selection.ts';
import type { CliIo } from '../io.ts';
import type { SelectOptions } from './options.ts';

export type Selection = {
  /** `patience`: for the listing alone; visibility may be away while histories are read. */
  readonly ids: (reader: VerificationReader, patience: Patience) => AsyncIterable<string>;
  /** How many they are, if that is known before. */
  readonly count?: number;
  /** What it was selected by, to be checked against the ledger. */
  readonly selected?: NonNullable<PlanQuestion['selected']>;
};

/**
 * Ids as arguments, a file, or visibility; exactly one of them. Throws `UsageError`, for a file that can be read twice
 * before anything is opened or looked up.
 */
export async function selectionOf(
  ids: readonly string[],
  { options, io }: { readonly options: SelectOptions; readonly io: CliIo },
): Promise<Selection> {
  const { file, outcome, since, withReason, query } = options;
  const byVisibility = [outcome, since, withReason, query].some((value) => value !== undefined);
  const ways = [ids.length > 0, file !== undefined, byVisibility].filter(Boolean).length;
  if (ways !== 1) throw new UsageError('say which verifications: ids, or --file, or a selection such as --outcome ERROR --since 2h');
  if (ids.length > 0) {
    const known = idsOfArguments(ids);
    return { ids: () => each(known), count: known.length };
  }
  if (file !== undefined) {
    const fromFile = (): AsyncIterable<string> => idsOfLines(linesOrExplain(file, io));
    return { ids: fromFile, ...((await io.isRepeatable(file)) ? { count: await countOf(fromFile()) } : {}) };
  }
  const filter = {
    ...defined({ outcome, since, reason: withReason, query }),
  };
  const visible = listQuery(filter, io.now());
  return {
    ids: (reader, patience) => idsOfRows(() => reader.list(visible, Number.POSITIVE_INFINITY), patience),
    selected: {
      ...(outcome === undefined ? {} : { outcome: outcome.toUpperCase() }),
      ...(withReason === undefined ? {} : { reason: withReason.toUpperCase() }),
    },
  };
}

async function* each(ids: readonly string[]): AsyncGenerator<string> {
  yield* ids;
}

async function countOf(ids: AsyncIterable<string>): Promise<number> {
  const all = ids[Symbol.asyncIterator]();
  let count = 0;
  while ((await all.next()).done !== true) count += 1;
  return count;
}

async function* linesOrExplain(path: string, io: CliIo): AsyncGenerator<string> {
  try {
    yield* io.lines(path);
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    throw new UsageError(`--file: ${path} cannot be read (${code})`);
  }
}
