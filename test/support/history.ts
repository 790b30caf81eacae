import { defaultPayloadConverter } from '@temporalio/common';
import type { History } from '@temporalio/common/lib/proto-utils.js';
import { tsToMs } from '@temporalio/common/lib/time.js';

export type SeenEvent = {
  readonly id: number;
  /** E.g. `activityTaskScheduled`. */
  readonly type: string;
  readonly atMs: number;
  /** The label that the Temporal UI shows. */
  readonly label?: string;
};

/** The events of a history as a reader of the Temporal UI sees them. */
export function seenEvents(history: History): SeenEvent[] {
  return (history.events ?? []).map((event) => {
    const attributes = Object.entries(event).find(([key, value]) => key.endsWith('EventAttributes') && value !== null);
    const summary = event.userMetadata?.summary;
    return {
      id: Number(event.eventId),
      type: (attributes?.[0] ?? 'unknown').replace('EventAttributes', ''),
      atMs: tsToMs(event.eventTime),
      ...(summary ? { label: defaultPayloadConverter.fromPayload<string>(summary) } : {}),
    };
  });
}

export function eventTypes(history: History): string[] {
  return seenEvents(history).map(({ type }) => type);
}

/** Labels of reads, waits and the emission, in order. */
export function labels(history: History): string[] {
  return seenEvents(history).flatMap(({ label }) => (label === undefined ? [] : [label]));
}

/** When each read was scheduled, in ms after `sinceMs`. */
export function readTimesMs(history: History, sinceMs: number): number[] {
  return seenEvents(history)
    .filter(({ type, label }) => type === 'activityTaskScheduled' && label?.startsWith('read') === true)
    .map(({ atMs }) => atMs - sinceMs);
}
