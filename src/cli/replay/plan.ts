import { type DependencyUnavailableError, EXIT_CODES } from '../../contracts/errors.ts';
import { defined } from '../../domain/defined.ts';
import { addLine, NO_TOTALS } from '../../operator/replay/plan-line.ts';
import { planLines } from '../../operator/replay/plan.ts';
import type { RulingAsked } from '../../operator/replay/ports.ts';
import { selectionOf } from '../../operator/replay/selection.ts';
import { using } from '../backend.ts';
import { cliConfig, type CliContext } from '../context.ts';
import { type PlanOptions, policyAsked } from './options.ts';
import { jsonLine, outageText, planJson, planText, totalsText } from './print.ts';

/** Prints what a replay, or a person's decision, would do, and changes nothing. Returns the exit code. */
export async function printPlan(
  ids: readonly string[],
  { options, context, ruling }: { readonly options: PlanOptions; readonly context: CliContext; readonly ruling?: RulingAsked },
): Promise<number> {
  const { io } = context;
  const command = ruling === undefined ? 'replay' : 'decide';
  const selection = await selectionOf(ids, { by: options, files: io, nowMs: io.now() });
  const asked = policyAsked(options);
  const config = cliConfig(context);
  const text = options.json === true ? planJson : planText;
  const signal = io.interruption();
  let totals = NO_TOTALS;
  await using(context.backend.replay(config), async ({ reader, cases }) => {
    const onOutage = (outage: DependencyUnavailableError): void => io.stderr(outageText(outage, command));
    for await (const line of planLines({ reader, cases, clock: io }, { selection, asked, signal, onOutage, ...defined({ ruling }) })) {
      totals = addLine(totals, line);
      io.stdout(text(line));
    }
  });
  const complete = !signal.aborted;
  if (!complete) io.stderr(`verdictflow ${command}: interrupted; the totals are those of the lines above\n`);
  io.stdout(
    options.json === true
      ? jsonLine({ totals, ...defined({ complete: complete ? undefined : complete }) })
      : `${totalsText(totals, command)}\n`,
  );
  return complete && totals.verifications > 0 && totals.unreadable === 0 ? EXIT_CODES.ok : EXIT_CODES.negative;
}
