import { sealingKeysOf } from '../../workers/settings.ts';
import type { Config } from '../config/config.ts';
import { UsageError } from '../operator/errors.ts';
import { bizKeys } from '../temporal/biz-key.ts';
import type { CliIo } from './io.ts';

type Asked = { readonly given: readonly (string | undefined)[]; readonly config: Config; readonly io: CliIo };

/** What stands for the business number on standard input (`--biz-no -`), one for each sealing key. */
export async function readBizKeys(option: string, { given, config, io }: Asked): Promise<readonly string[]> {
  if (option !== '-')
    throw new UsageError('--biz-no: a number on the command line is visible to every user of the machine; write --biz-no -');
  if (given.some((other) => other !== undefined)) throw new UsageError('give either an id, --token - or --biz-no -, not several');
  if (!config.bizNoSearchable)
    throw new UsageError('--biz-no: business numbers are not searchable here (VF_BIZNO_SEARCHABLE=true makes them)');
  const keys = sealingKeysOf(config);
  if (keys.length === 0) throw new UsageError('--biz-no: the sealing keys of the service are needed (VF_TOKEN_KEYS or VF_TOKEN_KEYS_FILE)');
  const bizNo = (await io.readStdin()).replace(/\r?\n$/, '');
  if (bizNo === '') throw new UsageError('--biz-no -: standard input holds no business number');
  return bizKeys(bizNo, keys);
}
