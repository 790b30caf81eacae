import type { Config } from '../../config/config.ts';
import { type DependencyUnavailableError, EXIT_CODES } from '../../contracts/errors.ts';
import { defined } from '../../domain/defined.ts';
import { createReplayAudit } from '../../operator/replay/audit.ts';
import { executeOpen, outcomesOf } from '../../operator/replay/execute.ts';
import {
  addFinish,
  assertResumable,
  beginJournal,
  countOpen,
  forgetJournal,
  type Given,
  journaled,
  readJournal,
  type Tally,
  tallyOf,
  type Work,
} from '../../operator/replay/journal.ts';
import { saysRuling } from '../../operator/replay/plan-ruling.ts';
import { type PlanTotals, toStart } from '../../operator/replay/plan-line.ts';
import { planLines } from '../../operator/replay/plan.ts';
import type { ReplayMandate } from '../../operator/replay/ports.ts';
import { selectionOf } from '../../operator/replay/selection.ts';
import { createTokenCheck } from '../../operator/secret-words.ts';
import { isAgreed } from '../agree.ts';
import { using } from '../backend.ts';
import { cliConfig, type CliContext } from '../context.ts';
import { type OpenJournal, type Stop, withJournal, workOff } from '../journaled.ts';
import { createProgress } from '../progress.ts';
import { policyAsked, type RunOptions } from './options.ts';
import {
  createRefusals,
  executedJson,
  executedText,
  jsonLine,
  outageText,
  outcomeText,
  resumeCommand,
  SAID,
  tallyText,
  totalsText,
} from './print.ts';

/** One call of `replay run` or `decide`. */
export type RunCommand = {
  readonly ids: readonly string[];
  readonly options: RunOptions;
  readonly context: CliContext;
  readonly given: Given;
  /** Who and why, and what a person decides. Throws `UsageError`. */
  readonly mandate: () => ReplayMandate;
};

/** The same with what it works on; `signal` fires when it is to stop. */
type Running = RunCommand & OpenJournal & { readonly config: Config; readonly signal: AbortSignal };

/**
 * Plans into a journal, asks, executes from the journal. With the journal of an earlier attempt it goes on where that
 * stopped. Returns the exit code.
 */
export async function runReplays(command: RunCommand): Promise<number> {
  const { options, context, given } = command;
  const { io } = context;
  return await withJournal({ io, command: given.command, journal: options.journal }, async (opened) => {
    const earlier = await readJournal(opened.file);
    assertResumable(given, earlier);
    const running = { ...command, ...opened, config: cliConfig(context), signal: io.interruption() };
    const work = earlier.work ?? (await plan(running));
    return work === undefined ? EXIT_CODES.negative : await go(running, work);
  });
}

/** Undefined if it was interrupted. */
async function plan({
  ids,
  options,
  context,
  given: { command },
  config,
  file,
  path,
  signal,
  ...more
}: Running): Promise<Work | undefined> {
  const { io } = context;
  const mandate = more.mandate();
  const assertNoToken = createTokenCheck(mandate, { forget: async () => await forgetJournal(file) });
  const selection = await selectionOf(ids, { by: options, files: io, nowMs: io.now() });
  const asked = policyAsked(options);
  await beginJournal(file, { mandate, at: new Date(io.now()).toISOString() });
  io.stderr(`verdictflow ${command}: the journal is ${path}\n`);
  const { aside, update, end } = createProgress(io, selection.count);
  const refusals = createRefusals(io, { json: options.json === true, command, aside });
  const onOutage = (outage: DependencyUnavailableError): void => aside(() => io.stderr(outageText(outage, command)));
  let planned = 0;
  try {
    await using(context.backend.replay(config), async ({ reader, cases }) => {
      const lines = planLines({ reader, cases, clock: io }, { selection, asked, signal, onOutage, ...defined({ ruling: mandate.ruling }) });
      for await (const line of journaled(file, { lines, signal })) {
        await assertNoToken(line.verificationId);
        refusals.add(line);
        planned += 1;
        update(planned);
      }
    });
  } finally {
    end();
  }
  const { work } = await readJournal(file);
  if (work === undefined) io.stderr(`verdictflow ${command}: interrupted while planning; nothing was started\n`);
  else refusals.end();
  return work;
}

async function go(running: Running, work: Work): Promise<number> {
  const { options, context, path, given } = running;
  const { command } = given;
  const { io } = context;
  const { totals, finished } = work;
  const open = countOpen(work);
  if (options.json !== true) io.stdout(`${totalsText(totals, command)}\n`);
  if (finished.size > 0)
    io.stderr(`verdictflow ${command}: ${path} has ${finished.size} finished (${tallyText(tallyOf(finished.values()))}), ${open} to go\n`);
  if (open > 0 && !(await agrees(running, open))) return EXIT_CODES.negative;
  const { code, tally } = await execute(running, work);
  const waited = options.wait === true && !running.signal.aborted ? await waitForOutcomes(running, work.mandate) : EXIT_CODES.ok;
  if (options.json === true) io.stdout(jsonLine({ totals, ...tally, journal: path }));
  return Math.max(code, waited, sayWhatIsMissing(running, totals));
}

async function agrees({ options, context: { io }, path, given: { command } }: Running, open: number): Promise<boolean> {
  const { many } = SAID[command];
  return await isAgreed({
    io,
    yes: options.yes === true,
    open,
    question: `Start ${open} ${many}?`,
    planned: `${open} ${many} are planned, none of them is started`,
    path,
    goOn: resumeCommand(path, { ...options, command }),
  });
}

/** A job that replays nothing must not look like one that replayed everything. */
function sayWhatIsMissing({ context: { io }, given: { command } }: Running, totals: PlanTotals): number {
  if (toStart(totals) === 0) {
    const why = totals.verifications === 0 ? 'nothing was selected' : 'every verification is refused';
    io.stderr(`verdictflow ${command}: nothing to start: ${why}\n`);
    return EXIT_CODES.negative;
  }
  // Whoever decides has named each of them.
  const isMissing = totals.unreadable > 0 || (command === 'decide' && totals.actions.REFUSE > 0);
  return isMissing ? EXIT_CODES.negative : EXIT_CODES.ok;
}

/** Executes what is open, at the rate asked for. The tally counts what earlier attempts did as well. */
async function execute(running: Running, work: Work): Promise<{ readonly tally: Tally; readonly code: number }> {
  const { context, config, file, options, signal, given } = running;
  const { io, backend } = context;
  const open = countOpen(work);
  let tally = tallyOf(work.finished.values());
  if (open === 0) return { tally, code: codeOf(tally) };
  const stop = await workOff({ io, open, signal }, async ({ aside, step }) => {
    const onOutage = (outage: DependencyUnavailableError): void => aside(() => io.stderr(outageText(outage, given.command)));
    await using(backend.replay(config), async ({ cases, runs }) => {
      await using(backend.publisher(config), async ({ publisher }) => {
        const audit = createReplayAudit({ publisher, topic: config.kafka.topics.audit });
        const ports = { cases, runs, file, audit, clock: io };
        for await (const one of executeOpen(ports, { work, perSecond: options.rate, signal, onOutage })) {
          const text = executedText(one);
          if (options.json === true) aside(() => io.stdout(executedJson(one)));
          else if (text !== undefined) aside(() => io.stderr(text));
          tally = addFinish(tally, one.kind);
          step();
        }
      });
    });
  });
  return { tally, code: conclude(running, { tally, stop }) };
}

function conclude(
  { options, context: { io }, path, given: { command } }: Running,
  { tally, stop }: { readonly tally: Tally; readonly stop: Stop | undefined },
): number {
  if (stop !== undefined) {
    io.stderr(`verdictflow ${command}: ${stop.why}\n${tallyText(tally)}; go on with: ${resumeCommand(path, { ...options, command })}\n`);
    return stop.code;
  }
  if (options.json !== true) io.stdout(`${tallyText(tally)}; journal ${path}\n`);
  return codeOf(tally);
}

/** The journal is done with only if everything that was planned was started and is on record. */
function codeOf({ skipped, unaudited }: Tally): number {
  return skipped === 0 && unaudited === 0 ? EXIT_CODES.ok : EXIT_CODES.negative;
}

/** Prints the outcome of every run of the journal, in its order. A decision that another one came before is told, and is none. */
async function waitForOutcomes({ file, options, context, given, config, signal }: Running, { ruling }: ReplayMandate): Promise<number> {
  const { io } = context;
  const { command } = given;
  const onOutage = (outage: DependencyUnavailableError): void => io.stderr(outageText(outage, command));
  let missing = 0;
  await using(context.backend.replay(config), async ({ runs }) => {
    for await (const outcome of outcomesOf({ runs, file, clock: io }, { signal, onOutage })) {
      const { verificationId } = outcome;
      if ('result' in outcome) {
        const decided = ruling && saysRuling(outcome.result.outcome, ruling);
        io.stdout(outcomeText(verificationId, outcome.result, { json: options.json === true, decided }));
        missing += Number(decided === false);
      } else {
        missing += 1;
        io.stderr(`${verificationId}  ${outcome.missing}\n`);
      }
    }
  });
  if (signal.aborted) io.stderr(`verdictflow ${command}: stopped waiting; the ${SAID[command].many} go on\n`);
  return missing > 0 || signal.aborted ? EXIT_CODES.negative : EXIT_CODES.ok;
}
