import type { Command } from 'commander';
import { EXIT_CODES } from '../../contracts/errors.ts';
import { fromNowText } from '../../contracts/text/duration.ts';
import { defined } from '../../domain/defined.ts';
import { workflowIdOf } from '../../domain/ids.ts';
import { fileProblem, UsageError } from '../../operator/errors.ts';
import { listQuery } from '../../operator/list-query.ts';
import type { VerificationDetails, VerificationReader, VerificationRow } from '../../operator/ports.ts';
import { lineOf, oneLine } from '../../operator/timeline/lines.ts';
import { nextSteps, whyOf } from '../../operator/timeline/next.ts';
import { pageOf } from '../../operator/timeline/page.ts';
import { timelineText } from '../../operator/timeline/render-text.ts';
import { using } from '../backend.ts';
import { readBizKeys } from '../biz-no.ts';
import { cliConfig, type CliContext, printJson } from '../context.ts';
import { renderFields, renderTable } from '../table.ts';
import { readVerificationId } from '../verification-id.ts';
import { listTable } from './list-table.ts';

type Options = { readonly token?: string; readonly bizNo?: string; readonly html?: string; readonly json?: true };

const HELP = `
Tells one story of all runs: home run, resets, replays. Times are UTC. With --biz-no and several verifications of that
number it lists them; this needs VF_BIZNO_SEARCHABLE=true and the VF_TOKEN_KEYS of the service.
--html writes one self-contained page for a ticket. It may hold personal data, as scores.
Exit code 1: no such verification is known here.

Examples:
  $ verdictflow show abcdefghijklmnopqrstuvwxyz
  $ verdictflow show abcdefghijklmnopqrstuvwxyz --html verification.html
  $ printf '%s' "$TOKEN" | verdictflow show --token - --json
  $ printf '%s' "$ORDER" | verdictflow show --biz-no -`;

/** Verifications that one business number can have before a person has to narrow them down. */
const LISTED_AT_MOST = 50;

export function registerShow(program: Command, context: CliContext): void {
  program
    .command('show')
    .argument('[verificationId]', 'verification id or workflow id')
    .description('tell what happened to a verification, where it stands, and what comes next')
    .option('--token <->', 'the verification of the token on standard input: --token -')
    .option('--biz-no <->', 'those of the business number on standard input: --biz-no -')
    .option('--html <path>', 'write a page for a ticket; - is standard output')
    .option('--json', 'print one JSON document')
    .addHelpText('after', HELP)
    .action(async (id: string | undefined, options: Options) => {
      context.exitCode = await runShow(id, { options, context });
    });
}

type Asked = { readonly options: Options; readonly context: CliContext };

async function runShow(id: string | undefined, { options, context }: Asked): Promise<number> {
  const config = cliConfig(context);
  const { token, bizNo, html, json } = options;
  if (html !== undefined && json === true) throw new UsageError('give either --html or --json, not both');
  const bizKeys = bizNo === undefined ? undefined : await readBizKeys(bizNo, { given: [id, token], config, io: context.io });
  const verificationId = bizKeys === undefined ? await readVerificationId({ id, token }, context.io) : undefined;
  const found = await using(context.backend.temporal(config), async ({ reader }) => {
    const rows = bizKeys === undefined ? [] : await rowsOf(reader, listQuery({ bizKeys }, context.io.now()));
    if (rows.length > 1) return rows;
    const one = verificationId ?? rows[0]?.verificationId;
    return one === undefined ? undefined : await reader.details(workflowIdOf(one), { timeline: true });
  });
  if (found === undefined) {
    const what = verificationId === undefined ? 'verification of this business number' : `verification ${verificationId}`;
    context.io.stderr(`verdictflow show: no ${what} is known in this namespace (never started, or past its retention)\n`);
    return EXIT_CODES.negative;
  }
  if ('verificationId' in found) await print(found, { options, context, uiUrl: config.temporal.uiUrl });
  else printSeveral(found, { options, context });
  return EXIT_CODES.ok;
}

/** The runs of one verification are one row. */
async function rowsOf(reader: VerificationReader, query: string): Promise<readonly VerificationRow[]> {
  const rows = new Map<string, VerificationRow>();
  for await (const row of reader.list(query, LISTED_AT_MOST)) if (!rows.has(row.workflowId)) rows.set(row.workflowId, row);
  return [...rows.values()];
}

function printSeveral(rows: readonly VerificationRow[], { options, context: { io } }: Asked): void {
  if (options.html !== undefined) throw new UsageError(`--html: this business number has ${rows.length} verifications; give the id of one`);
  if (options.json === true) return printJson(io, { verifications: rows });
  io.stdout(listTable(rows, io.now()));
  io.stderr(`${rows.length} verifications have this business number; show one by its id\n`);
}

type Printing = Asked & { readonly uiUrl: string | undefined };

async function print(details: VerificationDetails, { options, context: { io }, uiUrl }: Printing): Promise<void> {
  const { timeline } = details;
  const nowMs = io.now();
  const link = uiUrl === undefined ? undefined : uiLink(uiUrl, details);
  if (options.html !== undefined) {
    const page = pageOf({ details, timeline: timeline ?? { runs: [], events: [], gaps: [] }, nowMs, ...defined({ uiUrl: link }) });
    if (options.html === '-') io.stdout(page);
    else await writeOrExplain(options.html, { page, io });
  } else if (options.json === true) printJson(io, { ...withTexts(details, nowMs), ...defined({ uiUrl: link }) });
  else io.stdout(render(details, { link, nowMs }));
}

async function writeOrExplain(path: string, { page, io }: { readonly page: string; readonly io: CliContext['io'] }): Promise<void> {
  try {
    await io.writeFile(path, page);
  } catch (error) {
    throw fileProblem(path, error, { option: '--html', verb: 'written' });
  }
}

/** Each event of the timeline with the line that people read, what comes next, and why. */
function withTexts(details: VerificationDetails, nowMs: number): object {
  const { timeline } = details;
  if (timeline === undefined) return details;
  const events = timeline.events.map((event) => {
    const { what, more } = lineOf(event, nowMs);
    return { ...event, text: [what, ...more].join('; ') };
  });
  return { ...details, ...defined({ why: whyOf(timeline) }), next: nextSteps(details, nowMs), timeline: { ...timeline, events } };
}

function uiLink(uiUrl: string, { namespace, workflowId, runId }: VerificationDetails): string {
  return `${uiUrl}/namespaces/${encodeURIComponent(namespace)}/workflows/${workflowId}/${runId}/history`;
}

type Rendering = { readonly link: string | undefined; readonly nowMs: number };

function render(details: VerificationDetails, { link, nowMs }: Rendering): string {
  const { emission, reads, timeline } = details;
  const fields = fieldLines([
    ['Verification', details.verificationId],
    ['Workflow', `${details.workflowId} (${details.status})`],
    ['Stage', details.stage],
    ['Outcome', details.outcome],
    ['Reasons', details.reasons.length === 0 ? undefined : details.reasons.join(', ')],
    ['Why', whyOf(timeline)],
    ['Advice', details.retryAdvice],
    ['Waiting for', details.waitingFor],
    ['Next read', timeText(details.nextReadAt, nowMs)],
    ['Deadline', timeText(details.deadlineAt, nowMs)],
    ['Reads', readsOf(details)],
    ['Policy', details.policy],
    ['Emitted', emission === undefined ? undefined : `${emission.topic} partition ${emission.partition} offset ${emission.offset}`],
    ['Started', timeText(details.startedAt, nowMs)],
    ['Closed', timeText(details.closedAt, nowMs)],
    ['Temporal UI', link],
    ['Note', details.note],
  ]);
  const steps = nextSteps(details, nowMs).map((step) => `  ${step}\n`);
  const next = steps.length === 0 ? '' : `\nNext\n${steps.join('')}`;
  if (timeline !== undefined) return `${fields}${next}\nWhat happened (UTC)\n${timelineText(timeline, nowMs)}`;
  if (reads.length === 0) return `${fields}${next}`;
  const rows = reads.map((read) => [String(read.number), read.scheduledAt, read.endedAt ?? '–', read.result]);
  return `${fields}${next}\n${renderTable(['Read', 'Scheduled', 'Ended', 'Result'], rows)}`;
}

/** What others may have written in Temporal must not steer the terminal. */
function fieldLines(fields: readonly (readonly [string, string | undefined])[]): string {
  return renderFields(fields.map(([name, value]) => [name, value === undefined ? undefined : oneLine(value)] as const));
}

function timeText(at: string | undefined, nowMs: number): string | undefined {
  return at === undefined ? undefined : `${at} (${fromNowText(Date.parse(at), nowMs)})`;
}

function readsOf({ readsCounted, readsUncertain, maxReads }: VerificationDetails): string | undefined {
  if (readsCounted === undefined) return undefined;
  const limit = maxReads === undefined ? '' : ` of ${maxReads}`;
  const uncertain = readsUncertain === undefined || readsUncertain === 0 ? '' : `, ${readsUncertain} of them uncertain`;
  return `${readsCounted}${limit} counted${uncertain}`;
}
