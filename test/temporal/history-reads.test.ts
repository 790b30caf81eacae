import { DefaultFailureConverter, defaultPayloadConverter, type LoadedDataConverter } from '@temporalio/common';
import { historyFromJSON, payloadToJSON } from '@temporalio/common/lib/proto-utils.js';
import { expect, it } from 'vitest';
import { EXAMPLE_OUTCOME } from '../../src/contracts/wire/examples.ts';
import { defined } from '../../src/domain/defined.ts';
import { ledgerOf } from '../../src/domain/ledger/ledger.ts';
import { codeOf } from '../../src/domain/reading/report.ts';
import { digestRun } from '../../src/temporal/history/digest.ts';
import { readsSeen } from '../../src/temporal/history/reads.ts';
import { createPayloadCodec, PayloadUnreadableError } from '../../src/temporal/payload-codec.ts';
import { PASSED_READ, PENDING_READ } from '../support/verification-input.ts';

const converter: LoadedDataConverter = {
  payloadConverter: defaultPayloadConverter,
  failureConverter: new DefaultFailureConverter(),
  payloadCodecs: [],
};
const ENCRYPTING = createPayloadCodec({ current: () => ({ keys: [{ id: 'p1', key: Buffer.alloc(32) }], encrypts: true }) });
const DESTROYED = { kind: 'VENDOR_ERROR', error: 'DATA_DESTROYED', httpStatus: 400, vendorRequestIds: [] };
const WHEN = { sentAt: '1970-01-01T00:00:02.000Z', answeredAt: '1970-01-01T00:00:02.000Z' };

/** Reads end 50 s after they were scheduled, here at the deadline or a second before it. */
const AT_THE_END = 50;
const BEFORE_IT = 51;

/** Events in the form in which Temporal's own tools export a history; the n-th happens n seconds after the epoch. */
function event(id: number, type: string, attributes: object): object {
  const eventTime = new Date(id * 1_000).toISOString();
  return { eventId: String(id), eventTime, eventType: `EVENT_TYPE_${type}`, ...attributes };
}

function payloadsOf(value: unknown): object {
  return { payloads: [payloadToJSON(defaultPayloadConverter.toPayload(value))] };
}

function scheduled(id: number, { name = 'getResult', deadlineAfter = AT_THE_END } = {}): object {
  const input = payloadsOf({ trigger: 'SCHEDULE', deadlineAt: new Date((id + deadlineAfter) * 1_000).toISOString() });
  const activityTaskScheduledEventAttributes = { activityId: String(id), activityType: { name }, input };
  return event(id, 'ACTIVITY_TASK_SCHEDULED', { activityTaskScheduledEventAttributes });
}

function emission(id: number): object {
  const activityTaskScheduledEventAttributes = {
    activityId: String(id),
    activityType: { name: 'emitOutcome' },
    input: payloadsOf({ event: EXAMPLE_OUTCOME }),
  };
  return event(id, 'ACTIVITY_TASK_SCHEDULED', { activityTaskScheduledEventAttributes });
}

function completed(of: number, answer: unknown): object {
  const activityTaskCompletedEventAttributes = { scheduledEventId: String(of), result: payloadsOf(answer) };
  return event(of + 50, 'ACTIVITY_TASK_COMPLETED', { activityTaskCompletedEventAttributes });
}

function timedOut(of: number, timeoutType: string, cause?: object): object {
  const failure = { message: 'timed out', timeoutFailureInfo: { timeoutType: `TIMEOUT_TYPE_${timeoutType}` }, ...defined({ cause }) };
  const activityTaskTimedOutEventAttributes = { scheduledEventId: String(of), failure };
  return event(of + 50, 'ACTIVITY_TASK_TIMED_OUT', { activityTaskTimedOutEventAttributes });
}

function canceled(of: number): object {
  return event(of + 50, 'ACTIVITY_TASK_CANCELED', { activityTaskCanceledEventAttributes: { scheduledEventId: String(of) } });
}

const task = (id: number, state: 'STARTED' | 'COMPLETED' | 'FAILED'): object =>
  event(id, `WORKFLOW_TASK_${state}`, { [`workflowTask${state[0]}${state.slice(1).toLowerCase()}EventAttributes`]: {} });
const started = event(1, 'WORKFLOW_EXECUTION_STARTED', { workflowExecutionStartedEventAttributes: {} });
const terminated = event(99, 'WORKFLOW_EXECUTION_TERMINATED', { workflowExecutionTerminatedEventAttributes: {} });
const READ = [scheduled(2), completed(2, PASSED_READ)];

it.each<[string, boolean, readonly object[]]>([
  ['ended while the task after its read was under way', true, [...READ, task(60, 'STARTED'), terminated]],
  ['ended after that task had failed', true, [...READ, task(60, 'STARTED'), task(61, 'FAILED'), terminated]],
  ['ended before that task began', true, [...READ, terminated]],
  [
    'ended after a task that had begun before the read was over',
    true,
    [scheduled(2), task(40, 'STARTED'), task(51, 'COMPLETED'), completed(2, PASSED_READ), terminated],
  ],
  ['ended after that task was over', false, [...READ, task(60, 'STARTED'), task(61, 'COMPLETED'), terminated]],
  ['is still running', false, [...READ, task(60, 'STARTED')]],
  ['had ordered its emission', false, [...READ, task(60, 'COMPLETED'), emission(70), terminated]],
  ['ended while its read was in flight', false, [scheduled(2), task(40, 'COMPLETED'), terminated]],
  ['ended after its read had settled nothing', false, [scheduled(2), completed(2, PENDING_READ), terminated]],
  ['ended after its read was lost', false, [scheduled(2), timedOut(2, 'START_TO_CLOSE'), terminated]],
])('a home run that %s: it may have emitted at once: %s', async (_when, mayHaveEmitted, events) => {
  const facts = await digestRun(historyFromJSON({ events: [started, ...events] }), { runId: 'home', converter });
  const ledger = ledgerOf(facts, { rule: { maxReads: 3, maxRefusals: 5, countRefused: false }, taken: [] });
  expect(ledger.mayHaveEmitted ?? false).toBe(mayHaveEmitted);
});

it('what a run published from its last task is the outcome in its result', async () => {
  const completedRun = event(99, 'WORKFLOW_EXECUTION_COMPLETED', {
    workflowExecutionCompletedEventAttributes: { result: payloadsOf({ outcome: EXAMPLE_OUTCOME, emission: {} }) },
  });
  const events = [started, ...READ, task(60, 'STARTED'), task(61, 'COMPLETED'), completedRun];
  expect((await digestRun(historyFromJSON({ events }), { runId: 'home', converter })).emitted).toEqual(EXAMPLE_OUTCOME);
});

const HISTORY = historyFromJSON({
  events: [
    event(1, 'WORKFLOW_EXECUTION_STARTED', { workflowExecutionStartedEventAttributes: {} }),
    scheduled(2),
    completed(2, PENDING_READ),
    scheduled(3, { name: 'emitted-elsewhere' }),
    scheduled(4),
    completed(4, { ...DESTROYED, ...WHEN }),
    scheduled(5),
    timedOut(5, 'SCHEDULE_TO_START'),
    scheduled(6, { deadlineAfter: BEFORE_IT }),
    timedOut(6, 'SCHEDULE_TO_START'),
    scheduled(7),
    timedOut(7, 'SCHEDULE_TO_START', { message: 'the attempt before' }),
    scheduled(8),
    timedOut(8, 'START_TO_CLOSE'),
    scheduled(9),
    canceled(9),
    scheduled(10),
    completed(10, 'by hand'),
    scheduled(11),
    completed(11, { kind: 'RECOVERED', reads: [] }),
    scheduled(12),
  ],
});

it('shows every read with its end: what may count never as unsent, what is in flight as such', async () => {
  const reads = await readsSeen(HISTORY, converter);
  expect(reads.map(({ number, result }) => [number, result])).toEqual([
    [1, 'ANSWER PROCESSING'],
    [2, 'VENDOR_ERROR DATA_DESTROYED'],
    [3, 'UNSENT NO_WORKER'],
    [4, 'UNCERTAIN WORKER_LOST'],
    [5, 'UNCERTAIN WORKER_LOST'],
    [6, 'UNCERTAIN WORKER_LOST'],
    [7, 'UNCERTAIN WORKER_LOST'],
    [8, 'UNCERTAIN WORKER_LOST'],
    [9, 'RECOVERED'],
    [10, 'IN_FLIGHT'],
  ]);
  expect(reads.at(0)).toMatchObject({ scheduledAt: '1970-01-01T00:00:02.000Z', endedAt: '1970-01-01T00:00:52.000Z' });
  expect(reads.at(-1)).not.toHaveProperty('endedAt');
});

it('says of every read that has ended what the ledger says', async () => {
  const rule = { maxReads: 20, maxRefusals: 5, countRefused: false };
  const ledger = ledgerOf(await digestRun(HISTORY, { runId: 'home', converter }), { rule, taken: [] });
  const seen = await readsSeen(HISTORY, converter);
  const ended = seen.filter(({ result }) => result !== 'IN_FLIGHT' && result !== 'RECOVERED');
  expect(ended.map(({ result }) => result)).toEqual(
    ledger.reads.slice(0, ended.length).map(({ report }) => `${report.kind} ${codeOf(report)}`),
  );
});

const untilRead = [started, task(2, 'COMPLETED'), scheduled(3), completed(3, PENDING_READ)];

it.each<[string, readonly object[], true | undefined]>([
  ['it was ended before any task knew of its read', [...untilRead, terminated], true],
  ['the task that knew of its read failed', [...untilRead, task(60, 'FAILED'), terminated], true],
  ['it is still open', untilRead, undefined],
  ['the task that knew of its read was over', [...untilRead, task(60, 'COMPLETED'), terminated], undefined],
  ['its read was in flight', [started, task(2, 'COMPLETED'), scheduled(3), terminated], undefined],
  ['its read was lost', [started, task(2, 'COMPLETED'), scheduled(3), timedOut(3, 'START_TO_CLOSE'), terminated], undefined],
])('tells a run that was cut off within the task that may have published at once from any other: %s', async (_how, events, lost) => {
  const facts = await digestRun(historyFromJSON({ events }), { runId: 'home', converter });
  expect(facts.lastTaskLost).toBe(lost);
});

it.each(['input of the run', 'order of a read', 'answer of a read', 'outcome of the run'])(
  'a history whose %s is encrypted with a key that is not here is in doubt: it never counts as one without reads',
  async (what) => {
    const [hidden] = await ENCRYPTING.encode([defaultPayloadConverter.toPayload({ kind: 'ANSWER' })]);
    const payloads = { payloads: [payloadToJSON(hidden ?? {})] };
    const given = (name: string, value: unknown): object => (name === what ? payloads : payloadsOf(value));
    const attributes = { originalExecutionRunId: 'home', input: given('input of the run', {}) };
    const order = { activityId: '2', activityType: { name: 'getResult' }, input: given('order of a read', { trigger: 'SCHEDULE' }) };
    const answer = { scheduledEventId: '2', result: given('answer of a read', PASSED_READ) };
    const events = [
      event(1, 'WORKFLOW_EXECUTION_STARTED', { workflowExecutionStartedEventAttributes: attributes }),
      event(2, 'ACTIVITY_TASK_SCHEDULED', { activityTaskScheduledEventAttributes: order }),
      event(3, 'ACTIVITY_TASK_COMPLETED', { activityTaskCompletedEventAttributes: answer }),
      event(4, 'WORKFLOW_EXECUTION_COMPLETED', {
        workflowExecutionCompletedEventAttributes: { result: given('outcome of the run', { outcome: EXAMPLE_OUTCOME }) },
      }),
    ];
    await expect(digestRun(historyFromJSON({ events }), { runId: 'home', converter })).rejects.toThrow(PayloadUnreadableError);
  },
);
