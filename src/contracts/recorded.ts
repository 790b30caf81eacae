import { EVIDENCE_FAILURES, EVIDENCE_KINDS, type EvidenceReference, type KeptEvidence } from '../domain/evidence.ts';
import type { SinceThen } from '../domain/gate/gate.ts';
import {
  type Answer,
  BIZ_NO_FINDINGS,
  type ComparisonAnswer,
  FAIL_REASONS,
  LIVENESS_RESULTS,
  type LivenessAnswer,
  VENDOR_STATUSES,
  VERIFY_ERRORS,
} from '../domain/judging/answer.ts';
import { type GrantedTo, type LedgerRead, type RecoveredReads, type Ruling, RULINGS } from '../domain/ledger/asking-run.ts';
import type { Terms } from '../domain/ledger/ledger.ts';
import type { OutcomeEvent } from '../domain/outcome.ts';
import type { PlannedRead, Policy } from '../domain/policy.ts';
import { LEDGER_DOUBTS, type ReadReport, UNCERTAIN_CAUSES, UNSENT_CAUSES, VENDOR_ERRORS, WITHHELD_WHYS } from '../domain/reading/report.ts';
import { READ_TRIGGERS, type ReadTrigger } from '../domain/state.ts';
import type { Emitted } from './workflow.ts';

// Whoever may complete an activity by hand may answer anything. What our own workers answer passes these checks: whatever
// the rules look at, the outcome repeats, or a slot depends on. Other fields stay as they were recorded.

type Shape = (value: unknown) => boolean;
type Shapes<Names extends PropertyKey> = Record<Names, Shape>;
type ReportShapes = { readonly [Kind in ReadReport['kind']]: Shapes<Exclude<keyof Extract<ReadReport, { kind: Kind }>, 'kind'>> };

// Every field, here and below, so that the compiler asks for a new one.
const LIVENESS_SHAPES: Readonly<Shapes<keyof LivenessAnswer>> = {
  result: isOneOf(LIVENESS_RESULTS),
  scores: isOptional(isMap),
  issueCounts: isOptional(isMap),
};
const COMPARISON_SHAPES: Readonly<Shapes<keyof ComparisonAnswer>> = {
  name: isText,
  confidence: isOptional(isScore),
  thresholds: isMap,
  reached: isOptional((value) => isObject(value) && Object.values(value).every(isFlag)),
};
const ANSWER_SHAPES: Readonly<Shapes<keyof Answer>> = {
  status: isOneOf(VENDOR_STATUSES),
  rawStatus: isOptional(matches(/^[A-Z_]{1,32}$/)),
  failReason: isOptional(isOneOf(FAIL_REASONS)),
  liveness: hasAll(LIVENESS_SHAPES),
  verifyPresent: isFlag,
  verifyError: isOptional(isOneOf(VERIFY_ERRORS)),
  comparisons: isListOf(hasAll(COMPARISON_SHAPES)),
  multipleFaces: isOptional(isFlag),
  bizNo: isOneOf(BIZ_NO_FINDINGS),
  implausible: isOptional(isListOf(isText)),
  attackSigns: isOptional(isListOf(isText)),
  unclear: isListOf(isText),
  vendorRequestIds: isListOf(isText),
  timeUsedMs: isOptional(isNumber),
  quirks: isListOf(isText),
};
const SINCE_SHAPES: Readonly<Shapes<keyof SinceThen>> = {
  sinceAt: isInstant,
  by: isText,
  reason: isText,
  ticket: isOptional(isText),
  isAutomatic: isOptional(isFlag),
};
const REFERENCE_SHAPES: Readonly<Shapes<keyof EvidenceReference>> = {
  kind: isOneOf(EVIDENCE_KINDS),
  object: matches(/^[\w./-]{1,256}$/),
  sha256: matches(/^[0-9a-f]{64}$/),
  bytes: (value) => Number.isSafeInteger(value) && Number(value) >= 0,
  contentType: matches(/^[\w.+/-]{1,64}$/),
  keyId: matches(/^[\w.:-]{1,128}$/),
  expiresAt: (value) => isInstant(value) && matches(/^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)$/)(value),
};
const EVIDENCE_SHAPES: Readonly<Shapes<keyof KeptEvidence>> = {
  references: isListOf(hasAll(REFERENCE_SHAPES)),
  failures: isOptional(isListOf(hasAll({ kind: isOneOf(EVIDENCE_KINDS), why: isOneOf(EVIDENCE_FAILURES) }))),
};
const ANSWERED_SHAPES = { sentAt: isInstant, answeredAt: isInstant, granted: isOptional(Number.isInteger) } as const;
const REPORT_SHAPES: Readonly<ReportShapes> = {
  ANSWER: { ...ANSWERED_SHAPES, answer: hasAll(ANSWER_SHAPES), evidence: isOptional(hasAll(EVIDENCE_SHAPES)) },
  VENDOR_ERROR: {
    ...ANSWERED_SHAPES,
    error: isOneOf(VENDOR_ERRORS),
    httpStatus: Number.isInteger,
    vendorRequestIds: isListOf(isText),
    about: isOptional(isOneOf(['TOKEN'])),
    credible: isOptional(isOneOf([false])),
    quirks: isOptional(isListOf(isText)),
  },
  MALFORMED: { ...ANSWERED_SHAPES, httpStatus: Number.isInteger, bodyBytes: isNumber, bodySha256: isText },
  UNCERTAIN: {
    cause: isOneOf(UNCERTAIN_CAUSES),
    sentAt: isOptional(isInstant),
    endedAt: isInstant,
    httpStatus: isOptional(Number.isInteger),
  },
  UNSENT: { cause: isOneOf(UNSENT_CAUSES), endedAt: isInstant, gate: isOptional(hasAll(SINCE_SHAPES)) },
  WITHHELD: { why: isOneOf(WITHHELD_WHYS), doubt: isOptional(isOneOf(LEDGER_DOUBTS)), endedAt: isInstant },
};
const SHAPES_OF: ReadonlyMap<unknown, Readonly<Shapes<string>>> = new Map(Object.entries(REPORT_SHAPES));

export function isReadReport(value: unknown): value is ReadReport {
  const shapes = SHAPES_OF.get(part(value, 'kind'));
  return shapes !== undefined && hasAll(shapes)(value);
}

const LEDGER_READ_SHAPES: Readonly<Shapes<keyof LedgerRead>> = {
  scheduledAt: isInstant,
  trigger: isOptional(isTrigger),
  endedAt: isOptional(isInstant),
  report: isReadReport,
  granted: isOptional(Number.isInteger),
};

export function isRecovered(value: unknown): value is RecoveredReads {
  return part(value, 'kind') === 'RECOVERED' && isListOf(hasAll(LEDGER_READ_SHAPES))(part(value, 'reads'));
}

/** True for a receipt of Kafka: without one nobody knows whether the outcome is there. */
export function isEmitted(value: unknown): value is Emitted {
  return isText(part(value, 'topic')) && Number.isInteger(part(value, 'partition')) && isText(part(value, 'offset'));
}

type Check = readonly [path: string, holds: Shape];

const PLANNED_READ_SHAPES: Readonly<Shapes<keyof PlannedRead>> = {
  anchor: isText,
  offsetMs: isNumber,
  notBeforeMs: isNumber,
  reserve: isFlag,
};
const POLICY_SHAPES: Readonly<Shapes<keyof Policy>> = {
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
  plan: (plan) => Array.isArray(plan) && plan.length > 0 && plan.every(hasAll(PLANNED_READ_SHAPES)),
};

const RULING_SHAPES: Readonly<Shapes<keyof Ruling>> = { verdict: isOneOf(RULINGS), reviewer: isText, upon: Number.isInteger };

/** What the rules and the outcome are made of. */
const CHECKS: readonly Check[] = [
  ['v', (value) => value === 1],
  ...['verificationId', 'sealedToken'].map((name): Check => [name, isText]),
  ...['issuedAt', 'admittedAt', 'tokenExpiresAt', 'deadlineAt'].map((name): Check => [name, isInstant]),
  ['comparisons', Array.isArray],
  ['returnImage', isOneOf([0, 1, 2])],
  ['attributes', (value) => isObject(value) && Object.values(value).every(isText)],
  ...['vendorRegion', 'source.topic', 'source.offset'].map((path): Check => [path, isText]),
  ['source.partition', Number.isInteger],
  ...['replay.ruling', 'replay.repeats'].map((path): Check => [path, isOptional(hasAll(RULING_SHAPES))]),
  ...Object.entries(POLICY_SHAPES).map(([name, holds]): Check => [`policy.${name}`, holds]),
];

/** Paths of the fields that no input of version 1 can have so; only a start by hand brings any about. Empty: it is one. */
export function faultsOfInput(value: unknown): readonly string[] {
  return CHECKS.filter(([path, holds]) => !holds(path.split('.').reduce(part, value))).map(([path]) => path);
}

/** A field of a decoded value; undefined if the value is no object or has none of that name. */
export function part(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
}

// Values in a history were written by our own activities, or by hand: the discriminants are checked, and what they
// promise is then taken as recorded, so that an outcome found here is emitted again byte for byte.

export function isTrigger(value: unknown): value is ReadTrigger {
  return isOneOf(READ_TRIGGERS)(value);
}

/** What is shown of an outcome, or compared with another one's. */
const EVENT_SHAPES = {
  verificationId: isText,
  revision: Number.isInteger,
  outcome: isText,
  reasons: isListOf(hasAll({ code: isText })),
  comparisons: isListOf(hasAll({ name: isText, thresholds: isMap })),
  actor: hasAll({ type: isText }),
} as const;

export function isOutcomeEvent(value: unknown): value is OutcomeEvent {
  return hasAll(EVENT_SHAPES)(value);
}

export function isGrantedTo(value: unknown): value is GrantedTo {
  return ['workflowId', 'runId', 'activityId'].every((name) => isText(part(value, name)));
}

export function isTerms(value: unknown): value is Terms {
  const whole = ['maxReads', 'maxRefusals'].every((name) => Number.isInteger(part(value, name)));
  return whole && isFlag(part(value, 'countRefused')) && isInstant(part(value, 'deadlineAt'));
}

function hasAll(shapes: Shapes<string>): Shape {
  return (value) => Object.entries(shapes).every(([name, holds]) => holds(part(value, name)));
}

function isOptional(holds: Shape): Shape {
  return (value) => value === undefined || holds(value);
}

function isOneOf(known: readonly unknown[]): Shape {
  return (value) => known.includes(value);
}

function isListOf(holds: Shape): Shape {
  return (value) => Array.isArray(value) && value.every(holds);
}

function matches(pattern: RegExp): Shape {
  return (value) => isText(value) && pattern.test(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isFlag(value: unknown): value is boolean {
  return typeof value === 'boolean';
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

/** JSON has no NaN and no infinity, so a number that was none comes back from a history as null. */
function isScore(value: unknown): boolean {
  return value === null || isNumber(value);
}

function isMap(value: unknown): boolean {
  return isObject(value) && Object.values(value).every(isScore);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isInstant(value: unknown): value is string {
  return isText(value) && !Number.isNaN(Date.parse(value));
}
