import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { defined } from '../../../domain/defined.ts';
import { grantedReadWorkflowId, grantedRevisionWorkflowId, outcomeEventId, withoutPrefix } from '../../../domain/ids.ts';
import type { EventOf, Timeline, TimelineEvent } from '../../../operator/timeline/ports.ts';
import { describeGrpcError, foundOrUndefined, knownAs, within } from '../../errors.ts';
import { millisOf } from '../../millis.ts';
import { createHistorySource, type HistorySource } from '../source.ts';
import { byTime, type RunStory, runStoryOf } from './run-story.ts';

/** The newest ones; a person who reads of more has other troubles. */
const RUNS_AT_MOST = 30;
/** As many reads as a policy may allow. */
const GRANTS_AT_MOST = 10;

type Asked = { readonly client: Client; readonly workflowId: string; readonly description: WorkflowExecutionDescription };

/**
 * Everything that the histories of a verification tell: of its runs, and of the grants that no run tells of.
 * @throws DependencyUnavailableError when the server does not answer.
 */
export async function readTimeline({ client, workflowId, description }: Asked): Promise<Timeline> {
  const source = createHistorySource({ client });
  const gaps: string[] = [];
  const runIds = await runIdsOf(source, { workflowId, latest: description.runId, gaps });
  const stories = await allStories(client, { workflowId, runIds });
  if (stories.length < runIds.length) gaps.push(`runs whose history is gone: ${runIds.length - stories.length}`);
  const pending = pendingOf(description);
  const ofRuns = stories
    .flatMap(({ events }) => events)
    .map((event) => (event.runId === description.runId ? withPending(event, pending) : event));
  const granted = await grantEvents(source, { verificationId: withoutPrefix(workflowId), ofRuns });
  return {
    runs: stories.map(({ run }) => run).toSorted((one, other) => Date.parse(one.startedAt) - Date.parse(other.startedAt)),
    events: repetitionsMarked([...ofRuns, ...granted].toSorted(byTime)),
    ...defined({ untakenSince: pending.untakenSince }),
    gaps,
  };
}

type RunIds = { readonly workflowId: string; readonly latest: string; readonly gaps: string[] };

/** By visibility, which may lag or be away: the latest run is known without it. */
async function runIdsOf(source: HistorySource, { workflowId, latest, gaps }: RunIds): Promise<readonly string[]> {
  try {
    const all = [...new Set([latest, ...(await source.runIds(workflowId))])];
    if (all.length > RUNS_AT_MOST) gaps.push(`the newest ${RUNS_AT_MOST} of ${all.length} runs are shown`);
    return all.slice(0, RUNS_AT_MOST);
  } catch (error) {
    gaps.push(`earlier runs could not be searched for (${describeGrpcError(error)})`);
    return [latest];
  }
}

/** With the runs that these name and visibility does not know yet, or any more. */
async function allStories(
  client: Client,
  { workflowId, runIds }: { readonly workflowId: string; readonly runIds: readonly string[] },
): Promise<readonly RunStory[]> {
  const found = await storiesOf(client, { workflowId, runIds });
  const named = found.flatMap(({ originalRunId, homeRunId }) => [originalRunId, ...(homeRunId === undefined ? [] : [homeRunId])]);
  const missing = [...new Set(named)].filter((runId) => !runIds.includes(runId));
  return [...found, ...(await storiesOf(client, { workflowId, runIds: missing }))];
}

async function storiesOf(
  client: Client,
  { workflowId, runIds }: { readonly workflowId: string; readonly runIds: readonly string[] },
): Promise<readonly RunStory[]> {
  const converter = client.options.loadedDataConverter;
  const stories = await Promise.all(
    runIds.map(async (runId) => {
      const history = await knownAs(`the history of run ${runId} cannot be read`, () =>
        foundOrUndefined(within({ client }, () => client.workflow.getHandle(workflowId, runId).fetchHistory())),
      );
      return history && (await runStoryOf(history, { runId, converter }));
    }),
  );
  return stories.filter((story) => story !== undefined);
}

type PendingActivity = NonNullable<NonNullable<WorkflowExecutionDescription['raw']['pendingActivities']>[number]>;
type Pending = { readonly read?: PendingActivity; readonly emission?: PendingActivity; readonly untakenSince?: string };

/** What the server knows of work that has not ended, which a history tells only once it has. */
export function pendingOf({ raw }: Pick<WorkflowExecutionDescription, 'raw'>): Pending {
  const ofType = (name: string): PendingActivity | undefined =>
    raw.pendingActivities?.find(({ activityType }) => activityType?.name === name);
  const task = raw.pendingWorkflowTask;
  const untaken = task && !task.startedTime ? (task.originalScheduledTime ?? task.scheduledTime) : undefined;
  return {
    ...defined({ read: ofType('getResult'), emission: ofType('emitOutcome') }),
    ...(untaken ? { untakenSince: new Date(millisOf(untaken)).toISOString() } : {}),
  };
}

/** `PENDING_ACTIVITY_STATE_SCHEDULED` of the Temporal API: no worker has taken it. */
const SCHEDULED = 1;

export function isParked(read: PendingActivity): boolean {
  return Number(read.state) === SCHEDULED && !read.lastStartedTime;
}

function withPending(event: TimelineEvent, { read, emission }: Pending): TimelineEvent {
  if (event.kind === 'READ' && event.state === 'IN_FLIGHT' && read !== undefined) {
    if (isParked(read)) return { ...event, state: 'PARKED' };
    const startedAt = read.lastStartedTime ? new Date(millisOf(read.lastStartedTime)).toISOString() : undefined;
    return { ...event, ...defined({ startedAt, worker: read.lastWorkerIdentity || undefined }) };
  }
  if (event.kind !== 'EMISSION_PENDING' || emission === undefined) return event;
  return { ...event, attempt: emission.attempt ?? 1, ...defined({ failure: emission.lastFailure?.message ?? undefined }) };
}

/** Grants that no run tells of: its history is gone, or a person decided without any run. */
async function grantEvents(
  source: HistorySource,
  { verificationId, ofRuns }: { readonly verificationId: string; readonly ofRuns: readonly TimelineEvent[] },
): Promise<readonly TimelineEvent[]> {
  const told = new Set(ofRuns.flatMap((event) => (event.kind === 'READ' && event.granted !== undefined ? [event.granted] : [])));
  const emitted = new Set(ofRuns.flatMap((event) => (event.kind === 'EMITTED' ? [event.ceId] : [])));
  const numbers = Array.from({ length: GRANTS_AT_MOST }, (_, index) => index + 1);
  const reads = await Promise.all(
    numbers.map(async (read) => ({ read, grant: await source.grant(grantedReadWorkflowId(verificationId, read)) })),
  );
  const events: TimelineEvent[] = reads.flatMap(({ read, grant }) =>
    grant === undefined || told.has(read) ? [] : [{ at: grant.takenAt, kind: 'READ_GRANTED', read, ...defined({ to: grant.by }) }],
  );
  for (let revision = 1; ; revision += 1) {
    const grant = await source.grant(grantedRevisionWorkflowId(verificationId, revision));
    if (grant === undefined && revision === 1) continue;
    if (grant === undefined) return events;
    if (emitted.has(outcomeEventId(verificationId, revision))) continue;
    const { outcome, reasons, actor } = { ...grant.event };
    const fields = defined({ outcome, reasons: reasons?.map(({ code }) => code), actor, to: grant.by });
    events.push({ at: grant.takenAt, kind: 'REVISION_GRANTED', revision, ...fields });
  }
}

function repetitionsMarked(events: readonly TimelineEvent[]): readonly TimelineEvent[] {
  const seen = new Set<string>();
  return events.map((event) => {
    if (event.kind !== 'EMITTED') return event;
    const again: EventOf<'EMITTED'> = seen.has(event.ceId) ? { ...event, again: true } : event;
    seen.add(event.ceId);
    return again;
  });
}
