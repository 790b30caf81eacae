import { systemCode } from '../contracts/errors.ts';
import { UsageError } from '../operator/errors.ts';

/** What another path helps against; a full or broken disk is something else. */
const CODES_OF_A_PATH: readonly string[] = ['EACCES', 'EEXIST', 'EISDIR', 'ELOOP', 'ENAMETOOLONG', 'ENOENT', 'ENOTDIR', 'EPERM', 'EROFS'];

/** Does `work` with the journal at `path`; if that path is no good, throws `UsageError` instead of the system's error. */
export async function withWritable<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw journalProblem(path, error);
  }
}

/** The `UsageError` for an error of the file system; any other error as it is. */
export function journalProblem(path: string, error: unknown): unknown {
  const code = systemCode(error) ?? '';
  if (!CODES_OF_A_PATH.includes(code)) return error;
  return new UsageError(`--journal: ${path} cannot be written (${code}); name another with --journal`, { cause: error });
}
