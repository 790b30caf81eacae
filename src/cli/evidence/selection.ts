import type { Config } from '../../config/config.ts';
import { defined } from '../../domain/defined.ts';
import { UsageError } from '../../operator/errors.ts';
import type { EvidenceVault } from '../../operator/evidence/ports.ts';
import { instantMs } from '../../operator/list-query.ts';
import { idsOf } from '../../operator/replay/selection.ts';
import type { CliContext } from '../context.ts';
import { readVerificationId } from '../verification-id.ts';
import { verificationsOfBizNo } from './which.ts';

export type EraseSelectBy = {
  readonly file?: string;
  readonly token?: string;
  readonly bizNo?: string;
  readonly olderThan?: string;
};

/** Each id once. `vault` is asked only for those that are older than something. */
export type EraseSelection = {
  readonly ids: (vault: Pick<EvidenceVault, 'records'>) => AsyncIterable<string>;
  readonly count?: number;
};

/** The options that select, by their names. */
export function selectingOptions(ids: readonly string[], { file, token, bizNo, olderThan }: EraseSelectBy): readonly string[] {
  const options = { '--file': file, '--token': token, '--biz-no': bizNo, '--older-than': olderThan };
  return [...(ids.length > 0 ? ['the ids'] : []), ...Object.keys(defined(options))];
}

/** Ids as arguments, a file, a token, a business number or an age; exactly one of them. Throws `UsageError`. */
export async function eraseSelection(
  given: readonly string[],
  { by, context, config }: { readonly by: EraseSelectBy; readonly context: CliContext; readonly config: Config },
): Promise<EraseSelection> {
  const { io } = context;
  const { file, token, bizNo, olderThan } = by;
  if (selectingOptions(given, by).length !== 1)
    throw new UsageError('say what is to be erased: ids, --file, --token -, --biz-no - or --older-than, and one of them');
  if (token !== undefined) return listed([await readVerificationId({ token }, io)]);
  if (bizNo !== undefined) return listed(await verificationsOfBizNo(bizNo, { context, config }));
  if (olderThan === undefined) {
    const { ids, count } = await idsOf(given, { files: io, ...defined({ file }) });
    return { ids, ...defined({ count }) };
  }
  if (!/^\d+[smhd]$/.test(olderThan)) throw new UsageError(`--older-than: "${olderThan}" is no duration (30d, 12h)`);
  const beforeMs = instantMs('--older-than', { text: olderThan, nowMs: io.now() });
  return { ids: (vault) => olderThanIn(vault, beforeMs) };
}

function listed(ids: readonly string[]): EraseSelection {
  return {
    async *ids() {
      yield* ids;
    },
    count: ids.length,
  };
}

/** And those of which nobody can say how old they are: the plan names them and leaves them alone. */
async function* olderThanIn(vault: Pick<EvidenceVault, 'records'>, beforeMs: number): AsyncGenerator<string> {
  for await (const { verificationId, state } of vault.records())
    if (state.kind === 'UNREADABLE' || (state.kind === 'KEPT' && Date.parse(state.createdAt) <= beforeMs)) yield verificationId;
}
