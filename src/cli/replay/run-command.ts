import { defined } from '../../domain/defined.ts';
import { EXIT_CODES } from '../../contracts/errors.ts';
import { UsageError } from '../../operator/errors.ts';
import type { ReplayMandate } from '../../operator/replay/ports.ts';
import { type PlanTotals, toStart, totalsText } from '../../operator/replay/totals.ts';
import { using } from '../backend.ts';
import { cliConfig } from '../context.ts';
import { createProgress } from '../progress.ts';
import { execute } from './execute.ts';
import { beginJournal, completePlan, journalOf, type JournalState, readJournal } from './journal.ts';
import { mandateOf, policyAsked } from './options.ts';
import { planLines } from './plan-lines.ts';
import { createRefusals } from './refusals.ts';
import { assertResumable, resumeCommand } from './resuming.ts';
import type { Command, Running } from './running.ts';
import { selectionOf } from './select.ts';
import { tallyOf, tallyText } from './tally.ts';
import { waitForOutcomes } from './wait.ts';
import { patienceOf } from './waiting.ts';

/** Without a terminal, more replays than this are not started unless --yes has agreed to the plan. */
export const UNASKED_AT_MOST = 10;

/** Plans into a journal, asks, executes from the journal. With the journal of an earlier attempt it goes on where that stopped. */
export async function runReplays(command: Command): Promise<number> {
  const { options, context } = command;
  const path = options.journal ?? `.verdictflow/replay-${new Date(context.io.now()).toISOString().replaceAll(/[:.]/g, '-')}.ndjson`;
  const file = context.io.journal(path);
  try {
    await file.lock();
    const earlier = await readJournal(file);
    assertResumable(command, earlier);
    const running = { ...command, config: cliConfig(context), file, path, signal: context.io.interruption() };
    const state = earlier.planned ? earlier : await plan(running);
    if (state === undefined) return EXIT_CODES.negative;
    return await go(running, state);
  } finally {
    await file.close();
  }
}

async function plan({ ids, options, context, config, file, path, signal }: Running): Promise<JournalState | undefined> {
  const { io } = context;
  const mandate: ReplayMandate = mandateOf(options, io.env);
  const selection = await selectionOf(ids, { options, io });
  const asked = policyAsked(options);
  await beginJournal(file, { mandate, at: new Date(io.now()).toISOString() });
  io.stderr(`verdictflow replay: the journal is ${path}\n`);
  const journal = journalOf(file);
  const progress = createProgress(io, selection.count);
  const refusals = createRefusals(io, { json: options.json === true, aside: progress.aside });
  const waiting = { signal, say: (text: string) => progress.aside(() => io.stderr(text)) };
  let planned = 0;
  try {
    await using(context.backend.replay(config), async ({ reader, cases }) => {
      const patience = patienceOf(io, waiting);
      const planning = {
        cases,
        asked,
        patience,
        io,
        signal,
        ...defined({ selected: selection.selected }),
      };
      for await (const line of planLines(selection.ids(reader, patienceOf(io, waiting)), planning)) {
        await journal.append({ kind: 'PLANNED', line });
        planned += 1;
        refusals.add(line);
        progress.update(planned);
      }
    });
  } finally {
    progress.end();
  }
  if (signal.aborted) {
    io.stderr('verdictflow replay: interrupted while planning; nothing was started\n');
    return undefined;
  }
  refusals.end();
  await completePlan(file, planned);
  return await readJournal(file);
}

async function go(running: Running, state: JournalState): Promise<number> {
  const { options, context, path } = running;
  const { io } = context;
  const { totals, finished } = state;
  const open = toStart(totals) - finished.size;
  if (options.json !== true) io.stdout(`${totalsText(totals)}\n`);
  if (finished.size > 0)
    io.stderr(`verdictflow replay: ${path} has ${finished.size} finished (${tallyText(tallyOf(finished.values()))}), ${open} to go\n`);
  if (open > 0 && !(await isAgreed(running, open))) return EXIT_CODES.negative;
  const mandate = state.mandate ?? mandateOf(options, io.env);
  const { code, tally } = await execute(running, { ...state, mandate, open });
  const waited = options.wait === true && !running.signal.aborted ? await waitForOutcomes(running) : EXIT_CODES.ok;
  if (options.json === true) io.stdout(`${JSON.stringify({ totals, ...tally, journal: path })}\n`);
  return Math.max(code, waited, sayWhatIsMissing(running, totals));
}

/** A job that replays nothing must not look like one that replayed everything. */
function sayWhatIsMissing({ context: { io } }: Running, totals: PlanTotals): number {
  if (toStart(totals) === 0) {
    io.stderr(
      `verdictflow replay: nothing to start: ${totals.verifications === 0 ? 'nothing was selected' : 'every verification is refused'}\n`,
    );
    return EXIT_CODES.negative;
  }
  return totals.unreadable > 0 ? EXIT_CODES.negative : EXIT_CODES.ok;
}

async function isAgreed(running: Running, open: number): Promise<boolean> {
  const { options, context, path } = running;
  const { io } = context;
  if (options.yes === true) return true;
  if (io.stdinIsTerminal && io.interactive) return await io.confirm(`Start ${open} replays?`);
  if (open <= UNASKED_AT_MOST) return true;
  throw new UsageError(
    `${open} replays are planned, none of them is started (more than ${UNASKED_AT_MOST} need --yes here). Read ${path}, then: ${resumeCommand(running)}`,
  );
}
