import { EXIT_CODES } from '../../contracts/errors.ts';
import { addLine, NO_TOTALS, totalsText } from '../../operator/replay/totals.ts';
import { using } from '../backend.ts';
import { cliConfig } from '../context.ts';
import type { CliContext } from '../context.ts';
import { policyAsked } from './options.ts';
import type { SelectOptions } from './options.ts';
import { planLines } from './plan-lines.ts';
import { planJson, renderPlanLine } from './render.ts';
import { selectionOf } from './select.ts';

/** Prints what a replay would do, and changes nothing. */
export async function runPlan(
  ids: readonly string[],
  { options, context }: { options: SelectOptions; context: CliContext },
): Promise<number> {
  const { io } = context;
  const selection = selectionOf(ids, { options, io });
  const asked = policyAsked(options);
  const config = cliConfig(context);
  const render = options.json === true ? planJson : renderPlanLine;
  const signal = io.interruption();
  let totals = NO_TOTALS;
  await using(context.backend.replay(config), async ({ reader, cases }) => {
    const planning = { cases, asked, io, signal, ...(selection.selected === undefined ? {} : { selected: selection.selected }) };
    for await (const line of planLines(selection.ids(reader), planning)) {
      totals = addLine(totals, line);
      io.stdout(render(line));
    }
  });
  io.stdout(options.json === true ? `${JSON.stringify({ totals })}\n` : `${totalsText(totals)}\n`);
  return signal.aborted || totals.verifications === 0 ? EXIT_CODES.negative : EXIT_CODES.ok;
}
