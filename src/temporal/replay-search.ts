import type { Client } from '@temporalio/client';
import { workflowIdOf } from '../domain/ids.ts';
import type { StartedReplay } from '../operator/replay/ports.ts';
import { describeGrpcError, isNotFound, unavailable } from './errors.ts';
import { replayOrderOf, verificationInputOf } from './run-input.ts';

const DEADLINE_MS = 10_000;
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
