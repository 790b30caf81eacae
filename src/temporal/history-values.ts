import type { History } from '@temporalio/common/lib/proto-utils.js';
import type { Terms } from '../contracts/ledger.ts';
import type { OutcomeEvent } from '../contracts/outcome.ts';
import { isInstant, part } from '../contracts/untyped.ts';
import type { ReservedBy } from '../contracts/workflow.ts';
import type { ReadTrigger } from '../domain/state.ts';

// Values in a history were written by our own activities, or by hand: the discriminants are checked, and what they
// promise is then taken as recorded, so that an outcome found here is emitted again byte for byte.

type HistoryEvent = NonNullable<History['events']>[number];

const TRIGGERS: ReadonlySet<unknown> = new Set<ReadTrigger>(['SCHEDULE', 'HINT', 'DEADLINE', 'OPERATOR']);

export function isTrigger(value: unknown): value is ReadTrigger {
  return TRIGGERS.has(value);
}

export function isOutcomeEvent(value: unknown): value is OutcomeEvent {
  const told = [part(value, 'verificationId'), part(value, 'outcome')].every((text) => typeof text === 'string');
  return told && Number.isInteger(part(value, 'revision')) && Array.isArray(part(value, 'reasons'));
}

export function isReservedBy(value: unknown): value is ReservedBy {
  return ['workflowId', 'runId', 'activityId'].every((name) => typeof part(value, name) === 'string');
}

export function isTerms(value: unknown): value is Terms {
  const whole = ['maxCalls', 'maxRefusals'].every((name) => Number.isInteger(part(value, name)));
  return whole && typeof part(value, 'countRefused') === 'boolean' && isInstant(part(value, 'deadlineAt'));
}

/** When an event was written, RFC 3339 to the millisecond. */
export function instantOf(event: HistoryEvent): string {
  const { seconds, nanos } = event.eventTime ?? {};
  return new Date(Number(seconds ?? 0) * 1_000 + Math.floor((nanos ?? 0) / 1_000_000)).toISOString();
}
