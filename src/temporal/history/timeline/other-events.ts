import type { LoadedDataConverter } from '@temporalio/common';
import { isRecovered, part } from '../../../contracts/recorded.ts';
import { readWaitLabel } from '../../../contracts/text/labels.ts';
import { HINT_SIGNAL } from '../../../contracts/workflow.ts';
import { defined } from '../../../domain/defined.ts';
import { HINT_KINDS } from '../../../domain/state.ts';
import { millisOf, writtenAt } from '../../millis.ts';
import { decoded } from '../../decoded.ts';
import { type HistoryEvent, identityOf, type Reading, type Told } from './reading.ts';

/** Every timer, with the label that the Temporal UI shows. */
export function waitEvents({ events, converter, firstIndex }: Reading): Promise<Told>[] {
  return events.slice(firstIndex).flatMap((event) => {
    const started = event.timerStartedEventAttributes;
    if (!started) return [];
    const end = events.find((one) => (one.timerFiredEventAttributes ?? one.timerCanceledEventAttributes)?.timerId === started.timerId);
    return [waitOf(event, { end, converter })];
  });
}

async function waitOf(
  event: HistoryEvent,
  { end, converter }: { readonly end: HistoryEvent | undefined; readonly converter: LoadedDataConverter },
): Promise<Told> {
  const atMs = millisOf(event.eventTime);
  const untilMs = atMs + millisOf(event.timerStartedEventAttributes?.startToFireTimeout);
  const summary = event.userMetadata?.summary;
  const label = summary ? await decoded(converter, [summary]) : undefined;
  const told = typeof label === 'string' ? readWaitLabel(label) : { why: 'waiting' };
  return {
    at: writtenAt(event),
    kind: 'WAITED',
    ...told,
    untilAt: new Date(untilMs).toISOString(),
    ...(end === undefined ? {} : { endedAt: writtenAt(end) }),
    ...(end?.timerCanceledEventAttributes ? { cutShort: true } : {}),
  };
}

/** What came from outside, and an end without an outcome. */
export function otherEvents({ events, converter, firstIndex }: Reading): Promise<Told | undefined>[] {
  return events.slice(firstIndex).map(async (event): Promise<Told | undefined> => {
    const at = writtenAt(event);
    const signal = event.workflowExecutionSignaledEventAttributes;
    if (signal?.signalName === HINT_SIGNAL) return await hint(event, { at, converter });
    const cancel = event.workflowExecutionCancelRequestedEventAttributes;
    if (cancel) return { at, kind: 'CANCEL_REQUESTED', ...defined({ by: identityOf(cancel.identity) }) };
    const recovered = event.activityTaskCompletedEventAttributes && (await recoveredReads(event, { events, converter }));
    if (recovered !== undefined && recovered !== null) return { at, kind: 'LEDGER_TOLD', reads: recovered };
    return endOf(event, at);
  });
}

async function hint(
  event: HistoryEvent,
  { at, converter }: { readonly at: string; readonly converter: LoadedDataConverter },
): Promise<Told> {
  const signal = event.workflowExecutionSignaledEventAttributes;
  const said = await decoded(converter, signal?.input?.payloads);
  // Anybody may send anything: other words are not repeated.
  const known = HINT_KINDS.find((kind) => kind === part(said, 'kind'));
  return {
    at,
    kind: 'HINTED',
    hint: known ?? 'that is none',
    trusted: part(said, 'trusted') === true,
    ...defined({ by: identityOf(signal?.identity) }),
  };
}

/** Of a read that the ledger answered; an emission tells so itself. */
async function recoveredReads(
  event: HistoryEvent,
  { events, converter }: { readonly events: readonly HistoryEvent[]; readonly converter: LoadedDataConverter },
): Promise<number | undefined> {
  const done = event.activityTaskCompletedEventAttributes;
  const order = events.find(({ eventId }) => String(eventId) === String(done?.scheduledEventId));
  if (order?.activityTaskScheduledEventAttributes?.activityType?.name !== 'getResult') return undefined;
  const answer = await decoded(converter, done?.result?.payloads);
  return isRecovered(answer) ? answer.reads.length : undefined;
}

function endOf(event: HistoryEvent, at: string): Told | undefined {
  const failed = event.workflowExecutionFailedEventAttributes;
  if (failed) return { at, kind: 'RUN_ENDED', how: 'FAILED', ...defined({ why: failed.failure?.message ?? undefined }) };
  const ended = event.workflowExecutionTerminatedEventAttributes;
  if (ended)
    return { at, kind: 'RUN_ENDED', how: 'TERMINATED', ...defined({ by: identityOf(ended.identity), why: ended.reason ?? undefined }) };
  if (event.workflowExecutionTimedOutEventAttributes) return { at, kind: 'RUN_ENDED', how: 'TIMED_OUT' };
  return event.workflowExecutionCanceledEventAttributes ? { at, kind: 'RUN_ENDED', how: 'CANCELLED' } : undefined;
}
