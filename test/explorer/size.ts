import type { VerificationInput } from '../../src/contracts/workflow.ts';
import type { Policy } from '../../src/domain/policy.ts';
import type { ActName } from './operators.ts';
import type { Rules } from './rules.ts';
import { ANSWER_NAMES, type AnswerName } from './vendor.ts';
import { iso } from './world.ts';

/** How big a small world is: what can happen in it, and how often. */
export type Size = {
  readonly name: string;
  /** What it is for, in words. */
  readonly what: string;
  readonly maxReads: number;
  readonly maxRefusals: number;
  readonly answers: readonly AnswerName[];
  readonly acts: readonly ActName[];
  /** How many acts of operators, and how many losses (of workers, of answers by Temporal and Kafka). */
  readonly atMost: { readonly acts: number; readonly losses: number };
  /** Operators and losses come at every moment, also where another moment would do. */
  readonly everywhere?: boolean;
};

const UNIT_MS = 1_000;
const BEGIN_MS = Date.parse('2026-03-01T12:00:00Z');
export const VERIFICATION_ID = 'abcdefghijklmnopqrstuvwxyz';

/**
 * A day of eight seconds: up to ten the domain waits without jitter, and few instants matter. A read at once, one a second
 * later if three are allowed, and the reserve, which comes early once no session can be running any more.
 */
function policyOf({ maxReads, maxRefusals }: Size): Policy {
  const early = [0, 1].slice(0, Math.max(1, maxReads - 1));
  const planned = early.map((units) => ({ anchor: 'ADMITTED', offsetMs: units * UNIT_MS, notBeforeMs: 0, reserve: false }) as const);
  const reserve = { anchor: 'ISSUED', offsetMs: 6 * UNIT_MS, notBeforeMs: 0, reserve: true } as const;
  return {
    id: 'custom',
    version: 1,
    maxReads,
    windowMs: 8 * UNIT_MS,
    minGapMs: 0,
    errorBackoffMs: UNIT_MS,
    countRefused: false,
    requiredFar: '1e-4',
    sessionAllowanceMs: 0,
    hintDelayMs: 0,
    maxRefusals,
    plan: maxReads === 1 ? planned : [...planned, reserve],
  };
}

/** What ingress admits. */
export function inputOf(size: Size, rules: Pick<Rules, 'maxRefusals'>): VerificationInput {
  const policy = policyOf({ ...size, maxRefusals: rules.maxRefusals(size.maxRefusals) });
  return {
    v: 1,
    verificationId: VERIFICATION_ID,
    sealedToken: 'sealed',
    issuedAt: iso(BEGIN_MS),
    admittedAt: iso(BEGIN_MS),
    tokenExpiresAt: iso(BEGIN_MS + 3 * UNIT_MS),
    deadlineAt: iso(BEGIN_MS + policy.windowMs),
    comparisons: [],
    returnImage: 0,
    attributes: {},
    policy,
    vendorRegion: 'sgp',
    source: { topic: 'requests', partition: 0, offset: '0' },
  };
}

const FEW: readonly AnswerName[] = ['PROCESSING', 'PASSED', 'NO_ANSWER'];
const RUNS: readonly ActName[] = ['RESET', 'TERMINATE', 'START_AGAIN', 'REPLAY', 'CANCEL', 'HINT'];

/** For what comes after a read. */
export const ONE_READ = { maxReads: 1, maxRefusals: 1, answers: ['PASSED', 'MALFORMED'] } as const;

/** Those that `npm test` walks through to the end. */
export const SIZES: readonly Size[] = [
  {
    name: 'answers',
    what: 'three reads, every answer of the vendor, nobody interferes',
    maxReads: 3,
    maxRefusals: 1,
    answers: ANSWER_NAMES,
    acts: [],
    atMost: { acts: 0, losses: 0 },
  },
  {
    name: 'losses',
    what: 'three reads, workers and answers are lost twice',
    maxReads: 3,
    maxRefusals: 1,
    answers: [...FEW, 'NOT_CONNECTED'],
    acts: [],
    atMost: { acts: 0, losses: 2 },
  },
  {
    name: 'operators',
    what: 'three reads, an operator does something to a run',
    maxReads: 3,
    maxRefusals: 1,
    answers: FEW,
    acts: RUNS,
    atMost: { acts: 1, losses: 0 },
  },
  {
    name: 'operators and losses',
    what: 'two reads, a run is reset, started again or replayed, and something is lost',
    maxReads: 2,
    maxRefusals: 1,
    answers: ['PASSED'],
    acts: ['RESET', 'START_AGAIN', 'REPLAY'],
    atMost: { acts: 1, losses: 1 },
  },
  {
    name: 'operators twice',
    what: 'one read, runs are reset and replayed, twice',
    maxReads: 1,
    maxRefusals: 1,
    answers: ['PASSED', 'NO_ANSWER'],
    acts: ['RESET', 'REPLAY'],
    atMost: { acts: 2, losses: 0 },
  },
  {
    name: 'refusals',
    what: 'two reads, credible and other refusals, a run is reset or replayed',
    maxReads: 2,
    maxRefusals: 1,
    answers: ['PROCESSING', 'REFUSED', 'REFUSED_IN_200', 'REFUSED_BESIDE_STATUS'],
    acts: ['RESET', 'REPLAY'],
    atMost: { acts: 1, losses: 0 },
  },
  {
    name: 'dispatches',
    what: 'two reads that are dispatched again, made to look unsent, or started as activities of their own, twice',
    maxReads: 2,
    maxRefusals: 1,
    answers: ['PROCESSING', 'NO_ANSWER'],
    acts: ['REDISPATCH', 'SHORTEN', 'ACTIVITY_START'],
    atMost: { acts: 2, losses: 0 },
  },
  {
    name: 'dispatches and losses',
    what: 'the same once, or a reset, and something is lost',
    maxReads: 2,
    maxRefusals: 1,
    answers: ['PROCESSING'],
    acts: ['REDISPATCH', 'SHORTEN', 'ACTIVITY_START', 'RESET'],
    atMost: { acts: 1, losses: 1 },
  },
  {
    name: 'outcomes',
    what: 'one read, outcomes that are stopped, told again after a reset, and decided anew by a stricter replay, twice',
    ...ONE_READ,
    acts: ['RESET', 'REPLAY_STRICTER', 'STOP_EMISSION'],
    atMost: { acts: 2, losses: 0 },
  },
  {
    name: 'decisions',
    what: 'one read, a person decides, and two people, runs are reset and replayed, twice',
    ...ONE_READ,
    acts: ['APPROVE', 'REJECT', 'REJECT_LATE', 'RESET', 'REPLAY_STRICTER'],
    atMost: { acts: 2, losses: 0 },
  },
  {
    name: 'copies',
    what: 'two reads, the input started under another workflow id, or with edited terms',
    maxReads: 2,
    maxRefusals: 1,
    answers: ['PROCESSING', 'PASSED'],
    acts: ['START_COPY', 'START_EDITED'],
    atMost: { acts: 1, losses: 0 },
  },
];
