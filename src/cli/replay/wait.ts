import { EXIT_CODES } from '../../contracts/errors.ts';
import type { VerificationResult } from '../../contracts/workflow.ts';
import { outcomeEventId } from '../../domain/ids.ts';
import { InterruptedError, type Patience, PoisonError } from '../../operator/replay/patience.ts';
import type { ReplayRuns } from '../../operator/replay/ports.ts';
import { using } from '../backend.ts';
import { startedRuns } from './journal.ts';
import type { Running } from './running.ts';
import { patienceOf } from './waiting.ts';

/** Prints the outcome of every replay of the journal, in its order. A read may take until the end of the window. */
export async function waitForOutcomes(running: Running): Promise<number> {
  const { file, context, config, signal } = running;
  const { io } = context;
  const patience = patienceOf(io, { signal, say: (text) => io.stderr(text) });
  let missing = 0;
  await using(context.backend.replay(config), async ({ runs }) => {
    for await (const { verificationId, runId } of startedRuns(file)) {
      const result = await resultOf(running, { runs, verificationId, runId, patience });
      if (signal.aborted && typeof result === 'string') return;
      if (typeof result === 'string') {
        missing += 1;
        io.stderr(`${verificationId}  ${result}\n`);
      } else print(running, { verificationId, result });
    }
  });
  if (signal.aborted) io.stderr('verdictflow replay: stopped waiting; the replays go on\n');
  return missing > 0 || signal.aborted ? EXIT_CODES.negative : EXIT_CODES.ok;
}

type Asked = { readonly runs: ReplayRuns; readonly verificationId: string; readonly runId: string; readonly patience: Patience };

/** A text says why there is none. */
async function resultOf({ signal }: Running, { runs, verificationId, runId, patience }: Asked): Promise<VerificationResult | string> {
  try {
    const result = await patience(() => runs.result(verificationId, { runId, signal }), { probe: true });
    if (result === 'GONE')
      return `its run ${runId} is gone (deleted, or past the retention of the namespace); look for its outcome on the topic`;
    return result ?? 'ended without an outcome; see the Temporal UI';
  } catch (error) {
    if (error instanceof PoisonError || error instanceof InterruptedError) return `its outcome cannot be read: ${error.message}`;
    throw error;
  }
}

function print({ context, options }: Running, { verificationId, result }: { verificationId: string; result: VerificationResult }): void {
  const { outcome, emission } = result;
  const ceId = outcomeEventId(verificationId, outcome.revision);
  const reasons = outcome.reasons.map(({ code }) => code);
  const line = { verificationId, ceId, outcome: outcome.outcome, reasons, callsUsed: outcome.retrieval.callsUsed, emission };
  context.io.stdout(options.json === true ? `${JSON.stringify(line)}\n` : `${ceId}  ${[outcome.outcome, ...reasons].join(' ')}\n`);
}
