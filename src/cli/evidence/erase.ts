import type { Config } from '../../config/config.ts';
import { EXIT_CODES } from '../../contracts/errors.ts';
import type { Mandate } from '../../contracts/mandate.ts';
import { defined } from '../../domain/defined.ts';
import { UsageError } from '../../operator/errors.ts';
import { beyondErasure } from '../../operator/evidence/beyond.ts';
import {
  appendEraseStep,
  beginEraseJournal,
  countOpenErasures,
  type EraseAction,
  type EraseLine,
  type EraseWork,
  forgetEraseJournal,
  isLeftAlone,
  plannedIn,
  readEraseJournal,
} from '../../operator/evidence/erase-journal.ts';
import { eraseOpen, planErasures } from '../../operator/evidence/erase.ts';
import { assertHeeded } from '../../operator/journal-steps.ts';
import { createTokenCheck } from '../../operator/secret-words.ts';
import { isAgreed } from '../agree.ts';
import { using } from '../backend.ts';
import { cliConfig, type CliContext } from '../context.ts';
import { goOnText, type JournalOptions, type OpenJournal, type Stop, withJournal, workOff } from '../journaled.ts';
import { mandateOf } from '../mandate.ts';
import { createProgress } from '../progress.ts';
import {
  addErasure,
  beyondText,
  erasedJson,
  erasedText,
  eraseLineText,
  erasePlanText,
  type EraseTally,
  eraseTally,
  eraseTallyText,
} from './print.ts';
import { eraseSelection, type EraseSelection, type EraseSelectBy, selectingOptions } from './selection.ts';

export const DEFAULT_RATE = 50;

export type EraseOptions = EraseSelectBy & JournalOptions;

type Command = { readonly ids: readonly string[]; readonly options: EraseOptions; readonly context: CliContext };
type Running = Command & { readonly config: Config; readonly signal: AbortSignal };
type Journaled = Running & OpenJournal;

/** Plans into a journal, asks, erases from the journal; with the journal of an earlier attempt it goes on. Returns the exit code. */
export async function erase(command: Command): Promise<number> {
  const { options, context } = command;
  const { io } = context;
  if (options.dryRun === true) return await dryRun(command);
  return await withJournal({ io, command: 'erase', journal: options.journal }, async (opened) => {
    const earlier = await readEraseJournal(opened.file);
    assertFits(command, earlier);
    const running = { ...command, ...opened, config: cliConfig(context), signal: io.interruption() };
    const work = earlier ?? (await plan(running));
    return work === undefined ? EXIT_CODES.negative : await go(running, work);
  });
}

/** Throws `UsageError` unless the command says what the journal needs, and nothing that it would not heed. */
function assertFits({ ids, options }: Command, work: EraseWork | undefined): void {
  const { operator, reason, ticket, journal } = options;
  const selecting = selectingOptions(ids, options);
  if (work !== undefined) return assertHeeded({ unheeded: selecting, mandate: defined({ operator, reason, ticket }) }, work.mandate);
  if (selecting.length > 0 || journal === undefined) return;
  throw new UsageError(`--journal: ${journal} holds no complete plan; say what is to be erased, and --reason`);
}

type Planning = { readonly selection: EraseSelection; readonly mandate: Mandate; readonly take: (line: EraseLine) => Promise<void> };

async function planInto({ context, config, signal }: Running, { selection, mandate, take }: Planning): Promise<void> {
  const { io, backend } = context;
  const progress = createProgress(io, selection.count);
  let planned = 0;
  try {
    await using(backend.vault(config), async ({ vault }) => {
      for await (const line of planErasures({ vault, clock: io, signal }, { ids: selection.ids(vault), mandate })) {
        await take(line);
        planned += 1;
        progress.update(planned);
      }
    });
  } finally {
    progress.end();
  }
}

async function dryRun(command: Command): Promise<number> {
  const { options, context } = command;
  const { io } = context;
  if (options.journal !== undefined) throw new UsageError('--dry-run plans anew and reads no journal: leave --journal away');
  const running = { ...command, config: cliConfig(context), signal: io.interruption() };
  const actions = new Map<EraseAction, number>();
  const take = async (line: EraseLine): Promise<void> => {
    actions.set(line.action, (actions.get(line.action) ?? 0) + 1);
    await Promise.resolve(io.stdout(options.json === true ? `${JSON.stringify(line)}\n` : eraseLineText(line)));
  };
  const selection = await eraseSelection(command.ids, { by: options, context, config: running.config });
  await planInto(running, { selection, mandate: { operator: 'nobody', reason: 'a dry run' }, take });
  const complete = !running.signal.aborted;
  if (options.json === true) io.stdout(`${JSON.stringify({ totals: Object.fromEntries(actions), complete })}\n`);
  else io.stdout(erasePlanText(actions));
  if (!complete) io.stderr('verdictflow erase: interrupted; the totals are those of the lines above\n');
  return complete && plannedIn(actions) > 0 ? EXIT_CODES.ok : EXIT_CODES.negative;
}

/** Undefined if it was interrupted. */
async function plan(running: Journaled): Promise<EraseWork | undefined> {
  const { options, context, config, file, path } = running;
  const { io } = context;
  const mandate = mandateOf(options, { env: io.env, what: 'this is erased' });
  const assertNoToken = createTokenCheck(mandate, { forget: async () => await forgetEraseJournal(file) });
  const tombstones = config.erasure.tombstones ? config.kafka.topics.outcomes : undefined;
  const selection = await eraseSelection(running.ids, { by: options, context, config });
  await beginEraseJournal(file, { mandate, at: new Date(io.now()).toISOString(), ...defined({ tombstones }) });
  io.stderr(`verdictflow erase: the journal is ${path}\n`);
  let verifications = 0;
  const take = async (line: EraseLine): Promise<void> => {
    await assertNoToken(line.verificationId);
    await appendEraseStep(file, { kind: 'PLANNED', line });
    verifications += 1;
    if (!isLeftAlone(line.action)) return;
    if (options.json === true) io.stdout(`${JSON.stringify(line)}\n`);
    else io.stderr(eraseLineText(line));
  };
  await planInto(running, { selection, mandate, take });
  if (running.signal.aborted) {
    io.stderr('verdictflow erase: interrupted while planning; nothing was erased\n');
    return undefined;
  }
  await appendEraseStep(file, { kind: 'PLAN_COMPLETE', verifications });
  return await readEraseJournal(file);
}

async function go(running: Journaled, work: EraseWork): Promise<number> {
  const { options, context, config, path } = running;
  const { io } = context;
  const open = countOpenErasures(work);
  const before = eraseTally(work);
  if (options.json !== true) io.stdout(erasePlanText(work.actions));
  if (work.finished.size > 0)
    io.stderr(`verdictflow erase: ${path} has ${work.finished.size} finished (${eraseTallyText(before)}), ${open} to go\n`);
  const goOn = goOnText('erase', { path, rate: options.rate, usualRate: DEFAULT_RATE });
  if (open > 0 && !(await agrees(running, { open, goOn }))) return EXIT_CODES.negative;
  const { tally, failure }: Executed = open === 0 ? { tally: before } : await execute(running, { work, before });
  const beyond = beyondErasure({ topics: config.kafka.topics, tombstones: work.tombstones !== undefined });
  if (failure !== undefined) io.stderr(`verdictflow erase: ${failure.why}\n${eraseTallyText(tally)}; go on with: ${goOn}\n`);
  if (options.json === true)
    io.stdout(`${JSON.stringify({ totals: { ...Object.fromEntries(work.actions), ...tally }, journal: path, beyond })}\n`);
  else if (failure === undefined) io.stdout(`${eraseTallyText(tally)}; journal ${path}\n${beyondText(beyond)}`);
  if (failure !== undefined) return failure.code;
  if (plannedIn(work.actions) === 0) io.stderr('verdictflow erase: nothing was selected\n');
  const isWhole = plannedIn(work.actions) > 0 && tally.held + tally.unreadable + tally.unaudited + tally.failed === 0;
  return isWhole ? EXIT_CODES.ok : EXIT_CODES.negative;
}

async function agrees(
  { options, context: { io }, path }: Journaled,
  { open, goOn }: { readonly open: number; readonly goOn: string },
): Promise<boolean> {
  return await isAgreed({
    io,
    yes: options.yes === true,
    open,
    question: `Erase the evidence of ${open} verifications? Nobody can bring it back.`,
    planned: `${open} erasures are planned, nothing is erased`,
    path,
    goOn,
  });
}

type Executed = { readonly tally: EraseTally; readonly failure?: Stop };

async function execute(running: Journaled, { work, before }: { readonly work: EraseWork; readonly before: EraseTally }): Promise<Executed> {
  const { context, config, file, options, signal } = running;
  const { io, backend } = context;
  let tally = before;
  const failure = await workOff({ io, open: countOpenErasures(work), signal }, async ({ aside, step }) => {
    await using(backend.vault(config), async ({ vault }) => {
      await using(backend.publisher(config), async ({ publisher }) => {
        const ports = { vault, audit: { publisher, topic: config.kafka.topics.audit }, file, clock: io };
        for await (const one of eraseOpen(ports, { work, perSecond: options.rate, signal })) {
          tally = addErasure(tally, one);
          const text = erasedText(one);
          if (options.json === true) aside(() => io.stdout(`${JSON.stringify(erasedJson(one))}\n`));
          else if (text !== undefined) aside(() => io.stderr(text));
          step();
        }
      });
    });
  });
  return { tally, ...defined({ failure }) };
}
