import type { ReadReport } from '../domain/read-report.ts';
import { isInstant, part } from './untyped.ts';
import type { Emitted, RecoveredReads } from './workflow.ts';

// Whoever may complete an activity by hand may answer anything. What our own workers answer passes these checks; they look
// at whatever the rules would stumble over, and leave the rest as it was recorded.

type Shape = (value: unknown) => boolean;

const REPORT_SHAPES: Readonly<Record<ReadReport['kind'], Shape>> = {
  EVIDENCE: (report) => wasAnswered(report) && isEvidence(part(report, 'evidence')),
  VENDOR_ERROR: (report) => wasAnswered(report) && isText(part(report, 'error')) && Array.isArray(part(report, 'vendorRequestIds')),
  MALFORMED: wasAnswered,
  UNCERTAIN: hasEnded,
  UNSENT: hasEnded,
  WITHHELD: (report) => hasEnded(report) && isText(part(report, 'why')),
};
const SHAPE_OF: ReadonlyMap<unknown, Shape> = new Map(Object.entries(REPORT_SHAPES));

export function isReadReport(value: unknown): value is ReadReport {
  return SHAPE_OF.get(part(value, 'kind'))?.(value) ?? false;
}

export function isRecovered(value: unknown): value is RecoveredReads {
  const reads = part(value, 'reads');
  return (
    part(value, 'kind') === 'RECOVERED' &&
    Array.isArray(reads) &&
    reads.every((read) => isInstant(part(read, 'scheduledAt')) && isReadReport(part(read, 'report')))
  );
}

/** True for a receipt of Kafka: without one nobody knows whether the outcome is there. */
export function isEmitted(value: unknown): value is Emitted {
  return isText(part(value, 'topic')) && Number.isInteger(part(value, 'partition')) && isText(part(value, 'offset'));
}

function isEvidence(value: unknown): boolean {
  const comparisons = part(value, 'comparisons');
  return (
    isText(part(value, 'status')) &&
    isText(part(part(value, 'liveness'), 'result')) &&
    ['contradictions', 'vendorRequestIds', 'quirks'].every((name) => Array.isArray(part(value, name))) &&
    Array.isArray(comparisons) &&
    comparisons.every((one) => isText(part(one, 'name')) && isObject(part(one, 'thresholds')))
  );
}

function wasAnswered(report: unknown): boolean {
  return isInstant(part(report, 'sentAt')) && isInstant(part(report, 'answeredAt'));
}

function hasEnded(report: unknown): boolean {
  return isInstant(part(report, 'endedAt'));
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
