import type { LoadedDataConverter } from '@temporalio/common';
import { part } from '../../../contracts/recorded.ts';
import { reportText } from '../../../contracts/text/story.ts';
import { defined } from '../../../domain/defined.ts';
import { reportOf } from '../../../domain/ledger/ledger.ts';
import { codeOf, type ReadReport } from '../../../domain/reading/report.ts';
import { fatesOf } from '../../../domain/reading/slots.ts';
import type { EventOf } from '../../../operator/timeline/ports.ts';
import { decoded } from '../../decoded.ts';
import { type DigestedRead, readsOf } from '../digest.ts';
import { writtenAt } from '../../millis.ts';
import { type HistoryEvent, identityOf, type Reading, type Told } from './reading.ts';

type Policy = { readonly maxReads: number; readonly maxRefusals: number; readonly countRefused: boolean };

/** Every read that the run scheduled, with what became of it. */
export async function readEvents({ events, converter, firstIndex }: Reading, policy: Policy | undefined): Promise<readonly Told[]> {
  const digested = await readsOf(events, converter);
  const scheduled = events.filter((event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'getResult');
  const reported = digested.map((read) => ({ read, report: reportIn(read), ...defined({ granted: grantedOf(read) }) }));
  // What is still open stands here as UNCERTAIN, and its fate is not told.
  const fates = fatesOf(
    reported.map(({ report, ...rest }) => ({ ...rest, ...defined({ report }) })),
    policy ?? { maxRefusals: 5, countRefused: false },
  );
  return await Promise.all(
    scheduled.flatMap((event, index) => {
      const entry = reported[index];
      if (entry === undefined || events.indexOf(event) < firstIndex) return [];
      return [readEvent(event, { ...entry, number: index + 1, fate: fates[index]?.fate ?? 'UNCERTAIN', events, converter, policy })];
    }),
  );
}

type ReadParts = {
  readonly read: DigestedRead;
  readonly report: ReadReport | undefined;
  readonly granted?: number;
  readonly number: number;
  readonly fate: NonNullable<EventOf<'READ'>['fate']>;
  readonly events: readonly HistoryEvent[];
  readonly converter: LoadedDataConverter;
  readonly policy: Policy | undefined;
};

async function readEvent(
  event: HistoryEvent,
  { read, report, granted, number, fate, events, converter, policy }: ReadParts,
): Promise<Told> {
  const order = await decoded(converter, event.activityTaskScheduledEventAttributes?.input?.payloads);
  const slot = part(order, 'slot');
  const taken = events.find((one) => String(one.activityTaskStartedEventAttributes?.scheduledEventId ?? '') === String(event.eventId));
  const { trigger, end } = read;
  const base = {
    at: read.scheduledAt,
    kind: 'READ' as const,
    number,
    ...(typeof slot === 'number' ? { slot } : {}),
    ...defined({ maxReads: policy?.maxReads, trigger, worker: identityOf(taken?.activityTaskStartedEventAttributes?.identity), granted }),
    ...(taken === undefined ? {} : { startedAt: writtenAt(taken) }),
    ...(end.kind === 'OPEN' ? {} : { endedAt: end.at }),
  };
  // Only who describes the run can say whether a worker has taken an open one.
  if (end.kind === 'OPEN') return { ...base, state: 'IN_FLIGHT' };
  if (read.recovered === true) return { ...base, state: 'RECOVERED' };
  if (report === undefined) return { ...base, state: 'ENDED', fate };
  const ids = report.kind === 'ANSWER' ? report.answer.vendorRequestIds : report.kind === 'VENDOR_ERROR' ? report.vendorRequestIds : [];
  return {
    ...base,
    state: 'ENDED',
    fate,
    code: codeOf(report),
    result: reportText(report),
    ...(ids.length === 0 ? {} : { vendorRequestIds: ids }),
  };
}

function reportIn({ end, scheduledAt, recovered }: DigestedRead): ReadReport | undefined {
  return end.kind === 'OPEN' || recovered === true ? undefined : reportOf(end, scheduledAt);
}

function grantedOf({ end }: DigestedRead): number | undefined {
  const report = end.kind === 'COMPLETED' ? end.report : undefined;
  return report !== undefined && 'granted' in report ? report.granted : undefined;
}
