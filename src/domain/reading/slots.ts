import { exhausted } from '../exhaustive.ts';
import type { Policy } from '../policy.ts';
import type { ReadRecord, State } from '../state.ts';
import type { ReadReport, VendorError } from './report.ts';

/**
 * What became of a slot. SPENT: the vendor looked. UNCERTAIN: it may have, so it counts. REFUSED: it answered without
 * looking. FREE: no byte left. Only the last two give the slot back.
 */
export type SlotUse = 'SPENT' | 'UNCERTAIN' | 'REFUSED' | 'FREE';

/** Reference §5.3, column "slot": our assumption, the vendor states nothing. */
const VENDOR_ERROR_USE: Readonly<Record<VendorError, SlotUse>> = {
  RESULT_NOT_FOUND: 'UNCERTAIN',
  DATA_DESTROYED: 'SPENT',
  INTERNAL_ERROR: 'UNCERTAIN',
  AUTHENTICATION_ERROR: 'REFUSED',
  AUTHORIZATION_ERROR: 'REFUSED',
  CONCURRENCY_LIMIT_EXCEEDED: 'REFUSED',
  MISSING_ARGUMENTS: 'REFUSED',
  BAD_ARGUMENTS: 'REFUSED',
  API_NOT_FOUND: 'REFUSED',
};

/** How one report uses its slot (design §5). The cap on refusals is not applied here: see {@link readUses}. */
export function slotUse(report: ReadReport, policy: Pick<Policy, 'countRefused'>): SlotUse {
  switch (report.kind) {
    case 'EVIDENCE':
    case 'MALFORMED':
      return 'SPENT';
    case 'VENDOR_ERROR': {
      const use = VENDOR_ERROR_USE[report.error];
      return use === 'REFUSED' && policy.countRefused ? 'SPENT' : use;
    }
    case 'UNCERTAIN':
      return 'UNCERTAIN';
    case 'UNSENT':
      return 'FREE';
    case 'WITHHELD':
      // A re-dispatch follows an attempt of which nothing is known; every other refusal precedes any request.
      return report.why === 'REDISPATCHED' ? 'UNCERTAIN' : 'FREE';
    default:
      // Nobody knows whether it was sent.
      return exhausted(report, 'UNCERTAIN');
  }
}

export type UsedRead = { readonly record: ReadRecord; readonly use: SlotUse };

/** What of a policy bounds the reads of one token: equal in every run of a verification. */
export type QuotaRule = Pick<Policy, 'maxCalls' | 'maxRefusals' | 'countRefused'>;

/** Every read of the state with its effective use. */
export function readUses(state: State): readonly UsedRead[] {
  return usesOf(state.reads, state.assignment.policy);
}

/**
 * Every read with its effective use: in flight counts as UNCERTAIN, a refusal beyond `maxRefusals` as SPENT. A reserved
 * read is never given back, because its reservation cannot be taken back either.
 */
export function usesOf<R extends Pick<ReadRecord, 'report' | 'reserved'>>(
  reads: readonly R[],
  rule: Omit<QuotaRule, 'maxCalls'>,
): readonly { readonly record: R; readonly use: SlotUse }[] {
  let refusals = 0;
  return reads.map((record) => {
    if (record.report === undefined) return { record, use: 'UNCERTAIN' };
    const use = slotUse(record.report, rule);
    if (record.reserved !== undefined) return { record, use: use === 'SPENT' ? use : 'UNCERTAIN' };
    if (use !== 'REFUSED') return { record, use };
    refusals += 1;
    return { record, use: refusals > rule.maxRefusals ? 'SPENT' : 'REFUSED' };
  });
}

/** True if a read of this use counts against the vendor's quota. */
export function counts(use: SlotUse): boolean {
  return use === 'SPENT' || use === 'UNCERTAIN';
}

/** The reads that count against the vendor's quota, oldest first. */
export function countedReads(state: State): readonly UsedRead[] {
  return readUses(state).filter(({ use }) => counts(use));
}

/** Numbers of reads by use, and the slots that are left (never negative). */
export type Spending = {
  readonly spent: number;
  readonly uncertain: number;
  /** Refused and given back. */
  readonly refused: number;
  readonly left: number;
};

export function spending(state: State): Spending {
  const uses = readUses(state).map(({ use }) => use);
  const spent = uses.filter((use) => use === 'SPENT').length;
  const uncertain = uses.filter((use) => use === 'UNCERTAIN').length;
  const refused = uses.filter((use) => use === 'REFUSED').length;
  return { spent, uncertain, refused, left: Math.max(0, state.assignment.policy.maxCalls - spent - uncertain) };
}
