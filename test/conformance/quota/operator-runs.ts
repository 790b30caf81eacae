import { randomUUID } from 'node:crypto';
import { WORKFLOW_TYPE } from '../../../src/contracts/workflow.ts';
import { pickOf } from './random.ts';
import type { StormRig } from './rig.ts';
import type { StormAction } from './schedule.ts';
import type { StormToken } from './tokens.ts';

/** What an operator does and to which verification. */
export type Operation = { readonly token: StormToken; readonly picks: StormAction['picks'] };

/** Marks terminations that are no losses. */
export const TERMINATED_BY_STORM = 'storm terminates';

const NAMESPACE = 'default';
/** `WorkflowIdReusePolicy` and `WorkflowIdConflictPolicy` of the Temporal API. */
const ALLOW_DUPLICATE = 1;
const CONFLICT = { FAIL: 1, TERMINATE_EXISTING: 3 } as const;
const GRPC_ALREADY_EXISTS = 6;

/** Resets any run of the verification - the current one, the home run, one between - to any of its workflow tasks. */
export async function reset(rig: StormRig, { token, picks }: Operation): Promise<void> {
  const { workflowId } = token;
  const runId = await anyRun(rig, { token, picks });
  const points = await resetPoints(rig, { workflowId, runId });
  // Half of them go back to the beginning, before the first read.
  const eventId = picks[1] < 0.5 ? points[0] : pickOf(points, picks[1] * 2 - 1);
  if (!eventId) throw new Error('it has no workflow task yet');
  if (picks[2] < 0.5) {
    const run = ['--workflow-id', workflowId, '--run-id', runId];
    await rig.cli('workflow', 'reset', ...run, '--event-id', String(eventId), '--reason', 'storm');
    return;
  }
  await rig.client.workflowService.resetWorkflowExecution({
    namespace: NAMESPACE,
    workflowExecution: { workflowId, runId },
    workflowTaskFinishEventId: eventId,
    reason: 'storm',
    requestId: randomUUID(),
  });
}

/** Resets several verifications with one command. */
export async function batchReset(rig: StormRig, { token, picks }: Operation): Promise<void> {
  const from = rig.submitted.indexOf(token);
  const some = rig.submitted.slice(from, from + 3 + Math.floor(picks[1] * 5));
  const query = some.map(({ workflowId }) => `WorkflowId = '${workflowId}'`).join(' OR ');
  const type = picks[2] < 0.6 ? 'FirstWorkflowTask' : 'LastWorkflowTask';
  await rig.cli('workflow', 'reset', '--query', query, '--type', type, '--reason', 'storm', '--yes');
}

export async function terminate(rig: StormRig, { token, picks }: Operation): Promise<void> {
  if (picks[1] < 0.5) await rig.cli('workflow', 'terminate', '--workflow-id', token.workflowId, '--reason', TERMINATED_BY_STORM);
  else await rig.client.workflow.getHandle(token.workflowId).terminate(TERMINATED_BY_STORM);
}

/** Ends the run and starts another one from its input, as a person would who does not know of `replay`. */
export async function terminateAndStart(rig: StormRig, operation: Operation): Promise<void> {
  const { token } = operation;
  const { payload } = await startedWith(rig, operation);
  const input = Buffer.from(payload?.data ?? []).toString();
  await terminate(rig, operation).catch(() => undefined); // it may have ended already, which serves as well
  const what = ['--type', WORKFLOW_TYPE, '--task-queue', rig.taskQueue, '--workflow-id', token.workflowId];
  await rig.cli('workflow', 'start', ...what, '--input', input);
}

/** The UI's "Start Workflow Like This One": input and search attributes with their final values, no memo. */
export async function startLikeThis(rig: StormRig, operation: Operation): Promise<void> {
  const { token, picks } = operation;
  const { payload, runId } = await startedWith(rig, operation);
  const { raw } = await rig.client.workflow.getHandle(token.workflowId, runId).describe();
  const fields = Object.entries(raw.workflowExecutionInfo?.searchAttributes?.indexedFields ?? {}).filter(([name]) => name.startsWith('Vf'));
  const start = (workflowIdConflictPolicy: number) =>
    rig.client.workflowService.startWorkflowExecution({
      namespace: NAMESPACE,
      workflowId: token.workflowId,
      workflowType: { name: WORKFLOW_TYPE },
      taskQueue: { name: rig.taskQueue },
      input: { payloads: payload ? [payload] : [] },
      searchAttributes: { indexedFields: Object.fromEntries(fields) },
      workflowIdReusePolicy: ALLOW_DUPLICATE,
      workflowIdConflictPolicy,
      requestId: randomUUID(),
    });
  if (picks[2] < 0.5) await start(CONFLICT.TERMINATE_EXISTING);
  // Who is told that it still runs chooses "terminate existing" at the second try.
  else
    await start(CONFLICT.FAIL).catch((error: unknown) =>
      isAlreadyRunning(error) ? start(CONFLICT.TERMINATE_EXISTING) : Promise.reject(error),
    );
}

function isAlreadyRunning(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === GRPC_ALREADY_EXISTS;
}

export async function cancel(rig: StormRig, { token }: Operation): Promise<void> {
  await rig.cli('workflow', 'cancel', '--workflow-id', token.workflowId);
}

export async function workflowPause(rig: StormRig, { token, picks }: Operation): Promise<void> {
  const { workflowId } = token;
  if (picks[1] < 0.5) await rig.cli('workflow', 'pause', '--workflow-id', workflowId, '--reason', 'storm');
  else
    await rig.client.workflowService.pauseWorkflowExecution({
      namespace: NAMESPACE,
      workflowId,
      identity: 'storm',
      reason: 'storm',
      requestId: randomUUID(),
    });
}

export async function workflowUnpause(rig: StormRig, { token }: Pick<Operation, 'token'>): Promise<void> {
  await rig.cli('workflow', 'unpause', '--workflow-id', token.workflowId, '--reason', 'storm');
}

async function anyRun(rig: StormRig, { token, picks }: Operation): Promise<string> {
  const runs: string[] = [];
  for await (const { runId } of rig.client.workflow.list({ query: `WorkflowId = '${token.workflowId}'` })) runs.push(runId);
  const runId = pickOf(runs, picks[3]);
  if (runId === undefined) throw new Error('it is not started yet');
  return runId;
}

async function resetPoints(rig: StormRig, run: { workflowId: string; runId: string }) {
  const { events } = await rig.client.workflow.getHandle(run.workflowId, run.runId).fetchHistory();
  const points = (events ?? []).filter((event) => event.workflowTaskCompletedEventAttributes ?? event.workflowTaskTimedOutEventAttributes);
  return points.map(({ eventId }) => eventId);
}

async function startedWith(rig: StormRig, operation: Operation) {
  const runId = await anyRun(rig, operation);
  const { events } = await rig.client.workflow.getHandle(operation.token.workflowId, runId).fetchHistory();
  return { runId, payload: events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0] };
}
