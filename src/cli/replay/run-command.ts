import { EXIT_CODES } from '../../contracts/errors.ts';
import { UsageError } from '../../operator/errors.ts';
import type { ReplayMandate } from '../../operator/replay/ports.ts';
import { toStart, totalsText } from '../../operator/replay/totals.ts';
import { using } from '../backend.ts';
import { cliConfig } from '../context.ts';
import { execute } from './execute.ts';
import { beginJournal, completePlan, journalOf, readJournal } from './journal.ts';
import type { JournalState } from './journal.ts';
import { mandateOf, planningOptions, policyAsked } from './options.ts';
import { planLines } from './plan-lines.ts';
import type { Command, Running } from './running.ts';
import { selectionOf } from './select.ts';
import { waitForOutcomes } from './wait.ts';

/** More replays than this are not started unless a person, or --yes, has agreed to the plan. */
export const UNASKED_AT_MOST = 10;

/** Plans into a journal, asks, executes from the journal. With the journal of an earlier attempt it goes on where that stopped. */
export async function runReplays(command: Command): Promise<number> {
  const { options, context } = command;
  const path = options.journal ?? `.verdictflow/replay-${new Date(context.io.now()).toISOString().replaceAll(/[:.]/g, '-')}.ndjson`;
  const file = context.io.journal(path);
  try {
    await file.lock();
    const earlier = await readJournal(file);
    const running = { ...command, config: cliConfig(context), file, path, signal: context.io.interruption() };
    if (earlier.planned) assertNothingToPlan(command);
    const state = earlier.planned ? earlier : await plan(running);
    if (state === undefined) return EXIT_CODES.negative;
    return await go(running, state);
  } finally {
    await file.close();
  }
}

function assertNothingToPlan({ ids, options }: Command): void {
  const given = [...(ids.length > 0 ? ['the ids'] : []), ...planningOptions(options)];
  if (given.length > 0) throw new UsageError(`--journal: it has its own plan; leave ${given.join(', ')} away, or name a new file`);
}

async function plan({ ids, options, context, config, file, signal }: Running): Promise<JournalState | undefined> {
  const { io } = context;
  const mandate: ReplayMandate = mandateOf(options, io.env);
  const selection = selectionOf(ids, { options, io });
  const asked = policyAsked(options);
  await beginJournal(file, { mandate, at: new Date(io.now()).toISOString() });
  const journal = journalOf(file);
  let planned = 0;
  await using(context.backend.replay(config), async ({ reader, cases }) => {
    const planning = { cases, asked, io, signal, ...(selection.selected === undefined ? {} : { selected: selection.selected }) };
    for await (const line of planLines(selection.ids(reader), planning)) {
      await journal.append({ kind: 'PLANNED', line });
      planned += 1;
    }
  });
  if (signal.aborted) {
    io.stderr('verdictflow replay: interrupted while planning; nothing was started\n');
    return undefined;
  }
  await completePlan(file, planned);
  return await readJournal(file);
}

async function go(running: Running, state: JournalState): Promise<number> {
  const { options, context, path } = running;
  const { io } = context;
  const open = toStart(state.totals) - state.finished.size;
  if (options.json !== true) io.stdout(`${totalsText(state.totals)}\n`);
  if (state.finished.size > 0) io.stderr(`verdictflow replay: ${path} has ${state.finished.size} done or skipped, ${open} to go\n`);
  if (open > 0 && !(await isAgreed(running, open))) return EXIT_CODES.negative;
  const code = await execute(running, { ...state, mandate: state.mandate ?? mandateOf(options, io.env), open });
  if (options.wait !== true || running.signal.aborted) return code;
  return Math.max(code, await waitForOutcomes(running));
}

async function isAgreed({ options, context, path }: Running, open: number): Promise<boolean> {
  const { io } = context;
  if (options.yes === true) return true;
  if (io.stdinIsTerminal && io.interactive) return await io.confirm(`Start ${open} replays?`);
  if (open <= UNASKED_AT_MOST) return true;
  throw new UsageError(`${open} replays: look at the plan in ${path}, then give --yes and --journal ${path}`);
}
