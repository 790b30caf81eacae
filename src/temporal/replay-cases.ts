import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import type { History } from '@temporalio/common/lib/proto-utils.js';
import type { VerificationLedger } from '../../activities/ports.ts';
import type { Ledger } from '../contracts/ledger.ts';
import type { VerificationInput } from '../contracts/workflow.ts';
import type { QuotaRule } from '../domain/slots.ts';
import { workflowIdOf } from '../domain/ids.ts';
import type { KnownCase, ReplayCase, ReplayCases } from '../operator/replay/ports.ts';
import { describeGrpcError, isNotFound, unavailable } from './errors.ts';
import { digestRun } from './history-digest.ts';
import { replayOrderOf, verificationInputOf } from './run-input.ts';

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
  const answer = await sources.ledger.consult({ verificationId, rule: ruleOf(rule), ...(homeRunId === undefined ? {} : { homeRunId }) });
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

function ruleOf({ maxCalls, maxRefusals, countRefused }: QuotaRule): QuotaRule {
  return { maxCalls, maxRefusals, countRefused };
}

function sameRule(one: QuotaRule, other: QuotaRule): boolean {
  return one.maxCalls === other.maxCalls && one.maxRefusals === other.maxRefusals && one.countRefused === other.countRefused;
}
