import type { Config } from '../../config/config.ts';
import { EXIT_CODES } from '../../contracts/errors.ts';
import { defined } from '../../domain/defined.ts';
import { givenOptions, type Wanted } from '../../operator/dlq/filter.ts';
import {
  addRedrive,
  appendRedriveStep,
  beginRedriveJournal,
  countOpenRedrives,
  forgetRedriveJournal,
  readRedriveJournal,
  type RedriveJournal,
  type RedriveTally,
  redriveTally,
  type RedriveWork,
} from '../../operator/dlq/journal.ts';
import { planLetter, type RedriveLine, type RedriveTerms } from '../../operator/dlq/plan.ts';
import { redriveOpen, REDRIVES_AT_ONCE } from '../../operator/dlq/redrive.ts';
import { scan } from '../../operator/dlq/scan.ts';
import { UsageError } from '../../operator/errors.ts';
import { assertHeeded } from '../../operator/journal-steps.ts';
import { createTokenCheck } from '../../operator/secret-words.ts';
import { isAgreed } from '../agree.ts';
import { using } from '../backend.ts';
import { cliConfig, type CliContext } from '../context.ts';
import { goOnText, type JournalOptions, type OpenJournal, type Stop, withJournal, workOff } from '../journaled.ts';
import { mandateOf } from '../mandate.ts';
import { createProgress } from '../progress.ts';
import { redrivenOrWarn } from './list.ts';
import { type FilterOptions, pick, readWanted } from './options.ts';
import { planCountsText, redriveJson, redriveTallyText, refusalText, unreadText } from './print.ts';

export const DEFAULT_RATE = 20;
export const DEFAULT_MAX_REDRIVES = 3;
const REFUSALS_SHOWN_AT_MOST = 20;

export type RedriveOptions = FilterOptions &
  JournalOptions & {
    readonly all?: true;
    readonly maxRedrives: number;
    readonly again?: true;
  };

type Command = { readonly places: readonly string[]; readonly options: RedriveOptions; readonly context: CliContext };
type Running = Command & OpenJournal & { readonly config: Config; readonly signal: AbortSignal };

/** Plans into a journal, asks, sends from the journal; with the journal of an earlier attempt it goes on. Returns the exit code. */
export async function redrive(command: Command): Promise<number> {
  const { options, context } = command;
  const { io } = context;
  if (options.dryRun === true) return await dryRun(command);
  return await withJournal({ io, command: 'redrive', journal: options.journal }, async (opened) => {
    const earlier = await readRedriveJournal(opened.file);
    assertFits(command, earlier);
    const running = { ...command, ...opened, config: cliConfig(context), signal: io.interruption() };
    const work = earlier.work ?? (await plan(running));
    return work === undefined ? EXIT_CODES.negative : await go(running, work);
  });
}

/** Throws `UsageError` unless the command says what the journal needs, and nothing that it would not heed. */
function assertFits({ places, options }: Command, { work }: RedriveJournal): void {
  const { operator, reason, ticket, journal } = options;
  const selecting = [...givenOptions({ ...pick(options), places }), ...(options.all === true ? ['--all'] : [])];
  if (work !== undefined) return assertHeeded({ unheeded: selecting, mandate: defined({ operator, reason, ticket }) }, work.mandate);
  if (selecting.length > 0) return;
  if (journal !== undefined && reason === undefined)
    throw new UsageError(`--journal: ${journal} holds no complete plan; give a selection and --reason`);
  throw new UsageError('say which dead letters: places, a filter, or --all');
}

async function dryRun({ places, options, context }: Command): Promise<number> {
  const { io } = context;
  if (options.journal !== undefined) throw new UsageError('--dry-run plans anew and reads no journal: leave --journal away');
  assertFits({ places, options, context }, {});
  const wanted = await readWanted(places, { options, io });
  const config = cliConfig(context);
  const codes = new Map<string, number>();
  const signal = io.interruption();
  const take = async (line: RedriveLine): Promise<void> => {
    codes.set(line.code, (codes.get(line.code) ?? 0) + 1);
    if (options.json === true) io.stdout(`${JSON.stringify(line)}\n`);
    else io.stdout(line.code === 'SEND' ? `${line.place}  SEND to ${line.from ?? ''}\n` : refusalText(line));
    await Promise.resolve();
  };
  const whole = await planInto({ config, context, options, signal, wanted, take });
  if (options.json === true) io.stdout(`${JSON.stringify({ totals: Object.fromEntries(codes) })}\n`);
  else io.stdout(planCountsText(codes));
  return whole && codes.size > 0 ? EXIT_CODES.ok : EXIT_CODES.negative;
}

type Planning = Pick<Running, 'config' | 'context' | 'options' | 'signal'> & {
  readonly wanted: Wanted;
  readonly take: (line: RedriveLine) => Promise<void>;
};

/** False: it was interrupted, or part of the topic cannot be read. */
async function planInto({ config, context, options, signal, wanted, take }: Planning): Promise<boolean> {
  const { io } = context;
  const { deadLetters: topic, audit: auditTopic, requests, hints } = config.kafka.topics;
  const terms = termsOf(options);
  let unread = 0;
  await using(context.backend.deadLetters(config), async ({ source, targets }) => {
    const redriven = await redrivenOrWarn(source, { topic, auditTopic, signal, context });
    if (redriven?.isWhole !== true && !terms.again)
      throw new UsageError(
        '--again: give it to send letters although nobody can say which were sent again before, or see to it that the audit topic can be read',
      );
    const topics = [requests, hints];
    const facts = { topics, targets: await targets.facts(topics), redriven: redriven ?? { at: () => undefined } };
    const progress = createProgress(io);
    const onUnread = (one: Parameters<typeof unreadText>[0]): void => {
      unread += 1;
      progress.aside(() => io.stderr(unreadText(one)));
    };
    try {
      for await (const letter of scan(source, { topic, signal, onProgress: (done) => progress.update(done), onUnread }))
        if (wanted(letter)) await take(planLetter(letter, { terms, facts, nowMs: io.now() }));
    } finally {
      progress.end();
    }
  });
  return !signal.aborted && unread === 0;
}

function termsOf({ maxRedrives, again }: RedriveOptions): RedriveTerms {
  return { maxRedrives, again: again === true };
}

/** Undefined if it was interrupted. */
async function plan(running: Running): Promise<RedriveWork | undefined> {
  const { places, options, context, config, file, path, signal } = running;
  const { io } = context;
  const mandate = mandateOf(options, { env: io.env, what: 'these are sent again' });
  const assertNoToken = createTokenCheck(mandate, { forget: async () => await forgetRedriveJournal(file) });
  const wanted = await readWanted(places, { options, io, assertNoToken });
  const order = { mandate, terms: termsOf(options), topic: config.kafka.topics.deadLetters, at: new Date(io.now()).toISOString() };
  await beginRedriveJournal(file, order);
  io.stderr(`verdictflow dlq redrive: the journal is ${path}\n`);
  let letters = 0;
  let refused = 0;
  const take = async (line: RedriveLine): Promise<void> => {
    await assertNoToken(line.verificationId);
    const { why: _why, ...kept } = line;
    await appendRedriveStep(file, { kind: 'PLANNED', line: kept });
    letters += 1;
    if (line.code === 'SEND') return;
    refused += 1;
    if (options.json === true) io.stdout(`${JSON.stringify(line)}\n`);
    else if (refused <= REFUSALS_SHOWN_AT_MOST) io.stderr(refusalText(line));
  };
  const whole = await planInto({ config, context, options, signal, wanted, take });
  if (signal.aborted) {
    io.stderr('verdictflow dlq redrive: interrupted while planning; nothing was sent\n');
    return undefined;
  }
  await appendRedriveStep(file, { kind: 'PLAN_COMPLETE', letters, ...(whole ? {} : { partial: true as const }) });
  return (await readRedriveJournal(file)).work;
}

async function go(running: Running, work: RedriveWork): Promise<number> {
  const { options, context, path } = running;
  const { io } = context;
  const open = countOpenRedrives(work);
  if (options.json !== true) io.stdout(planCountsText(work.codes));
  if (work.partial) io.stderr('verdictflow dlq redrive: part of the topic could not be read; what stands there is not in this plan\n');
  if (work.finished.size > 0 || work.sent.size > 0) {
    const soFar = redriveTallyText(redriveTally(work.finished.values()));
    io.stderr(`verdictflow dlq redrive: ${path} has ${work.finished.size} finished (${soFar}), ${open} to go\n`);
  }
  const goOn = goOnText('dlq redrive', { path, rate: options.rate, usualRate: DEFAULT_RATE });
  if (open > 0 && !(await agrees(running, { open, goOn }))) return EXIT_CODES.negative;
  const { tally, failure } = await execute(running, work);
  if (failure !== undefined)
    io.stderr(
      `verdictflow dlq redrive: ${failure.why}\n${redriveTallyText(tally)}; go on with: ${goOn} (at most ${REDRIVES_AT_ONCE} may be sent twice)\n`,
    );
  if (options.json === true) io.stdout(`${JSON.stringify({ totals: { ...Object.fromEntries(work.codes), ...tally }, journal: path })}\n`);
  else if (failure === undefined) io.stdout(`${redriveTallyText(tally)}; journal ${path}\n`);
  if (failure !== undefined) return failure.code;
  if (tally.sent + tally.skipped === 0) io.stderr('verdictflow dlq redrive: nothing to send\n');
  return tally.sent > 0 && tally.skipped === 0 && tally.unaudited === 0 && work.partial !== true ? EXIT_CODES.ok : EXIT_CODES.negative;
}

async function agrees(
  { options, context: { io }, path }: Running,
  { open, goOn }: { readonly open: number; readonly goOn: string },
): Promise<boolean> {
  return await isAgreed({
    io,
    yes: options.yes === true,
    open,
    question: `Send ${open} dead letters again?`,
    planned: `${open} dead letters are planned, none of them is sent`,
    path,
    goOn,
  });
}

async function execute(running: Running, work: RedriveWork): Promise<{ readonly tally: RedriveTally; readonly failure?: Stop }> {
  const { context, config, file, options, signal } = running;
  const { io, backend } = context;
  let tally = redriveTally(work.finished.values());
  const open = countOpenRedrives(work);
  if (open === 0) return { tally };
  const failure = await workOff({ io, open, signal }, async ({ aside, step }) => {
    await using(backend.deadLetters(config), async ({ source, targets, publisher }) => {
      const known = await targets.facts([config.kafka.topics.requests, config.kafka.topics.hints]);
      const audit = { publisher, topic: config.kafka.topics.audit };
      for await (const one of redriveOpen({ source, targets, known, audit, file, clock: io }, { work, perSecond: options.rate, signal })) {
        tally = addRedrive(tally, one.finish);
        if (options.json === true) aside(() => io.stdout(`${JSON.stringify(redriveJson(one))}\n`));
        else if (one.why !== undefined) aside(() => io.stderr(`${one.line.place}  ${one.finish}: ${one.why ?? ''}\n`));
        step();
      }
    });
  });
  return { tally, ...defined({ failure }) };
}
