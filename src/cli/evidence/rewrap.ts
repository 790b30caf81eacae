import { mapInOrder } from '../../async/in-order.ts';
import { EvidenceUnreadableError, EXIT_CODES } from '../../contracts/errors.ts';
import { UsageError } from '../../operator/errors.ts';
import type { EvidenceVault } from '../../operator/evidence/ports.ts';
import { oneLine } from '../../operator/timeline/lines.ts';
import { using } from '../backend.ts';
import { cliConfig, type CliContext } from '../context.ts';
import { createProgress } from '../progress.ts';
import { readVerificationId } from '../verification-id.ts';

export type RewrapOptions = { readonly all?: true; readonly json?: true };

const AT_ONCE = 8;

/** Wraps the data keys anew under the first configured key. Repeated, it does what is left. Returns the exit code. */
export async function rewrapEvidence(
  id: string | undefined,
  { options, context }: { readonly options: RewrapOptions; readonly context: CliContext },
): Promise<number> {
  const { io, backend } = context;
  if ((id === undefined) === (options.all === undefined)) throw new UsageError('say which: one verification id, or --all');
  const config = cliConfig(context);
  const verificationId = id === undefined ? undefined : await readVerificationId({ id }, io);
  const signal = io.interruption();
  const counts = { REWRAPPED: 0, UP_TO_DATE: 0, NOTHING: 0, FAILED: 0 };
  const progress = createProgress(io);
  try {
    await using(backend.vault(config), async ({ vault }) => {
      const ids = verificationId === undefined ? keptIn(vault) : [verificationId];
      const pace = { atOnce: AT_ONCE, perSecond: Number.POSITIVE_INFINITY, clock: io, signal };
      let done = 0;
      const one = async (which: string): Promise<keyof typeof counts> => {
        try {
          return await vault.rewrap(which);
        } catch (error) {
          if (!(error instanceof EvidenceUnreadableError)) throw error;
          progress.aside(() => io.stderr(`${which}  failed: ${oneLine(error.message)}\n`));
          return 'FAILED';
        }
      };
      for await (const result of mapInOrder(ids, one, pace)) {
        counts[result] += 1;
        done += 1;
        progress.update(done);
      }
    });
  } finally {
    progress.end();
  }
  const { REWRAPPED: rewrapped, UP_TO_DATE: upToDate, NOTHING: nothing, FAILED: failed } = counts;
  const complete = !signal.aborted;
  const rest = [...(nothing === 0 ? [] : [`${nothing} without a key`]), ...(failed === 0 ? [] : [`${failed} failed`])];
  if (options.json === true) io.stdout(`${JSON.stringify({ rewrapped, upToDate, nothing, failed, complete })}\n`);
  else io.stdout(`${[`${rewrapped} rewrapped`, `${upToDate} up to date`, ...rest].join(', ')}\n`);
  if (!complete) io.stderr('verdictflow evidence rewrap: interrupted; run it again, and it does what is left\n');
  return complete && failed === 0 && (id === undefined || nothing === 0) ? EXIT_CODES.ok : EXIT_CODES.negative;
}

async function* keptIn(vault: Pick<EvidenceVault, 'records'>): AsyncGenerator<string> {
  for await (const { verificationId, state } of vault.records())
    if (state.kind === 'KEPT' || state.kind === 'UNREADABLE') yield verificationId;
}
