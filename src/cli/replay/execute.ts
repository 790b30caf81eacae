import { defined } from '../../domain/defined.ts';
import { EXIT_CODES, exitCodeOf, messageOf } from '../../contracts/errors.ts';
import { createReplayAudit } from '../../operator/replay/audit.ts';
import { mapInOrder } from '../../operator/replay/in-order.ts';
import { InterruptedError } from '../../operator/replay/patience.ts';
import type { PlanLine } from '../../operator/replay/plan-line.ts';
import type { ReplayMandate } from '../../operator/replay/ports.ts';
import { type Executed, executeLine } from '../../operator/replay/run.ts';
import { using } from '../backend.ts';
import { createProgress } from '../progress.ts';
import { journalOf, type JournalState, linesToStart } from './journal.ts';
import { untilAborted } from './plan-lines.ts';
import { resumeCommand } from './resuming.ts';
import type { Running } from './running.ts';
import { counted, isClean, type Tally, tallyOf, tallyText } from './tally.ts';
import { patienceOf, turnsOf } from './waiting.ts';

const AT_ONCE = 8;

type Work = JournalState & { readonly mandate: ReplayMandate; readonly open: number };

export type Execution = { readonly tally: Tally; readonly code: number };

/**
 * Executes what the journal has open, at the rate asked for. After SIGINT, or once something fails that concerns every
 * line, no further one is begun; what was begun is finished and reported. What earlier attempts did counts as well.
 */
export async function execute(running: Running, work: Work): Promise<Execution> {
  const { context, config } = running;
  const { io } = context;
  let tally = tallyOf(work.finished.values());
  if (work.open === 0) return { tally, code: codeOf(tally) };
  let executed = 0;
  const progress = createProgress(io, work.open);
  const failed = new AbortController();
  const signal = AbortSignal.any([running.signal, failed.signal]);
  const patience = patienceOf(io, { signal, say: (text) => progress.aside(() => io.stderr(text)) });
  try {
    await using(context.backend.replay(config), async (replay) => {
      await using(context.backend.publisher(config), async ({ publisher }) => {
        const audit = createReplayAudit({ publisher, topic: config.kafka.topics.audit });
        const ports = { ...replay, audit, patience, journal: journalOf(running.file), now: () => io.now() };
        for await (const result of results(running, { work, ports, signal, fail: (error) => failed.abort(error) })) {
          const write = reportOf(running, result);
          if (write !== undefined) progress.aside(write);
          tally = counted(tally, result.executed.kind);
          executed += 1;
          progress.update(executed);
        }
      });
    });
  } catch (error) {
    failed.abort(error);
  }
  progress.end();
  return { tally, code: conclude(running, { tally, failed: failed.signal }) };
}

type Execute = {
  readonly work: Work;
  readonly ports: Parameters<typeof executeLine>[0];
  readonly signal: AbortSignal;
  readonly fail: (error: unknown) => void;
};
type Result = { readonly line: PlanLine; readonly executed: Executed };

async function* results({ file, options, context }: Running, { work, ports, signal, fail }: Execute): AsyncGenerator<Result> {
  const turn = turnsOf(context.io, { perSecond: options.rate, signal });
  const one = async (line: PlanLine): Promise<Result | undefined> => {
    if (!(await turn())) return undefined;
    const progress = work.progress.get(line.verificationId);
    try {
      const given = { line, mandate: work.mandate, ...defined({ progress }) };
      return { line, executed: await executeLine(ports, given) };
    } catch (error) {
      if (!(error instanceof InterruptedError)) fail(error);
      return undefined;
    }
  };
  const lines = untilAborted(unfinished(linesToStart(file), work.finished), signal);
  for await (const result of mapInOrder(lines, one, { atOnce: AT_ONCE })) if (result !== undefined) yield result;
}

async function* unfinished(lines: AsyncIterable<PlanLine>, finished: JournalState['finished']): AsyncGenerator<PlanLine> {
  for await (const line of lines) if (!finished.has(line.verificationId)) yield line;
}

/** What writes the result; undefined if nobody needs to be told. */
function reportOf({ options, context: { io } }: Running, { line, executed }: Result): (() => void) | undefined {
  const { verificationId, action } = line;
  if (options.json === true) {
    const run = 'run' in executed ? executed.run : {};
    const why = 'why' in executed ? { why: executed.why } : {};
    return () => io.stdout(`${JSON.stringify({ verificationId, action, result: executed.kind, ...run, ...why })}\n`);
  }
  if (executed.kind === 'STARTED') return undefined;
  const what = executed.kind === 'SKIPPED' ? 'skipped' : `started as run ${executed.run.runId}, not audited`;
  return () => io.stderr(`${verificationId}  ${what}: ${executed.why}\n`);
}

function conclude(running: Running, { tally, failed }: { readonly tally: Tally; readonly failed: AbortSignal }): number {
  const { io } = running.context;
  if (failed.aborted) return stopped(running, { tally, why: messageOf(failed.reason), code: exitCodeOf(failed.reason) });
  if (running.signal.aborted) return stopped(running, { tally, why: 'interrupted', code: EXIT_CODES.negative });
  if (running.options.json !== true) io.stdout(`${tallyText(tally)}; journal ${running.path}\n`);
  return codeOf(tally);
}

function codeOf(tally: Tally): number {
  return isClean(tally) ? EXIT_CODES.ok : EXIT_CODES.negative;
}

function stopped(running: Running, { tally, why, code }: { readonly tally: Tally; readonly why: string; readonly code: number }): number {
  running.context.io.stderr(`verdictflow replay: ${why}\n${tallyText(tally)}; go on with: ${resumeCommand(running)}\n`);
  return code;
}
