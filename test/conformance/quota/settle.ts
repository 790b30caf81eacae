import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowNotFoundError } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { withAdmin } from '../../support/kafka-admin.ts';
import { type SeenOutcome, watchTopic } from '../../support/pipeline.ts';
import { until } from '../../support/until.ts';
import { reopen } from './gate-acts.ts';
import { openOnes } from './open-ones.ts';
import { pendingReads } from './operator-activities.ts';
import { terminateAndStart, TERMINATED_BY_STORM, workflowUnpause } from './operator-runs.ts';
import type { StormRig } from './rig.ts';
import type { StormToken } from './tokens.ts';

/** How the latest run of a verification ended; TERMINATED only if the storm did it. */
export type Ending = 'COMPLETED' | 'TERMINATED' | 'NEVER_STARTED' | 'OPEN' | 'UNEXPECTED';

/** A task that fails once may have met a worker that was killed. */
const WEDGED_FROM_ATTEMPT = 3;
/** `WorkflowTaskFailedCause` of the Temporal API. */
const PAUSED_BEFORE_TASK_STARTED = 39;
const FEW = 50;
const STALLED_MS = 20_000;

const OPEN_STATES = new Set(['RUNNING', 'PAUSED', 'UNKNOWN', 'UNSPECIFIED']);

export type Settled = { readonly endings: ReadonlyMap<string, Ending>; readonly wedged: number };

/**
 * Ends every fault and gives the pipeline until `timeoutMs` to finish everything. A run that a pause of the workflow has
 * wedged is terminated and started again, which is what the runbook tells an operator to do.
 */
export async function settle(rig: StormRig, timeoutMs: number): Promise<Settled> {
  await rig.vendor('outage', { mode: 'off' });
  await rig.vendor('defaults', { latencyMs: 0 });
  await rig.fleet.heal();
  await until(async () => await reopen(rig).then(() => true), { timeoutMs: 60_000, everyMs: 1_000, what: 'the gate is resumed' });
  const endings = new Map<string, Ending>();
  const giveUpAtMs = Date.now() + timeoutMs;
  let wedged = 0;
  for (const token of await openOnes(rig)) await releaseAndSee(rig, token);
  await untilFewAreOpen(rig, giveUpAtMs);
  for (;;) {
    // Visibility says whom to look at, which is cheap; the loop ends only on what each run itself says.
    await reopen(rig);
    let open = await openOnes(rig);
    if (open.length === 0 || Date.now() > giveUpAtMs) open = rig.submitted.filter(({ id }) => isOpen(endings.get(id)));
    for (const token of open) {
      endings.set(token.id, await releaseAndSee(rig, token));
      if (endings.get(token.id) === 'OPEN' && (await unwedge(rig, token))) wedged += 1;
    }
    const allEnded = rig.submitted.every(({ id }) => !isOpen(endings.get(id)));
    if (allEnded || Date.now() > giveUpAtMs) return { endings, wedged };
    await sleep(500);
  }
}

/** Whoever asks for the state of thousands twice a second keeps the server from finishing them. */
async function untilFewAreOpen(rig: StormRig, giveUpAtMs: number): Promise<void> {
  let fewest = Number.POSITIVE_INFINITY;
  let lastEndAtMs = Date.now();
  for (;;) {
    const { length } = await openOnes(rig);
    if (length < fewest) lastEndAtMs = Date.now();
    fewest = Math.min(fewest, length);
    await reopen(rig);
    // Nothing has ended for a while: what is left waits to be let go.
    if (length <= FEW || Date.now() > Math.min(giveUpAtMs, lastEndAtMs + STALLED_MS)) return;
    await sleep(2_000);
  }
}

/**
 * A workflow paused after its task was scheduled and before a worker took it gets a history that the SDK 1.24 cannot read
 * ("WorkflowTaskMachine in state Scheduled …"): the server writes the failure of a task that never started.
 */
async function unwedge(rig: StormRig, token: StormToken): Promise<boolean> {
  try {
    const { runId, status, raw } = await rig.client.workflow.getHandle(token.workflowId).describe();
    if (status.name !== 'RUNNING' || (raw.pendingWorkflowTask?.attempt ?? 1) < WEDGED_FROM_ATTEMPT) return false;
    const { events } = await rig.client.workflow.getHandle(token.workflowId, runId).fetchHistory();
    if (!events?.some(({ workflowTaskFailedEventAttributes: failed }) => failed?.cause === PAUSED_BEFORE_TASK_STARTED)) return false;
    await terminateAndStart(rig, { token, picks: [0, 0, 0, 0] });
    return true;
  } catch {
    return false; // it ended meanwhile; the next round sees
  }
}

function isOpen(ending: Ending | undefined): boolean {
  return ending === undefined || ending === 'OPEN' || ending === 'NEVER_STARTED';
}

/** Lets go of what an operator held: reads at once, workflows only past their deadline. */
async function releaseAndSee(rig: StormRig, token: StormToken): Promise<Ending> {
  const { workflowId, issuedAtMs } = token;
  const seen = await rig.client.workflow
    .getHandle(workflowId)
    .describe()
    .catch((error: unknown) => (error instanceof WorkflowNotFoundError ? 'NEVER_STARTED' : 'OPEN'));
  if (typeof seen === 'string') return seen;
  const status: string = seen.status.name;
  if (!OPEN_STATES.has(status)) return await endingOf(rig, { workflowId, runId: seen.runId, status });
  if (status === 'PAUSED' && Date.now() > issuedAtMs + rig.windowMs + 1_000) await workflowUnpause(rig, { token }).catch(() => undefined);
  for (const { runId, activityId } of (await pendingReads(rig, token).catch(() => [])).filter(({ paused }) => paused)) {
    const request = { namespace: 'default', execution: { workflowId, runId }, id: activityId, identity: 'storm' };
    await rig.client.workflowService.unpauseActivity(request).catch(() => undefined); // it may have ended meanwhile
  }
  return 'OPEN';
}

async function endingOf(rig: StormRig, run: { workflowId: string; runId: string; status: string }): Promise<Ending> {
  if (run.status === 'COMPLETED') return 'COMPLETED';
  if (run.status !== 'TERMINATED') return 'UNEXPECTED';
  const { events } = await rig.client.workflow.getHandle(run.workflowId, run.runId).fetchHistory();
  const reason = events?.at(-1)?.workflowExecutionTerminatedEventAttributes?.reason;
  return reason === TERMINATED_BY_STORM ? 'TERMINATED' : 'UNEXPECTED';
}

/** What keeps a verification open: for the report of a storm that lost one. */
export async function stateOf(rig: StormRig, workflowId: string): Promise<string> {
  const handle = rig.client.workflow.getHandle(workflowId);
  try {
    const { raw, status, runId } = await handle.describe();
    const { events } = await rig.client.workflow.getHandle(workflowId, runId).fetchHistory();
    const failures = (events ?? []).flatMap(({ workflowTaskFailedEventAttributes: failed }) => failed?.failure?.message ?? []);
    const types = (events ?? []).slice(-6).map((event) => Object.keys(event).find((key) => key.endsWith('EventAttributes')) ?? '');
    const pending = (raw.pendingActivities ?? []).map(({ activityType, attempt, paused, state, lastFailure }) =>
      JSON.stringify({ type: activityType?.name, attempt, paused, state, failure: lastFailure?.message }),
    );
    const task = raw.pendingWorkflowTask
      ? `task pending since ${raw.pendingWorkflowTask.state}, attempt ${raw.pendingWorkflowTask.attempt}`
      : '';
    const file = join(tmpdir(), `storm-stuck-${runId}.json`);
    await writeFile(file, historyToJSON({ events: events ?? [] }));
    return `${workflowId} ${runId} ${status.name} (${file}) ${task} ${pending.join(' ')} ${failures.at(-1) ?? ''} … ${types.join(' ').replaceAll('EventAttributes', '')}`;
  } catch (error) {
    return `${workflowId}: ${String(error)}`;
  }
}

/** Everything on the outcome topic, by verification, read by a consumer that saw nothing of the storm. */
export async function outcomesOf(rig: StormRig): Promise<ReadonlyMap<string, readonly SeenOutcome[]>> {
  const { kafkaBrokers } = rig.stack;
  const ends = await withAdmin(kafkaBrokers, (admin) => admin.fetchTopicOffsets(rig.topics.outcome));
  const total = ends.reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0);
  const watch = await watchTopic(kafkaBrokers, rig.topics.outcome);
  await until(() => watch.seen.length >= total, { timeoutMs: 60_000, what: `all ${total} records of the outcome topic` });
  const byId = watch.byId();
  await watch.stop();
  return byId;
}
