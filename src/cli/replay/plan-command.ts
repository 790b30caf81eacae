import { defined } from '../../domain/defined.ts';
import { EXIT_CODES } from '../../contracts/errors.ts';
import { addLine, NO_TOTALS, totalsText } from '../../operator/replay/totals.ts';
import { using } from '../backend.ts';
import { cliConfig, type CliContext } from '../context.ts';
import { policyAsked, type SelectOptions } from './options.ts';
import { planLines } from './plan-lines.ts';
import { planJson, renderPlanLine } from './render.ts';
import { selectionOf } from './select.ts';
import { patienceOf } from './waiting.ts';

/** Prints what a replay would do, and changes nothing. */
export async function runPlan(
  ids: readonly string[],
  { options, context }: { options: SelectOptions; context: CliContext },
): Promise<number> {
  const { io } = context;
  const selection = await selectionOf(ids, { options, io });
  const asked = policyAsked(options);
  const config = cliConfig(context);
  const render = options.json === true ? planJson : renderPlanLine;
  const signal = io.interruption();
  let totals = NO_TOTALS;
  const waiting = { signal, say: (text: string) => io.stderr(text) };
  await using(context.backend.replay(config), async ({ reader, cases }) => {
    const patience = patienceOf(io, waiting);
    const planning = { cases, asked, patience, io, signal, ...defined({ selected: selection.selected }) };
    for await (const line of planLines(selection.ids(reader, patienceOf(io, waiting)), planning)) {
      totals = addLine(totals, line);
      io.stdout(render(line));
    }
  });
  const complete = !signal.aborted;
  if (!complete) io.stderr('verdictflow replay: interrupted; the totals are those of the lines above\n');
  if (options.json === true) io.stdout(`${JSON.stringify({ totals, ...(complete ? {} : { complete }) })}\n`);
  else io.stdout(`${totalsText(totals)}\n`);
  return complete && totals.verifications > 0 && totals.unreadable === 0 ? EXIT_CODES.ok : EXIT_CODES.negative;
}
