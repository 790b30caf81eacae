import { isEmitted, isOutcomeEvent, isReadReport, isRecovered, part } from '../../../contracts/recorded.ts';
import { explain } from '../../../contracts/text/explain.ts';
import type { EmissionReceipt } from '../../../contracts/workflow.ts';
import { outcomeEventId } from '../../../domain/ids.ts';
import type { Answer } from '../../../domain/judging/answer.ts';
import type { OutcomeEvent } from '../../../domain/outcome.ts';
import type { ReadReport } from '../../../domain/reading/report.ts';
import { decoded } from '../../decoded.ts';
import { writtenAt } from '../../millis.ts';
import { type HistoryEvent, type Reading, type Told } from './reading.ts';

/** What was decided and published: ordered of an activity, or published from the workflow task that decided. */
export function emissionEvents(reading: Reading): Promise<readonly Told[]>[] {
  const { events, firstIndex } = reading;
  return events.slice(firstIndex).flatMap((event) => {
    if (event.activityTaskScheduledEventAttributes?.activityType?.name === 'emitOutcome') return [ordered(event, reading)];
    return event.workflowExecutionCompletedEventAttributes ? [completed(event, reading)] : [];
  });
}

async function ordered(event: HistoryEvent, reading: Reading): Promise<readonly Told[]> {
  const { events, converter } = reading;
  const outcome = part(await decoded(converter, event.activityTaskScheduledEventAttributes?.input?.payloads), 'event');
  const at = writtenAt(event);
  const decided = isOutcomeEvent(outcome) ? [await decision(outcome, { at, reading, before: events.indexOf(event) })] : [];
  const end = events.find((one) => isEndOf(one, event));
  if (end === undefined) return [...decided, { at, kind: 'EMISSION_PENDING', attempt: 1 }];
  const answer = await decoded(converter, end.activityTaskCompletedEventAttributes?.result?.payloads);
  if (isRecovered(answer)) return [...decided, { at: writtenAt(end), kind: 'LEDGER_TOLD', reads: answer.reads.length }];
  if (!isEmitted(answer) || !isOutcomeEvent(outcome)) return [...decided, { at: writtenAt(end), kind: 'EMISSION_STOPPED' }];
  const { event: other = outcome, ...receipt } = answer;
  return [...decided, emission(other, { at: writtenAt(end), receipt })];
}

function isEndOf(one: HistoryEvent, scheduled: HistoryEvent): boolean {
  const closing =
    one.activityTaskCompletedEventAttributes ??
    one.activityTaskFailedEventAttributes ??
    one.activityTaskTimedOutEventAttributes ??
    one.activityTaskCanceledEventAttributes;
  return Boolean(closing) && String(closing?.scheduledEventId) === String(scheduled.eventId);
}

/** Without an order of an activity the outcome was published at once, and stands in the run's result alone. */
async function completed(event: HistoryEvent, reading: Reading): Promise<readonly Told[]> {
  const { events, converter } = reading;
  const last = events.findLast((one) => one.activityTaskScheduledEventAttributes)?.activityTaskScheduledEventAttributes?.activityType?.name;
  if (last === 'emitOutcome') return [];
  const result = await decoded(converter, event.workflowExecutionCompletedEventAttributes?.result?.payloads);
  const [outcome, receipt] = [part(result, 'outcome'), part(result, 'emission')];
  if (!isOutcomeEvent(outcome) || !isEmitted(receipt)) return [];
  const at = writtenAt(event);
  const decided = await decision(outcome, { at, reading, before: events.indexOf(event) });
  return [decided, { ...emission(outcome, { at, receipt }), atOnce: true }];
}

type Emission = Extract<Told, { readonly kind: 'EMITTED' }>;

function emission(event: OutcomeEvent, { at, receipt }: { readonly at: string; readonly receipt: EmissionReceipt }): Emission {
  const { topic, partition, offset } = receipt;
  return {
    at,
    kind: 'EMITTED',
    ceId: outcomeEventId(event.verificationId, event.revision),
    outcome: event.outcome,
    topic,
    partition,
    offset,
  };
}

type Deciding = { readonly at: string; readonly reading: Reading; readonly before: number };

async function decision(event: OutcomeEvent, { at, reading, before }: Deciding): Promise<Told> {
  const { outcome, reasons, comparisons, policy, retryAdvice } = event;
  const answer = await lastAnswer(reading, before);
  const why = explain({ verdict: { outcome, reasons, comparisons }, requiredFar: policy.requiredFar, answer });
  return { at, kind: 'DECIDED', outcome, reasons: reasons.map(({ code }) => code), why, advice: retryAdvice };
}

/** The last answer that the run knew of by then, whoever had read it. */
async function lastAnswer({ events, converter }: Reading, before: number): Promise<Answer | undefined> {
  const known = events.slice(0, before).flatMap(({ activityTaskCompletedEventAttributes: done }) => (done ? [done.result?.payloads] : []));
  const results = await Promise.all(known.map((payloads) => decoded(converter, payloads)));
  const reports = results.flatMap(reportsIn);
  const last = reports.findLast(({ kind }) => kind === 'ANSWER');
  return last?.kind === 'ANSWER' ? last.answer : undefined;
}

function reportsIn(result: unknown): readonly ReadReport[] {
  if (isRecovered(result)) return result.reads.map(({ report }) => report);
  return isReadReport(result) ? [result] : [];
}
