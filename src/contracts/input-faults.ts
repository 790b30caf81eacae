import { isInstant, part } from './untyped.ts';

type Check = readonly [path: string, holds: (value: unknown) => boolean];

const isText = (value: unknown): boolean => typeof value === 'string';
const isNumber = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value);
const isFlag = (value: unknown): boolean => typeof value === 'boolean';
const DURATIONS = ['windowMs', 'minGapMs', 'errorBackoffMs', 'sessionAllowanceMs', 'hintDelayMs'] as const;

/** What the rules and the outcome are made of. */
const CHECKS: readonly Check[] = [
  ['v', (value) => value === 1],
  ...['verificationId', 'sealedToken'].map((name): Check => [name, isText]),
  ...['issuedAt', 'admittedAt', 'tokenExpiresAt', 'deadlineAt'].map((name): Check => [name, isInstant]),
  ['comparisons', Array.isArray],
  ['source.topic', isText],
  ...['maxCalls', 'maxRefusals'].map((name): Check => [`policy.${name}`, Number.isInteger]),
  ...DURATIONS.map((name): Check => [`policy.${name}`, isNumber]),
  ['policy.countRefused', isFlag],
  ['policy.requiredFar', isText],
  ['policy.plan', (plan) => Array.isArray(plan) && plan.length > 0 && plan.every(isPlannedRead)],
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
