import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { HINT_SIGNAL } from '../../../src/contracts/workflow.ts';
import { produce } from '../../support/pipeline.ts';
import { until } from '../../support/until.ts';
import { openOnes } from './open-ones.ts';
import type { Operation } from './operator-runs.ts';
import type { StormRig } from './rig.ts';
import type { StormToken } from './tokens.ts';

const SLOW_MS = 1_200;
const TRUSTED_HINT = { kind: 'SESSION_ENDED', trusted: true } as const;

type PendingRead = { readonly workflowId: string; readonly runId: string; readonly activityId: string; readonly paused: boolean };

/** Through Kafka, or as a signal from the UI. */
async function hint(rig: StormRig, { token, picks }: Operation): Promise<void> {
  if (picks[1] < 0.3) {
    const value = JSON.stringify({ token: token.token, ...TRUSTED_HINT });
    await produce(rig.stack.kafkaBrokers, rig.topics.hint, [{ value }]);
  } else await rig.client.workflow.getHandle(token.workflowId).signal(HINT_SIGNAL, TRUSTED_HINT);
}

async function activityPause(rig: StormRig, operation: Operation): Promise<void> {
  const { workflowId, activityId } = await aReadInFlight(rig, operation);
  await rig.cli('activity', 'pause', '--workflow-id', workflowId, '--activity-id', activityId, '--reason', 'storm');
}

/** Pauses a read and lets it go again while it may still run. */
async function activityUnpause(rig: StormRig, operation: Operation): Promise<void> {
  const { workflowId, runId, activityId } = await aReadInFlight(rig, operation);
  const request = { namespace: 'default', execution: { workflowId, runId }, id: activityId, identity: 'storm' };
  await rig.client.workflowService.pauseActivity({ ...request, reason: 'storm' });
  await sleep(operation.picks[1] * 3_000);
  await rig.client.workflowService.unpauseActivity({ ...request, resetAttempts: operation.picks[2] < 0.5 });
}

/** More attempts, a time-out in the middle of the call: the server dispatches the read again. */
async function activityUpdateOptions(rig: StormRig, operation: Operation): Promise<void> {
  const { workflowId, activityId } = await aReadInFlight(rig, operation);
  const which = ['--workflow-id', workflowId, '--activity-id', activityId];
  await rig.cli('activity', 'update-options', ...which, '--retry-maximum-attempts', '9', '--start-to-close-timeout', '1s');
}

/** The two dispatches that history does not show: a reset while it runs, and one in the back-off of raised attempts. */
async function activityReset(rig: StormRig, operation: Operation): Promise<void> {
  const { workflowId, activityId } = await aReadInFlight(rig, operation);
  const which = ['--workflow-id', workflowId, '--activity-id', activityId];
  if (operation.picks[1] < 0.6) {
    await rig.cli('activity', 'update-options', ...which, '--retry-maximum-attempts', '9', '--start-to-close-timeout', '1s');
    await sleep(1_000);
  }
  await rig.cli('activity', 'reset', ...which);
}

/** The activity on its own, with the input of a real read. */
async function activityStart(rig: StormRig, { token }: Operation): Promise<void> {
  const { events } = await rig.client.workflow.getHandle(token.workflowId).fetchHistory();
  const read = events?.find(({ activityTaskScheduledEventAttributes: read }) => read?.activityType?.name === 'getResult');
  const payload = read?.activityTaskScheduledEventAttributes?.input?.payloads?.[0];
  if (!payload?.data) throw new Error('it has not read yet');
  const what = ['--type', 'getResult', '--activity-id', `by-hand-${randomUUID()}`, '--task-queue', rig.taskQueue];
  const limits = ['--start-to-close-timeout', '10s', '--schedule-to-start-timeout', '30s', '--retry-maximum-attempts', '3'];
  await rig.cli('activity', 'start', ...what, ...limits, '--input', Buffer.from(payload.data).toString());
}

export const ACTS = { hint, activityPause, activityUnpause, activityUpdateOptions, activityReset, activityStart } as const;

export async function pendingReads(rig: StormRig, { workflowId }: Pick<StormToken, 'workflowId'>): Promise<PendingRead[]> {
  const { raw, runId } = await rig.client.workflow.getHandle(workflowId).describe();
  return (raw.pendingActivities ?? [])
    .filter(({ activityType }) => activityType?.name === 'getResult')
    .map(({ activityId, paused }) => ({ workflowId, runId, activityId: activityId ?? '', paused: paused === true }));
}

/** Finds a read in flight, or makes one: the vendor gets slow and somebody hints. */
async function aReadInFlight(rig: StormRig, { token, picks }: Operation): Promise<PendingRead> {
  const hinted = new Set<string>();
  await rig.vendor('defaults', { latencyMs: SLOW_MS });
  try {
    return await until(
      async () => {
        const open = await openOnes(rig);
        const from = Math.max(0, open.indexOf(token));
        for (const candidate of [...open.slice(from), ...open.slice(0, from)].slice(0, 12)) {
          const [read] = await pendingReads(rig, candidate).catch(() => []);
          if (read !== undefined) return read;
          if (hinted.has(candidate.id)) continue;
          hinted.add(candidate.id);
          await hint(rig, { token: candidate, picks: [picks[0], 1, picks[2], picks[3]] }).catch(() => undefined); // it may have ended
        }
        return undefined;
      },
      { timeoutMs: 12_000, everyMs: 200, what: 'a read in flight' },
    );
  } finally {
    void sleep(SLOW_MS).then(() => rig.vendor('defaults', { latencyMs: 0 }).catch(() => undefined));
  }
}
