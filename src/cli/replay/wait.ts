import { EXIT_CODES } from '../../contracts/errors.ts';
import { outcomeEventId } from '../../domain/ids.ts';
import { using } from '../backend.ts';
import { startedRuns } from './journal.ts';
import type { Running } from './running.ts';

/** Prints the outcome of every replay of the journal, in its order. A read may take until the end of the window. */
export async function waitForOutcomes({ file, context, config, options, signal }: Running): Promise<number> {
  const { io } = context;
  let missing = 0;
  await using(context.backend.replay(config), async ({ runs }) => {
    for await (const { verificationId, runId } of startedRuns(file)) {
      const result = await runs.result(verificationId, { runId, signal });
      if (result === undefined) {
        if (signal.aborted) return;
        missing += 1;
        io.stderr(`${verificationId}  ended without an outcome; see the Temporal UI\n`);
        continue;
      }
      const { outcome, emission } = result;
      const ceId = outcomeEventId(verificationId, outcome.revision);
      const reasons = outcome.reasons.map(({ code }) => code);
      const line = { verificationId, ceId, outcome: outcome.outcome, reasons, callsUsed: outcome.retrieval.callsUsed, emission };
      io.stdout(options.json === true ? `${JSON.stringify(line)}\n` : `${ceId}  ${[outcome.outcome, ...reasons].join(' ')}\n`);
    }
  });
  if (signal.aborted) io.stderr('verdictflow replay: stopped waiting; the replays go on\n');
  return missing > 0 || signal.aborted ? EXIT_CODES.negative : EXIT_CODES.ok;
}
