import type { Client } from '@temporalio/client';
import { SEARCH_ATTRIBUTES, WORKFLOW_TYPE } from '../contracts/workflow.ts';
import type { QueueKind } from '../operator/doctor/ports.ts';
import { within } from './errors.ts';
import { describeQueue } from './task-queue.ts';

const KINDS: readonly QueueKind[] = ['workflow', 'activity'];

/** A poll lasts a minute, and the server remembers who polled for five: who has not been back since is gone. */
const POLLS_WITHIN_MS = 120_000;

/** How near a deadline is, the farthest first. `PAST` leaves the minute in which an outcome is decided and published. */
const DEADLINE_SPANS = [
  { within: '1h', spanMs: 3_600_000 },
  { within: '10m', spanMs: 600_000 },
  { within: 'PAST', spanMs: -60_000 },
] as const;

export type WorkSight = {
  readonly queues: readonly { readonly kind: QueueKind; readonly pollers: number; readonly oldestMs: number }[];
  /** How many verifications run whose deadline is before that. */
  readonly deadlines: readonly { readonly within: (typeof DEADLINE_SPANS)[number]['within']; readonly count: number }[];
};

type Where = { readonly namespace: string; readonly taskQueue: string; readonly nowMs: number };

/**
 * What the server knows of the work as a whole, and no process of ours does: who asks for tasks, how old the oldest is, and what
 * runs out of time. Rejects with the client's errors.
 */
export async function lookAtWork(client: Client, where: Where): Promise<WorkSight> {
  const [queues, deadlines] = await Promise.all([
    Promise.all(KINDS.map(async (kind) => ({ kind, ...(await queueSeen(client, { ...where, kind })) }))),
    deadlinesSeen(client, where),
  ]);
  return { queues, deadlines };
}

/** Where no deadline is within a span, none is within a narrower one, and nobody asks. */
async function deadlinesSeen(client: Client, where: Where): Promise<WorkSight['deadlines']> {
  const seen: WorkSight['deadlines'][number][] = [];
  for (const { within: span, spanMs } of DEADLINE_SPANS) {
    const count = seen.at(-1)?.count === 0 ? 0 : await runningUntil(client, where, spanMs);
    seen.push({ within: span, count });
  }
  return seen;
}

async function queueSeen(
  client: Client,
  { namespace, taskQueue: name, nowMs, kind }: Where & { readonly kind: QueueKind },
): Promise<{ readonly pollers: number; readonly oldestMs: number }> {
  const { pollers, oldestMs } = await describeQueue(client, { namespace, name, kind });
  return { pollers: pollers.filter(({ lastSeenAtMs }) => nowMs - lastSeenAtMs < POLLS_WITHIN_MS).length, oldestMs };
}

async function runningUntil(client: Client, { taskQueue, nowMs }: Where, spanMs: number): Promise<number> {
  const until = new Date(nowMs + spanMs).toISOString();
  const ours = `WorkflowType = '${WORKFLOW_TYPE}' AND TaskQueue = ${JSON.stringify(taskQueue)} AND ExecutionStatus = 'Running'`;
  const query = `${ours} AND ${SEARCH_ATTRIBUTES.deadline.name} < '${until}'`;
  return (await within({ client }, () => client.workflow.count(query))).count;
}
