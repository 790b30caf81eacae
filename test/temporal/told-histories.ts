import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { DefaultFailureConverter, defaultPayloadConverter, type LoadedDataConverter } from '@temporalio/common';
import { type History, historyFromJSON, payloadToJSON } from '@temporalio/common/lib/proto-utils.js';
import { ORIGIN_MEMO_KEY, type VerificationInput } from '../../src/contracts/workflow.ts';
import { waitLabel } from '../../src/contracts/text/labels.ts';
import { workflowIdOf } from '../../src/domain/ids.ts';
import type { OutcomeEvent } from '../../src/domain/outcome.ts';
import type { Timeline } from '../../src/operator/timeline/ports.ts';
import { readTimeline } from '../../src/temporal/history/timeline/read-timeline.ts';
import { unreadOutcome } from '../support/sample-outcome.ts';
import { inputAt, iso } from '../support/verification-input.ts';

export const AT = Date.parse('2026-02-01T11:00:00Z');
export const SECRETS = { token: 'tok-secret-4711', bizNo: 'order-secret-12', attribute: 'attribute-secret' };
export const INPUT = inputAt(AT, { token: SECRETS.token, bizNo: SECRETS.bizNo, attributes: { name: SECRETS.attribute } });
export const WORKFLOW_ID = workflowIdOf(INPUT.verificationId);
export const RECEIPT = { topic: 'outcomes', partition: 2, offset: '9' };
const converter: LoadedDataConverter = {
  payloadConverter: defaultPayloadConverter,
  failureConverter: new DefaultFailureConverter(),
  payloadCodecs: [],
};

export function payload(value: unknown): object {
  return payloadToJSON(defaultPayloadConverter.toPayload(value));
}

/** Events as Temporal's tools export them, one a second. */
export function historyOf(...events: readonly object[]): object[] {
  return events.map((event, index) => ({ eventId: String(index + 1), eventTime: iso(AT + index * 1_000), ...event }));
}

export function started({
  input = INPUT,
  stamped = true,
  original = 'home',
}: { input?: VerificationInput; stamped?: boolean; original?: string } = {}): object {
  const memo = { fields: { [ORIGIN_MEMO_KEY]: payload({ origin: 'ingress' }) } };
  return {
    eventType: 'EVENT_TYPE_WORKFLOW_EXECUTION_STARTED',
    workflowExecutionStartedEventAttributes: {
      originalExecutionRunId: original,
      identity: 'ui@host',
      input: { payloads: [payload(input)] },
      ...(stamped ? { memo } : {}),
    },
  };
}

export function scheduled(name: string, order: object): object {
  return {
    eventType: 'EVENT_TYPE_ACTIVITY_TASK_SCHEDULED',
    activityTaskScheduledEventAttributes: { activityId: '1', activityType: { name }, input: { payloads: [payload(order)] } },
  };
}

export const READ = scheduled('getResult', { slot: 1, trigger: 'SCHEDULE', sealedToken: INPUT.sealedToken, bizNo: SECRETS.bizNo });

export function taken(of: number): object {
  return {
    eventType: 'EVENT_TYPE_ACTIVITY_TASK_STARTED',
    activityTaskStartedEventAttributes: { scheduledEventId: String(of), identity: '7@worker-1', attempt: 1 },
  };
}

export function done(of: number, result: unknown): object {
  return {
    eventType: 'EVENT_TYPE_ACTIVITY_TASK_COMPLETED',
    activityTaskCompletedEventAttributes: { scheduledEventId: String(of), result: { payloads: [payload(result)] } },
  };
}

export function failed(of: number): object {
  return {
    eventType: 'EVENT_TYPE_ACTIVITY_TASK_FAILED',
    activityTaskFailedEventAttributes: { scheduledEventId: String(of), failure: { message: 'ended by hand' } },
  };
}

export function timer(timerId: string, seconds: number): object {
  const label = waitLabel({ kind: 'WAIT', why: 'SESSION', untilMs: AT + seconds * 1_000, nextReadAtMs: AT + seconds * 1_000 }, AT);
  return {
    eventType: 'EVENT_TYPE_TIMER_STARTED',
    timerStartedEventAttributes: { timerId, startToFireTimeout: `${seconds}s` },
    userMetadata: { summary: payload(label) },
  };
}

export const FIRED = { eventType: 'EVENT_TYPE_TIMER_FIRED', timerFiredEventAttributes: { timerId: '1' } };
export const CANCELED = { eventType: 'EVENT_TYPE_TIMER_CANCELED', timerCanceledEventAttributes: { timerId: '1' } };
export const TERMINATED = {
  eventType: 'EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED',
  workflowExecutionTerminatedEventAttributes: { reason: 'by mistake', identity: 'jane@desk' },
};
export const FAILED = {
  eventType: 'EVENT_TYPE_WORKFLOW_EXECUTION_FAILED',
  workflowExecutionFailedEventAttributes: { failure: { message: 'HomeGone' } },
};
export const CANCEL = {
  eventType: 'EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED',
  workflowExecutionCancelRequestedEventAttributes: { identity: 'jane@desk' },
};

export function signaled(value: unknown, signalName = 'hint'): object {
  return {
    eventType: 'EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED',
    workflowExecutionSignaledEventAttributes: { signalName, identity: 'jane@desk', input: { payloads: [payload(value)] } },
  };
}

export function ended(result: unknown): object {
  return {
    eventType: 'EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED',
    workflowExecutionCompletedEventAttributes: { result: { payloads: [payload(result)] } },
  };
}

export function resetTo(newRunId: string): object {
  return {
    eventType: 'EVENT_TYPE_WORKFLOW_TASK_FAILED',
    workflowTaskFailedEventAttributes: {
      cause: 'WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW',
      baseRunId: 'home',
      newRunId,
      identity: 'temporal-cli',
      failure: { message: 'a bad build' },
    },
  };
}

export const FAILED_TASK = {
  eventType: 'EVENT_TYPE_WORKFLOW_TASK_FAILED',
  workflowTaskFailedEventAttributes: { identity: '7@worker-1', failure: { message: 'boom' } },
};
export const OUTCOME: OutcomeEvent = { ...unreadOutcome(INPUT), outcome: 'PASSED', reasons: [], comparisons: [] };
export const PASSED = [scheduled('emitOutcome', { event: OUTCOME })];

export type World = {
  readonly runs: Readonly<Record<string, readonly object[]>>;
  readonly grants?: Readonly<Record<string, readonly object[]>>;
  readonly raw?: object;
  readonly latest?: string;
  readonly invisible?: readonly string[];
  readonly visibilityAway?: true;
};

export async function timelineOf({
  runs,
  grants = {},
  raw = {},
  latest = 'home',
  invisible = [],
  visibilityAway,
}: World): Promise<Timeline> {
  const history = (events: readonly object[] | undefined): History => {
    if (events === undefined) throw Object.assign(new Error('no'), { code: 5, details: 'gone', metadata: {} });
    return historyFromJSON({ events });
  };
  const client = {
    options: { namespace: 'n', loadedDataConverter: converter },
    withDeadline: async (_deadline: number, work: () => Promise<unknown>) => await work(),
    workflow: {
      getHandle: (id: string, runId?: string) => ({
        fetchHistory: async () => await Promise.resolve(history(runId === undefined ? grants[id] : runs[runId])),
      }),
    },
    workflowService: {
      listWorkflowExecutions: async () => {
        if (visibilityAway === true) throw Object.assign(new Error('away'), { code: 14, details: 'visibility is away', metadata: {} });
        const executions = Object.keys(runs)
          .filter((runId) => !invisible.includes(runId))
          .map((runId) => ({ execution: { runId } }));
        return await Promise.resolve({ executions, nextPageToken: new Uint8Array() });
      },
    },
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only what the reader uses
  const asked = { client, workflowId: WORKFLOW_ID, description: { runId: latest, raw } } as unknown as {
    client: Client;
    workflowId: string;
    description: WorkflowExecutionDescription;
  };
  return await readTimeline(asked);
}
