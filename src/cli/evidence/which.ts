import type { Config } from '../../config/config.ts';
import { defined } from '../../domain/defined.ts';
import { UsageError } from '../../operator/errors.ts';
import { listQuery } from '../../operator/list-query.ts';
import { using } from '../backend.ts';
import { readBizKeys } from '../biz-no.ts';
import type { CliContext } from '../context.ts';
import { readVerificationId } from '../verification-id.ts';

export type WhichOptions = { readonly token?: string; readonly bizNo?: string };

export type Which = WhichOptions & { readonly id?: string | undefined };

type Asking = { readonly context: CliContext; readonly config: Config };

/** The verifications of the business number on standard input, as visibility knows them: each once. */
export async function verificationsOfBizNo(
  bizNo: string,
  { context: { io, backend }, config, given = [] }: Asking & { readonly given?: readonly (string | undefined)[] },
): Promise<readonly string[]> {
  const bizKeys = await readBizKeys(bizNo, { given, config, io });
  return await using(backend.temporal(config), async ({ reader }) => {
    const ids = new Set<string>();
    for await (const { verificationId } of reader.list(listQuery({ bizKeys }, io.now()), Number.POSITIVE_INFINITY)) ids.add(verificationId);
    return [...ids];
  });
}

/** The one verification that is meant, however it is said. Throws `UsageError` for a business number that has none, or several. */
export async function oneVerification({ id, token, bizNo }: Which, asking: Asking): Promise<string> {
  if (bizNo === undefined) return await readVerificationId(defined({ id, token }), asking.context.io);
  const [first, ...others] = await verificationsOfBizNo(bizNo, { ...asking, given: [id, token] });
  if (first === undefined)
    throw new UsageError('--biz-no: no verification of this number is known here (never started, or past the retention)');
  if (others.length > 0)
    throw new UsageError(
      `--biz-no: this number has ${others.length + 1} verifications; give the id of one: ${[first, ...others].join(', ')}`,
    );
  return first;
}
