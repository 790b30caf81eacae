import { setTimeout as sleep } from 'node:timers/promises';
import type { PlannedRead, Policy } from '../../src/domain/policy.ts';
import { HINT_SIGNAL } from '../../src/contracts/workflow.ts';
import { orderedInput } from '../../src/operator/replay/plan.ts';
import type { CostRig } from './rig.ts';

/** Whose history is looked at: the run that the kind is about. */
export type Subject = { readonly workflowId: string; readonly runId: string };

export type Kind = {
  readonly name: string;
  /** Whose workflow it is, if not ours. */
  readonly isNaive?: true;
  /** What has to be there before, and is on nobody's bill; its answer is given to `run`. */
  readonly before?: (rig: CostRig) => Promise<Subject>;
  /** Resolves once the run has ended. */
  readonly run: (rig: CostRig, before: Subject | undefined) => Promise<Subject>;
};

const HOUR_MS = 3_600_000;
const SOON_MS = 300;

/** A policy like `completed`, with pauses that a measurement can wait for. */
function policyOf(offsetsMs: readonly number[], windowMs = 24 * HOUR_MS): Policy {
  const plan = offsetsMs.map((offsetMs): PlannedRead => ({ anchor: 'ADMITTED', offsetMs, notBeforeMs: 0, reserve: false }));
  return {
    id: 'completed',
    version: 1,
    maxReads: 3,
    windowMs,
    minGapMs: 0,
    errorBackoffMs: 100,
    countRefused: false,
    requiredFar: '1e-4',
    sessionAllowanceMs: 15 * 60_000,
    hintDelayMs: 0,
    maxRefusals: 5,
    plan,
  };
}

const AT_ONCE = policyOf([0]);
const LATER = policyOf([12 * HOUR_MS]);

export const KINDS: readonly Kind[] = [
  { name: 'one read, at once', run: (rig) => finished(rig, { scenario: 'ready-pass', policy: AT_ONCE }) },
  { name: 'one read, after a wait', run: (rig) => finished(rig, { scenario: 'ready-pass', policy: policyOf([SOON_MS]) }) },
  {
    name: 'one read, brought forward by a hint',
    run: async (rig) => {
      const workflowId = await waiting(rig);
      await rig.client.workflow.getHandle(workflowId).signal(HINT_SIGNAL, { kind: 'SESSION_ENDED', trusted: true });
      return await ended(rig, workflowId);
    },
  },
  { name: 'two reads', run: (rig) => finished(rig, { scenario: 'processing-1', policy: policyOf([0, SOON_MS]) }) },
  { name: 'three reads', run: (rig) => finished(rig, { scenario: 'processing-2', policy: policyOf([0, SOON_MS, 2 * SOON_MS]) }) },
  { name: 'expired after one read', run: (rig) => finished(rig, { scenario: 'processing-9', policy: policyOf([0], 2 * SOON_MS) }) },
  {
    name: 'cancelled while it waits',
    run: async (rig) => {
      const workflowId = await waiting(rig);
      await rig.client.workflow.getHandle(workflowId).cancel();
      return await ended(rig, workflowId);
    },
  },
  {
    name: 'reset once it is over',
    before: (rig) => finished(rig, { scenario: 'ready-pass', policy: AT_ONCE }),
    run: async (rig, before) => {
      const { workflowId, runId } = given(before);
      const { events } = await rig.client.workflow.getHandle(workflowId, runId).fetchHistory();
      const firstTask = events?.find((event) => event.workflowTaskCompletedEventAttributes)?.eventId ?? null;
      await rig.client.workflowService.resetWorkflowExecution({
        namespace: rig.namespace,
        workflowExecution: { workflowId, runId },
        reason: 'cost',
        workflowTaskFinishEventId: firstTask,
        requestId: `reset-${runId}`,
      });
      return await ended(rig, workflowId);
    },
  },
  {
    name: 'replayed once it is over',
    before: (rig) => finished(rig, { scenario: 'ready-pass', policy: AT_ONCE }),
    run: async (rig, before) => {
      const { workflowId, runId } = given(before);
      const input = rig.inputOf(workflowId);
      const replay = { homeRunId: runId, operator: 'jane', reason: 'cost', requestedAt: new Date().toISOString() };
      await rig.replays.start(orderedInput(input, { policy: { requiredFar: '1e-4', comparisons: [] }, replay }), { readsCounted: 1 });
      return await ended(rig, workflowId);
    },
  },
  { name: 'the plainest port, one read', isNaive: true, run: async (rig) => await ended(rig, await rig.startNaive()) },
];

function given(subject: Subject | undefined): Subject {
  if (subject === undefined) throw new Error('this kind has something before it');
  return subject;
}

/** Whatever came before its first workflow task is over would make a task of its own, or not. */
async function waiting(rig: CostRig): Promise<string> {
  const { workflowId } = await rig.admit({ scenario: 'ready-pass', policy: LATER });
  for (;;) {
    const { events } = await rig.client.workflow.getHandle(workflowId).fetchHistory();
    if (events?.some((event) => event.timerStartedEventAttributes)) return workflowId;
    await sleep(20);
  }
}

async function finished(rig: CostRig, order: { readonly scenario: string; readonly policy: Policy }): Promise<Subject> {
  return await ended(rig, await rig.admit(order).then(({ workflowId }) => workflowId));
}

async function ended({ client }: CostRig, workflowId: string): Promise<Subject> {
  const handle = client.workflow.getHandle(workflowId);
  await handle.result();
  return { workflowId, runId: (await handle.describe()).runId };
}
