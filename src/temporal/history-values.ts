import type { History } from '@temporalio/common/lib/proto-utils.js';
import type { Terms } from '../contracts/ledger.ts';
import type { OutcomeEvent } from '../contracts/outcome.ts';
import type { ReservedBy } from '../contracts/workflow.ts';
import type { ReadReport } from '../domain/read-report.ts';
import type { ReadTrigger } from '../domain/state.ts';

// Values in a history were written by our own activities, or by hand: the discriminants are checked, and what they
// promise is then taken as recorded, so that an outcome found here is emitted again byte for byte.

type HistoryEvent = NonNullable<History['events']>[number];

const REPORT_KINDS: ReadonlySet<unknown> = new Set<ReadReport['kind']>([
  'EVIDENCE',
  'VENDOR_ERROR',
  'MALFORMED',
  'UNCERTAIN',
  'UNSENT',
  'WITHHELD',
]);
const TRIGGERS: ReadonlySet<unknown> = new Set<ReadTrigger>(['SCHEDULE', 'HINT', 'DEADLINE', 'OPERATOR']);

/** A field of a decoded value; undefined if the value is no object or has none of that name. */
export function part(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Object.entries(value).find(([key]) => key === name)?.[1] : undefined;
}

export function isReadReport(value: unknown): value is ReadReport {
  const kind = part(value, 'kind');
  return REPORT_KINDS.has(kind) && (kind !== 'EVIDENCE' || typeof part(part(value, 'evidence'), 'status') === 'string');
}

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
  const deadlineAt = part(value, 'deadlineAt');
  return (
    whole && typeof part(value, 'countRefused') === 'boolean' && typeof deadlineAt === 'string' && !Number.isNaN(Date.parse(deadlineAt))
  );
}

/** When an event was written, RFC 3339 to the millisecond. */
export function instantOf(event: HistoryEvent): string {
  const { seconds, nanos } = event.eventTime ?? {};
  return new Date(Number(seconds ?? 0) * 1_000 + Math.floor((nanos ?? 0) / 1_000_000)).toISOString();
}
