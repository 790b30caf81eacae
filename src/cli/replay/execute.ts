import { exitCodeOf, messageOf } from '../../../workers/exit-code.ts';
import { EXIT_CODES } from '../../contracts/errors.ts';
import { createReplayAudit } from '../../operator/replay/audit.ts';
import { createPace, mapInOrder } from '../../operator/replay/in-order.ts';
import type { PlanLine } from '../../operator/replay/plan-line.ts';
import type { ReplayMandate } from '../../operator/replay/ports.ts';
import { executeLine } from '../../operator/replay/run.ts';
import type { Executed } from '../../operator/replay/run.ts';
import { using } from '../backend.ts';
import { createProgress } from '../progress.ts';
import { journalOf, linesToStart } from './journal.ts';
import type { JournalState } from './journal.ts';
import { untilAborted } from './plan-lines.ts';
import type { Running } from './running.ts';

const AT_ONCE = 8;

type Work = JournalState & { readonly mandate: ReplayMandate; readonly open: number };
type Tally = { started: number; skipped: number };

/** Executes what the journal has open, at the rate asked for. What was begun is finished, also after SIGINT. */
export async function execute(running: Running, work: Work): Promise<number> {
  const { context, config } = running;
  const tally: Tally = { started: 0, skipped: 0 };
  if (work.open === 0) return EXIT_CODES.ok;
  const progress = createProgress(context.io, work.open);
  try {
    await using(context.backend.replay(config), async (replay) => {
      await using(context.backend.publisher(config), async ({ publisher }) => {
        const audit = createReplayAudit({ publisher, topic: config.kafka.topics.audit });
        const ports = { ...replay, audit, journal: journalOf(running.file), now: () => context.io.now() };
        for await (const { line, executed } of results(running, { work, ports })) {
          report(running, { line, executed });
          tally[executed.kind === 'STARTED' ? 'started' : 'skipped'] += 1;
          progress.update(tally.started + tally.skipped);
        }
      });
    });
  } catch (error) {
    progress.end();
    return stopped(running, { tally, why: messageOf(error), code: exitCodeOf(error) });
  }
  progress.end();
  if (running.signal.aborted) return stopped(running, { tally, why: 'interrupted', code: EXIT_CODES.negative });
  if (running.options.json !== true) context.io.stdout(`${tally.started} started, ${tally.skipped} skipped; journal ${running.path}\n`);
  return tally.skipped > 0 ? EXIT_CODES.negative : EXIT_CODES.ok;
}

type Ports = Parameters<typeof executeLine>[0];

function results({ file, options, context, signal }: Running, { work, ports }: { readonly work: Work; readonly ports: Ports }) {
  const { io } = context;
  const pace = createPace({ perSecond: options.rate, now: () => io.now(), sleep: async (durationMs) => await io.sleep(durationMs) });
  const one = async (line: PlanLine): Promise<{ line: PlanLine; executed: Executed }> => {
    const progress = work.progress.get(line.verificationId);
    await pace();
    const given = { line, mandate: work.mandate, ...(progress === undefined ? {} : { progress }) };
    return { line, executed: await executeLine(ports, given) };
  };
  return mapInOrder(untilAborted(unfinished(linesToStart(file), work.finished), signal), one, { atOnce: AT_ONCE });
}

async function* unfinished(lines: AsyncIterable<PlanLine>, finished: ReadonlySet<string>): AsyncGenerator<PlanLine> {
  for await (const line of lines) if (!finished.has(line.verificationId)) yield line;
}

function report({ options, context }: Running, { line, executed }: { readonly line: PlanLine; readonly executed: Executed }): void {
  const { verificationId, action } = line;
  const { io } = context;
  if (options.json === true) {
    const { kind, ...more } = executed;
    io.stdout(`${JSON.stringify({ verificationId, action, result: kind, ...('run' in more ? more.run : more) })}\n`);
  } else if (executed.kind === 'SKIPPED') io.stderr(`${verificationId}  skipped: ${executed.why}\n`);
}

function stopped(
  { context, path }: Running,
  { tally, why, code }: { readonly tally: Tally; readonly why: string; readonly code: number },
): number {
  context.io.stderr(
    `verdictflow replay: ${why}\n${tally.started} started, ${tally.skipped} skipped; go on with: verdictflow replay run --yes --journal ${path}\n`,
  );
  return code;
}
