import { ApplicationFailure } from '@temporalio/workflow';
import { isInstant, part } from '../src/contracts/untyped.ts';
import type { VerificationInput } from '../src/contracts/workflow.ts';

type Check = readonly [path: string, holds: (value: unknown) => boolean];

const isText = (value: unknown): boolean => typeof value === 'string';
const isNumber = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value);
const isFlag = (value: unknown): boolean => typeof value === 'boolean';
const POLICY_NUMBERS = ['maxCalls', 'windowMs', 'minGapMs', 'errorBackoffMs', 'sessionAllowanceMs', 'hintDelayMs', 'maxRefusals'] as const;

/** What the rules and the outcome are made of. */
const CHECKS: readonly Check[] = [
  ['v', (value) => value === 1],
  ...['verificationId', 'sealedToken'].map((name): Check => [name, isText]),
  ...['issuedAt', 'admittedAt', 'tokenExpiresAt', 'deadlineAt'].map((name): Check => [name, isInstant]),
  ['comparisons', Array.isArray],
  ['source.topic', isText],
  ...POLICY_NUMBERS.map((name): Check => [`policy.${name}`, isNumber]),
  ['policy.countRefused', isFlag],
  ['policy.requiredFar', isText],
  ['policy.plan', (plan) => Array.isArray(plan) && plan.length > 0 && plan.every(isPlannedRead)],
];

/**
 * Refuses what only a start by hand can contain; ingress has validated everything. Without this, a missing field would
 * become an endlessly repeated workflow task instead of a readable failure.
 * @throws ApplicationFailure (not retryable) `UnsupportedInput`, which names the fields.
 */
export function assertInput(input: VerificationInput | undefined): asserts input is VerificationInput {
  const wrong = CHECKS.filter(([path, holds]) => !holds(path.split('.').reduce(part, input))).map(([path]) => path);
  if (wrong.length === 0) return;
  throw ApplicationFailure.nonRetryable(`the input is not a verification of version 1: see ${wrong.join(', ')}`, 'UnsupportedInput');
}

function isPlannedRead(entry: unknown): boolean {
  return (
    isText(part(entry, 'anchor')) &&
    isNumber(part(entry, 'offsetMs')) &&
    isNumber(part(entry, 'notBeforeMs')) &&
    isFlag(part(entry, 'reserve'))
  );
}
