import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  type WorkflowExecutionDescription,
  WorkflowFailedError,
} from '@temporalio/client';
import type { History } from '@temporalio/common/lib/proto-utils.js';
import type { VerificationLedger } from '../../activities/ports.ts';
import { assignmentOf } from '../contracts/assignment.ts';
import { clockText } from '../contracts/text/clock.ts';
import { orderText } from '../contracts/text/labels.ts';
import { staticDetails } from '../contracts/text/summary.ts';
import { type Stage, type VerificationInput, type VerificationResult, WORKFLOW_TYPE } from '../contracts/workflow.ts';
import { defined } from '../domain/defined.ts';
import { workflowIdOf } from '../domain/ids.ts';
import type { Ledger } from '../domain/ledger/ledger.ts';
import type { QuotaRule } from '../domain/reading/slots.ts';
import type { KnownCase, ReplayCase, ReplayCases, ReplayRuns, StartedReplay } from '../operator/replay/ports.ts';
import { describeGrpcError, foundOrUndefined, GRPC_CODES, grpcCode, isNotFound, knownAs, unavailable, within } from './errors.ts';
import { digestRun } from './history/digest.ts';
import { replayOrderOf, verificationInputOf } from './history/run-input.ts';
import { startAttributes, startFailure } from './start.ts';

/** One long poll for a result; between two of them the caller may have given up. */
const POLL_MS = 20_000;
/** How far the clock that an order was given by may be from the server's. */
const CLOCKS_DIFFER_AT_MOST_MS = 600_000;

type CaseSources = { readonly client: Client; readonly ledger: VerificationLedger };

/** What is known of verifications, from their histories: the same ledger that the activities obey. */
export function createReplayCases(sources: CaseSources): ReplayCases {
  return { load: (verificationId) => load(sources, verificationId) };
}

async function load(sources: CaseSources, verificationId: string): Promise<ReplayCase> {
  const description = await knownAs(`the verification ${verificationId} cannot be described`, () =>
    describeLatest(sources.client, verificationId),
  );
  if (description === undefined) return { kind: 'NOT_FOUND' };
  const { name } = description.status;
  if (name === 'RUNNING' || name === 'PAUSED') return { kind: 'RUNNING' };
  const latest = await readRun(sources.client, { verificationId, runId: description.runId });
  // Its quota rule is needed to count by; that of the home run is asked for below, should they differ.
  if (latest === undefined) return { kind: 'UNKNOWN', doubt: 'OTHER_TERMS' };
  return await consult(sources, { latest, rule: latest.input.policy, completed: name === 'COMPLETED' });
}

type Question = { readonly latest: Run; readonly rule: QuotaRule; readonly completed: boolean };

async function consult(sources: CaseSources, question: Question): Promise<ReplayCase> {
  const { latest, rule, completed } = question;
  const { verificationId } = latest.input;
  const homeRunId = await homeRunIdOf(sources.client, latest);
  const answer = await sources.ledger.consult({ verificationId, rule: ruleOf(rule), ...defined({ homeRunId }) });
  if (answer.kind === 'UNKNOWN') {
    if (answer.doubt !== 'SERVER_UNAVAILABLE') return answer;
    throw unavailable(`the reads of ${verificationId} cannot be counted now`, undefined);
  }
  const { ledger } = answer;
  const home = ledger.homeRunId === latest.runId ? latest : await readRun(sources.client, { verificationId, runId: ledger.homeRunId });
  if (home === undefined) return { kind: 'UNKNOWN', doubt: 'OTHER_TERMS' };
  if (!sameRule(home.input.policy, rule)) return await consult(sources, { ...question, rule: home.input.policy });
  return await withOutcome(sources, { home, ledger, completed });
}

/** Where the home run may be; the ledger checks it. */
async function homeRunIdOf(client: Client, { runId, input, history }: Run): Promise<string | undefined> {
  const facts = await digestRun(history, { runId, converter: client.options.loadedDataConverter });
  return facts.stamped ? facts.originalRunId : replayOrderOf(input)?.homeRunId;
}

function ruleOf({ maxReads, maxRefusals, countRefused }: QuotaRule): QuotaRule {
  return { maxReads, maxRefusals, countRefused };
}

function sameRule(one: QuotaRule, other: QuotaRule): boolean {
  return one.maxReads === other.maxReads && one.maxRefusals === other.maxRefusals && one.countRefused === other.countRefused;
}

async function withOutcome(
  sources: CaseSources,
  { home, ledger, completed }: { readonly home: Run; readonly ledger: Ledger; readonly completed: boolean },
): Promise<KnownCase> {
  const { emitted } = ledger;
  const { replay: _none, ...input } = home.input;
  const revised = await sources.ledger.revisions(input.verificationId, emitted === undefined ? 1 : emitted.revision + 1);
  const revisions = [...(emitted === undefined ? [] : [{ event: emitted }]), ...revised];
  // A run completes only after Kafka has acknowledged its outcome.
  const confirmed = completed || (emitted !== undefined && revised.length === 0 && isCompleted(home.history));
  return { kind: 'KNOWN', input, ledger, revisions, owed: !confirmed };
}

function isCompleted(history: History): boolean {
  return history.events?.some(({ workflowExecutionCompletedEventAttributes: end }) => Boolean(end)) ?? false;
}

type ReplayRunsOptions = {
  readonly client: Client;
  readonly taskQueue: string;
  /** As in `createStarter`. */
  readonly bizKeyOf?: (bizNo: string) => string | undefined;
};

/** Starts away runs of verifications, and finds them and their results again. */
export function createReplayRuns(options: ReplayRunsOptions): ReplayRuns {
  const { client } = options;
  return {
    start: (input, { readsCounted }) => start(input, { ...options, readsCounted }),
    find: (verificationId, requestedAt) => find(client, { verificationId, requestedAt }),
    result: (verificationId, { runId, signal }) => resultOf(client, { workflowId: workflowIdOf(verificationId), runId, signal }),
  };
}

type StartOptions = ReplayRunsOptions & { readonly readsCounted: number };

/**
 * Starts a new run of the same workflow id, without the stamp of ingress: it is an away run, so every read of it has to
 * be granted.
 * @throws DependencyUnavailableError when nobody can say whether it was started: look with `find`.
 */
async function start(input: VerificationInput, options: StartOptions): Promise<StartedReplay | 'RUNNING'> {
  const { client } = options;
  try {
    const handle = await within({ client }, () => client.workflow.start(WORKFLOW_TYPE, startOptions(input, options)));
    return { runId: handle.firstExecutionRunId, startedAt: new Date().toISOString() };
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return 'RUNNING';
    throw startFailure(error);
  }
}

function startOptions(input: VerificationInput, { taskQueue, bizKeyOf, readsCounted }: StartOptions) {
  return {
    taskQueue,
    workflowId: workflowIdOf(input.verificationId),
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    workflowIdConflictPolicy: 'FAIL',
    args: [input],
    staticSummary: orderSummary(input),
    staticDetails: `${staticDetails(input)}\n\n${orderSummary(input)}; the run of ingress is \`${input.replay?.homeRunId ?? ''}\`.`,
    typedSearchAttributes: startAttributes(input, { stage: firstStage(input), readsCounted, ...defined({ bizKeyOf }) }),
  } as const;
}

function firstStage(input: VerificationInput): Stage {
  return assignmentOf(input).ruled === undefined ? 'READING' : 'DECIDED';
}

function orderSummary({ replay, deadlineAt }: VerificationInput): string {
  if (replay === undefined) return '';
  // What was decided by hand waits for nothing.
  if (replay.ruling !== undefined) return orderText(replay);
  return `${orderText(replay)}; outcome due by ${clockText(Date.parse(deadlineAt), Date.parse(replay.requestedAt))}`;
}

type Order = { readonly verificationId: string; readonly requestedAt: string };
type TimedRun = { readonly runId: string; readonly startTime: Date };

/**
 * The run that this order started: the latest, or an earlier one if somebody else has replayed the verification since.
 * Only the latest is known without delay; others are searched for by visibility.
 * @throws DependencyUnavailableError when nobody can say.
 */
async function find(client: Client, order: Order): Promise<StartedReplay | undefined> {
  const { verificationId } = order;
  return await knownAs(`nobody can say whether ${workflowIdOf(verificationId)} was replayed`, async () => {
    const latest = await describeLatest(client, verificationId);
    if (latest === undefined) return undefined;
    if (await isOrderedBy(client, { ...order, runId: latest.runId })) return startedOf(latest);
    for (const run of await within({ client }, () => runsSince(client, order))) {
      if (run.runId !== latest.runId && (await isOrderedBy(client, { ...order, runId: run.runId }))) return startedOf(run);
    }
    return undefined;
  });
}

async function isOrderedBy(client: Client, { verificationId, runId, requestedAt }: Order & RunPlace): Promise<boolean> {
  const run = await fetchRun(client, { verificationId, runId });
  return run !== undefined && replayOrderOf(run.input)?.requestedAt === requestedAt;
}

async function runsSince(client: Client, { verificationId, requestedAt }: Order): Promise<readonly TimedRun[]> {
  const since = new Date(Date.parse(requestedAt) - CLOCKS_DIFFER_AT_MOST_MS).toISOString();
  const query = `WorkflowId = '${workflowIdOf(verificationId)}' AND StartTime >= '${since}'`;
  const runs: TimedRun[] = [];
  for await (const { runId, startTime } of client.workflow.list({ query })) runs.push({ runId, startTime });
  return runs;
}

function startedOf({ runId, startTime }: TimedRun): StartedReplay {
  return { runId, startedAt: startTime.toISOString() };
}

type Awaited = { readonly workflowId: string; readonly runId: string; readonly signal: AbortSignal };

async function resultOf(client: Client, { workflowId, runId, signal }: Awaited): ReturnType<ReplayRuns['result']> {
  while (!signal.aborted) {
    try {
      return await client.withAbortSignal(signal, () =>
        within({ client, deadlineMs: POLL_MS }, () =>
          client.workflow.result<(input: VerificationInput) => Promise<VerificationResult>>(workflowId, runId, { followRuns: false }),
        ),
      );
    } catch (error) {
      if (signal.aborted || error instanceof WorkflowFailedError) return undefined;
      if (isNotFound(error)) return 'GONE';
      if (grpcCode(error) !== GRPC_CODES.DEADLINE_EXCEEDED) {
        throw unavailable(`the result of ${workflowId} cannot be waited for (${describeGrpcError(error)})`, error);
      }
    }
  }
  return undefined;
}

type RunPlace = { readonly verificationId: string; readonly runId: string };
type Run = { readonly runId: string; readonly input: VerificationInput; readonly history: History };

/** As {@link fetchRun}. @throws DependencyUnavailableError when nobody can say. */
async function readRun(client: Client, place: RunPlace): Promise<Run | undefined> {
  return await knownAs(`the history of ${place.verificationId} cannot be read`, () => fetchRun(client, place));
}

/** Undefined: the run is gone, or its input is not that of this verification. */
async function fetchRun(client: Client, { verificationId, runId }: RunPlace): Promise<Run | undefined> {
  const handle = client.workflow.getHandle(workflowIdOf(verificationId), runId);
  const history = await foundOrUndefined(within({ client }, () => handle.fetchHistory()));
  const input = history && (await verificationInputOf(history, client.options.loadedDataConverter));
  return history && input?.verificationId === verificationId ? { runId, input, history } : undefined;
}

/** The latest run of the verification; undefined if there is none. */
async function describeLatest(client: Client, verificationId: string): Promise<WorkflowExecutionDescription | undefined> {
  return await foundOrUndefined(within({ client }, () => client.workflow.getHandle(workflowIdOf(verificationId)).describe()));
}
