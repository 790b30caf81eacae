import { hostname } from 'node:os';
import type { Client, WorkflowHandle } from '@temporalio/client';

/** What one run left: its events, their bytes by the server's own account, and what Temporal Cloud would bill. */
export type Left = { readonly events: number; readonly bytes: number; readonly actions: number };

type Run = { readonly workflowId: string; readonly runId: string };

export type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;

export async function historyOf(client: Client, { workflowId, runId }: Run): Promise<History> {
  return await client.workflow.getHandle(workflowId, runId).fetchHistory();
}

export async function leftBy(client: Client, run: Run): Promise<Left> {
  const handle = client.workflow.getHandle(run.workflowId, run.runId);
  const [{ events }, description] = await Promise.all([historyOf(client, run), handle.describe()]);
  const types = (events ?? []).map(
    (event) => Object.keys(event).find((key) => key.endsWith('EventAttributes') && Reflect.get(event, key)) ?? '',
  );
  const bytes = Number(description.raw.workflowExecutionInfo?.historySizeBytes ?? 0) - bytesOfNames(events ?? []);
  return { events: types.length, bytes, actions: actionsOf(types) };
}

/** As it is on a machine with a short name, once it has been up for a while. */
const USUAL_NAME = '12345@vm';

/**
 * Every event of a task names who did it by process and machine, the SDK's default. By how much those names are longer than usual
 * here; less than 0: shorter. Without that a machine that has just started would count other bytes than one with a long name.
 */
function bytesOfNames(events: NonNullable<History['events']>): number {
  const name = `${process.pid}@${hostname()}`;
  const times = JSON.stringify(events).split(name).length - 1;
  return times * (name.length - USUAL_NAME.length);
}

/** https://docs.temporal.io/cloud/actions: events that bill one action each; all local activities of one task bill one. */
const BILLED: ReadonlySet<string> = new Set([
  'workflowExecutionStartedEventAttributes',
  'timerStartedEventAttributes',
  'activityTaskScheduledEventAttributes',
  'workflowExecutionSignaledEventAttributes',
  'upsertWorkflowSearchAttributesEventAttributes',
  'markerRecordedEventAttributes',
]);

function actionsOf(types: readonly string[]): number {
  return types.filter((type) => BILLED.has(type)).length;
}
