import type { Terms } from '../domain/ledger/ledger.ts';
import type { OutcomeEvent } from '../domain/outcome.ts';
import type { Policy } from '../domain/policy.ts';
import type { ReadReport } from '../domain/reading/report.ts';
import { READ_TRIGGERS, type ReadTrigger } from '../domain/state.ts';
import type { Emitted } from './workflow.ts';
import type { RecoveredReads, GrantedTo } from '../domain/ledger/asking-run.ts';

// Whoever may complete an activity by hand may answer anything. What our own workers answer passes these checks; they look
// at whatever the rules would stumble over, and leave the rest as it was recorded.

type Shape = (value: unknown) => boolean;

const REPORT_SHAPES: Readonly<Record<ReadReport['kind'], Shape>> = {
  ANSWER: (report) => wasAnswered(report) && isAnswer(part(report, 'answer')),
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

function isAnswer(value: unknown): boolean {
  const comparisons = part(value, 'comparisons');
  return (
    isText(part(value, 'status')) &&
    isText(part(part(value, 'liveness'), 'result')) &&
    ['unclear', 'vendorRequestIds', 'quirks'].every((name) => Array.isArray(part(value, name))) &&
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

type Check = readonly [path: string, holds: Shape];

const isNumber: Shape = (value) => typeof value === 'number' && Number.isFinite(value);
const isFlag: Shape = (value) => typeof value === 'boolean';

/** Every field of a policy, so that the compiler asks for a new one. */
const POLICY_SHAPES: Readonly<Record<keyof Policy, Shape>> = {
  id: isText,
  version: isNumber,
  maxReads: Number.isInteger,
  windowMs: isNumber,
  minGapMs: isNumber,
  errorBackoffMs: isNumber,
  countRefused: isFlag,
  requiredFar: isText,
  sessionAllowanceMs: isNumber,
  hintDelayMs: isNumber,
  maxRefusals: Number.isInteger,
  plan: (plan) => Array.isArray(plan) && plan.length > 0 && plan.every(isPlannedRead),
};

/** What the rules and the outcome are made of. */
const CHECKS: readonly Check[] = [
  ['v', (value) => value === 1],
  ...['verificationId', 'sealedToken'].map((name): Check => [name, isText]),
  ...['issuedAt', 'admittedAt', 'tokenExpiresAt', 'deadlineAt'].map((name): Check => [name, isInstant]),
  ['comparisons', Array.isArray],
  ['source.topic', isText],
  ...Object.entries(POLICY_SHAPES).map(([name, holds]): Check => [`policy.${name}`, holds]),
];

/** Paths of the fields that no input of version 1 can have so; only a start by hand brings any about. Empty: it is one. */
export function faultsOfInput(value: unknown): readonly string[] {
  return CHECKS.filter(([path, holds]) => !holds(path.split('.').reduce(part, value))).map(([path]) => path);
}

function isPlannedRead(entry: unknown): boolean {
  return (
    isText(part(entry, 'anchor')) &&
    isNumber(part(entry, 'offsetMs')) &&
    isNumber(part(entry, 'notBeforeMs')) &&
    isFlag(part(entry, 'reserve'))
  );
}

/** A field of a decoded value; undefined if the value is no object or has none of that name. */
export function part(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Object.entries(value).find(([key]) => key === name)?.[1] : undefined;
}

function isInstant(value: unknown): value is string {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value));
}

// Values in a history were written by our own activities, or by hand: the discriminants are checked, and what they
// promise is then taken as recorded, so that an outcome found here is emitted again byte for byte.

const TRIGGERS: ReadonlySet<unknown> = new Set(READ_TRIGGERS);

export function isTrigger(value: unknown): value is ReadTrigger {
  return TRIGGERS.has(value);
}

export function isOutcomeEvent(value: unknown): value is OutcomeEvent {
  const told = [part(value, 'verificationId'), part(value, 'outcome')].every((text) => typeof text === 'string');
  return told && Number.isInteger(part(value, 'revision')) && Array.isArray(part(value, 'reasons'));
}

export function isGrantedTo(value: unknown): value is GrantedTo {
  return ['workflowId', 'runId', 'activityId'].every((name) => typeof part(value, name) === 'string');
}

export function isTerms(value: unknown): value is Terms {
  const whole = ['maxReads', 'maxRefusals'].every((name) => Number.isInteger(part(value, name)));
  return whole && typeof part(value, 'countRefused') === 'boolean' && isInstant(part(value, 'deadlineAt'));
}
