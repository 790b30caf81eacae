import { type Client, WorkflowExecutionAlreadyStartedError, type WorkflowExecutionDescription } from '@temporalio/client';
import type { History } from '@temporalio/common/lib/proto-utils.js';
import { defined } from '../domain/defined.ts';
import type { VerificationLedger } from '../../activities/ports.ts';
import { clockText } from '../contracts/text/clock.ts';
import { staticDetails } from '../contracts/text/summary.ts';
import { type VerificationInput, type VerificationResult, WORKFLOW_TYPE } from '../contracts/workflow.ts';
import { workflowIdOf } from '../domain/ids.ts';
import type { Ledger } from '../domain/ledger/ledger.ts';
import type { QuotaRule } from '../domain/reading/slots.ts';
import type { KnownCase, ReplayCase, ReplayCases, ReplayRuns, StartedReplay } from '../operator/replay/ports.ts';
import { describeGrpcError, GRPC_CODES, grpcCode, isNotFound, unavailable } from './errors.ts';
import { digestRun } from './history/digest.ts';
import { replayOrderOf, verificationInputOf } from './history/run-input.ts';
import { startAttributes, startFailure } from './start.ts';

const DEADLINE_MS = 10_000;

/** What is known of verifications, from their histories: the same ledger that the activities obey. */
export function createReplayCases(options: { readonly client: Client; readonly ledger: VerificationLedger }): ReplayCases {
  return { load: (verificationId) => load(options, verificationId) };
}

type Sources = { readonly client: Client; readonly ledger: VerificationLedger };
type Run = { readonly runId: string; readonly input: VerificationInput; readonly history: History };

async function load(sources: Sources, verificationId: string): Promise<ReplayCase> {
  const description = await describe(sources.client, verificationId);
  if (description === undefined) return { kind: 'NOT_FOUND' };
  const { name } = description.status;
  if (name === 'RUNNING' || name === 'PAUSED') return { kind: 'RUNNING' };
  const latest = await runOf(sources.client, { verificationId, runId: description.runId });
  // Its quota rule is needed to count by; that of the home run is asked for below, should they differ.
  if (latest === undefined) return { kind: 'UNKNOWN', doubt: 'OTHER_TERMS' };
  return await consult(sources, { latest, rule: latest.input.policy, completed: name === 'COMPLETED' });
}

type Question = { readonly latest: Run; readonly rule: QuotaRule; readonly completed: boolean };

async function consult(sources: Sources, question: Question): Promise<ReplayCase> {
  const { latest, rule, completed } = question;
  const { verificationId } = latest.input;
  const homeRunId = await homeRunIdOf(sources.client, latest);
  const answer = await sources.ledger.consult({ verificationId, rule: ruleOf(rule), ...defined({ homeRunId }) });
  if (answer.kind === 'UNKNOWN') {
    if (answer.doubt !== 'SERVER_UNAVAILABLE') return answer;
    throw unavailable(`the reads of ${verificationId} cannot be counted now`, undefined);
  }
  const { ledger } = answer;
  const home = ledger.homeRunId === latest.runId ? latest : await runOf(sources.client, { verificationId, runId: ledger.homeRunId });
  if (home === undefined) return { kind: 'UNKNOWN', doubt: 'OTHER_TERMS' };
  if (!sameRule(home.input.policy, rule)) return await consult(sources, { ...question, rule: home.input.policy });
  return await withOutcome(sources, { home, ledger, completed });
}

async function withOutcome(
  sources: Sources,
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

async function describe(client: Client, verificationId: string): Promise<WorkflowExecutionDescription | undefined> {
  try {
    return await client.withDeadline(Date.now() + DEADLINE_MS, () => client.workflow.getHandle(workflowIdOf(verificationId)).describe());
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw unavailable(`the verification ${verificationId} cannot be described (${describeGrpcError(error)})`, error);
  }
}

/** Undefined: the run is gone, or its input is not that of a verification. */
async function runOf(client: Client, place: { readonly verificationId: string; readonly runId: string }): Promise<Run | undefined> {
  const { verificationId, runId } = place;
  try {
    const handle = client.workflow.getHandle(workflowIdOf(verificationId), runId);
    const history = await client.withDeadline(Date.now() + DEADLINE_MS, () => handle.fetchHistory());
    const input = await verificationInputOf(history, client.options.loadedDataConverter);
    return input?.verificationId === verificationId ? { runId, input, history } : undefined;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw unavailable(`the history of ${verificationId} cannot be read (${describeGrpcError(error)})`, error);
  }
}

/** Where the home run may be; the ledger checks it. */
async function homeRunIdOf(client: Client, { runId, input, history }: Run): Promise<string | undefined> {
  const facts = await digestRun(history, { runId, converter: client.options.loadedDataConverter });
  return facts.stamped ? facts.originalRunId : replayOrderOf(input)?.homeRunId;
}

function isCompleted(history: History): boolean {
  return history.events?.some(({ workflowExecutionCompletedEventAttributes: end }) => Boolean(end)) ?? false;
}

function ruleOf({ maxReads, maxRefusals, countRefused }: QuotaRule): QuotaRule {
  return { maxReads, maxRefusals, countRefused };
}

function sameRule(one: QuotaRule, other: QuotaRule): boolean {
  return one.maxReads === other.maxReads && one.maxRefusals === other.maxRefusals && one.countRefused === other.countRefused;
}

/** One long poll for a result; in between the caller may have given up. */
const POLL_MS = 20_000;

type ReplayRunsOptions = {
  readonly client: Client;
  readonly taskQueue: string;
  /** `VF_BIZNO_SEARCHABLE`. */
  readonly bizNoSearchable: boolean;
};

/**
 * Starts a new run of the same workflow id, without the stamp of ingress: it is an away run, so every read of it has to
 * be granted (design §6).
 * @throws DependencyUnavailableError when nobody can say whether it was started: look with `find`.
 */
export function createReplayRuns(options: ReplayRunsOptions): ReplayRuns {
  const { client } = options;
  return {
    async start(input, { callsSpent }) {
      try {
        const handle = await client.withDeadline(Date.now() + DEADLINE_MS, () =>
          client.workflow.start(WORKFLOW_TYPE, startOptions(input, { ...options, callsSpent })),
        );
        return { runId: handle.firstExecutionRunId, startedAt: new Date().toISOString() };
      } catch (error) {
        if (error instanceof WorkflowExecutionAlreadyStartedError) return 'RUNNING';
        throw startFailure(error);
      }
    },
    find: async (verificationId, requestedAt) => await findReplay(client, { verificationId, requestedAt }),
    result: async (verificationId, { runId, signal }) =>
      await resultOf(client, { workflowId: workflowIdOf(verificationId), runId, signal }),
  };
}

function startOptions(input: VerificationInput, options: ReplayRunsOptions & { readonly callsSpent: number }) {
  const { taskQueue, bizNoSearchable, callsSpent } = options;
  return {
    taskQueue,
    workflowId: workflowIdOf(input.verificationId),
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    workflowIdConflictPolicy: 'FAIL',
    args: [input],
    staticSummary: replaySummary(input),
    staticDetails: `${staticDetails(input, input)}\n\n${replaySummary(input)}; the run of ingress is \`${input.replay?.homeRunId ?? ''}\`.`,
    typedSearchAttributes: startAttributes(input, { stage: 'READING', callsSpent, bizNoSearchable }),
  } as const;
}

function replaySummary(input: VerificationInput): string {
  const { operator = '', reason = '', ticket, requestedAt = input.admittedAt } = input.replay ?? {};
  const why = ticket === undefined ? reason : `${reason} (${ticket})`;
  return `replay by ${operator}: ${why}; outcome due by ${clockText(Date.parse(input.deadlineAt), Date.parse(requestedAt))}`;
}

type Awaited = { readonly workflowId: string; readonly runId: string; readonly signal: AbortSignal };

async function resultOf(client: Client, { workflowId, runId, signal }: Awaited): ReturnType<ReplayRuns['result']> {
  while (!signal.aborted) {
    try {
      return await client.withAbortSignal(signal, () =>
        client.withDeadline(Date.now() + POLL_MS, () =>
          client.workflow.result<(input: VerificationInput) => Promise<VerificationResult>>(workflowId, runId, { followRuns: false }),
        ),
      );
    } catch (error) {
      if (signal.aborted || (error instanceof Error && error.name === 'WorkflowFailedError')) return undefined;
      if (isNotFound(error)) return 'GONE';
      if (grpcCode(error) !== GRPC_CODES.DEADLINE_EXCEEDED) {
        throw unavailable(`the result of ${workflowId} cannot be waited for (${describeGrpcError(error)})`, error);
      }
    }
  }
  return undefined;
}

/** The order was given by another clock than the server's. */
const CLOCKS_DIFFER_AT_MOST_MS = 600_000;

type Order = { readonly verificationId: string; readonly requestedAt: string };
type Started = { readonly runId: string; readonly startTime: Date };

/**
 * The run that this order started: the latest, or an earlier one if somebody else has replayed the verification since.
 * Only the latest is known without delay; others are searched for by visibility.
 * @throws DependencyUnavailableError when nobody can say.
 */
export async function findReplay(client: Client, order: Order): Promise<StartedReplay | undefined> {
  const workflowId = workflowIdOf(order.verificationId);
  try {
    const latest = await foundOrUndefined(within(client, () => client.workflow.getHandle(workflowId).describe()));
    if (latest === undefined) return undefined;
    if (await isOrderedBy(client, { ...order, runId: latest.runId })) return startedOf(latest);
    for (const run of await within(client, () => runsSince(client, order))) {
      if (run.runId !== latest.runId && (await isOrderedBy(client, { ...order, runId: run.runId }))) return startedOf(run);
    }
    return undefined;
  } catch (error) {
    throw unavailable(`nobody can say whether ${workflowId} was replayed (${describeGrpcError(error)})`, error);
  }
}

async function runsSince(client: Client, { verificationId, requestedAt }: Order): Promise<readonly Started[]> {
  const since = new Date(Date.parse(requestedAt) - CLOCKS_DIFFER_AT_MOST_MS).toISOString();
  const runs: Started[] = [];
  const query = `WorkflowId = '${workflowIdOf(verificationId)}' AND StartTime >= '${since}'`;
  for await (const { runId, startTime } of client.workflow.list({ query })) runs.push({ runId, startTime });
  return runs;
}

async function isOrderedBy(client: Client, { verificationId, requestedAt, runId }: Order & { readonly runId: string }): Promise<boolean> {
  const handle = client.workflow.getHandle(workflowIdOf(verificationId), runId);
  const history = await foundOrUndefined(within(client, () => handle.fetchHistory()));
  const input = history && (await verificationInputOf(history, client.options.loadedDataConverter));
  return input !== undefined && replayOrderOf(input)?.requestedAt === requestedAt;
}

function within<T>(client: Client, work: () => Promise<T>): Promise<T> {
  return client.withDeadline(Date.now() + DEADLINE_MS, work);
}

async function foundOrUndefined<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

function startedOf({ runId, startTime }: Started): StartedReplay {
  return { runId, startedAt: startTime.toISOString() };
}
