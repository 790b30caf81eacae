import { UsageError } from '../operator/errors.ts';
import type { CliIo } from './io.ts';

/** Without a terminal, more than this are not begun unless --yes has agreed to the plan. */
export const UNASKED_AT_MOST = 10;

type Agreeing = {
  readonly io: CliIo;
  readonly yes: boolean;
  readonly open: number;
  /** Asked at a terminal. */
  readonly question: string;
  /** E.g. `12 decisions are planned, none of them is started`. */
  readonly planned: string;
  readonly path: string;
  /** The command that goes on, agreed. */
  readonly goOn: string;
};

/** Whether a person, --yes, or the small number agrees to what the journal has planned. Throws `UsageError` where nobody can be asked. */
export async function isAgreed({ io, yes, open, question, planned, path, goOn }: Agreeing): Promise<boolean> {
  if (yes) return true;
  if (io.stdinIsTerminal && io.interactive) return await io.confirm(question);
  if (open <= UNASKED_AT_MOST) return true;
  throw new UsageError(`${planned} (more than ${UNASKED_AT_MOST} need --yes here). Read ${path}, then: ${goOn}`);
}
