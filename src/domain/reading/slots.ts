import { exhausted } from '../exhaustive.ts';
import type { Policy } from '../policy.ts';
import type { ReadRecord, State } from '../state.ts';
import type { ReadReport, VendorError } from './report.ts';

/**
 * What became of a read. ANSWERED: the vendor looked. UNCERTAIN: it may have, so the read counts like an answered one.
 * REFUSED: it answered without looking. UNSENT: no byte left. WITHHELD: the quota guard forbade it before any byte. Only
 * the last three give their slot back.
 */
export type Fate = 'ANSWERED' | 'UNCERTAIN' | 'REFUSED' | 'UNSENT' | 'WITHHELD';

/** docs/vendor.md, error playbook, column "slot": our assumption, because the vendor states nothing. */
const VENDOR_ERROR_FATE: Readonly<Record<VendorError, Fate>> = {
  RESULT_NOT_FOUND: 'UNCERTAIN',
  DATA_DESTROYED: 'ANSWERED',
  INTERNAL_ERROR: 'UNCERTAIN',
  AUTHENTICATION_ERROR: 'REFUSED',
  AUTHORIZATION_ERROR: 'REFUSED',
  CONCURRENCY_LIMIT_EXCEEDED: 'REFUSED',
  MISSING_ARGUMENTS: 'REFUSED',
  BAD_ARGUMENTS: 'REFUSED',
  API_NOT_FOUND: 'REFUSED',
  INVALID_TOKEN: 'UNCERTAIN',
  DATA_SOURCE_ERROR: 'ANSWERED',
  NO_FACE_FOUND: 'ANSWERED',
  MULTIPLE_FACES: 'ANSWERED',
  IMAGE_ERROR_UNSUPPORTED_FORMAT: 'ANSWERED',
  NO_SUCH_ID_NUMBER: 'ANSWERED',
  ID_NUMBER_NAME_NOT_MATCH: 'ANSWERED',
};

/**
 * True if a refusal is believed, so that its slot comes back: the vendor refused by HTTP 4xx, and nothing beside the
 * refusal says that it looked. Whatever else is said by a 200, or beside a status or a result, the read counts.
 */
export function isCredible({ httpStatus, credible }: Extract<ReadReport, { kind: 'VENDOR_ERROR' }>): boolean {
  return httpStatus >= 400 && httpStatus < 500 && credible !== false;
}

/** The fate that one report proves. The limit of refusals is not applied here: see {@link readFates}. */
export function fateOf(report: ReadReport, policy: Pick<Policy, 'countRefused'>): Fate {
  switch (report.kind) {
    case 'ANSWER':
    case 'MALFORMED':
      return 'ANSWERED';
    case 'VENDOR_ERROR': {
      // From a history of another release: an error that nobody here knows proves nothing.
      if (!Object.hasOwn(VENDOR_ERROR_FATE, report.error)) return 'UNCERTAIN';
      const fate = VENDOR_ERROR_FATE[report.error];
      if (fate !== 'REFUSED') return fate;
      if (policy.countRefused) return 'ANSWERED';
      return isCredible(report) ? 'REFUSED' : 'UNCERTAIN';
    }
    case 'UNCERTAIN':
    case 'UNSENT':
      return report.kind;
    case 'WITHHELD':
      // A re-dispatch follows an attempt of which nothing is known; every other refusal precedes any request.
      return report.why === 'REDISPATCHED' ? 'UNCERTAIN' : 'WITHHELD';
    default:
      // Nobody knows whether it was sent.
      return exhausted(report, 'UNCERTAIN');
  }
}

export type FatedRead<R = ReadRecord> = { readonly record: R; readonly fate: Fate };

/** What of a policy bounds the reads of one token: equal in every run of a verification. */
export type QuotaRule = Pick<Policy, 'maxReads' | 'maxRefusals' | 'countRefused'>;

/** Every read of the state with its fate. */
export function readFates(state: State): readonly FatedRead[] {
  return fatesOf(state.reads, state.assignment.policy);
}

/**
 * Every read with its fate: one in flight is UNCERTAIN, a refusal beyond `maxRefusals` counts as ANSWERED. A granted read
 * is never given back, because its grant cannot be taken back either.
 */
export function fatesOf<R extends Pick<ReadRecord, 'report' | 'granted'>>(
  reads: readonly R[],
  rule: Omit<QuotaRule, 'maxReads'>,
): readonly FatedRead<R>[] {
  let refusals = 0;
  return reads.map((record) => {
    if (record.report === undefined) return { record, fate: 'UNCERTAIN' };
    const fate = fateOf(record.report, rule);
    if (record.granted !== undefined) return { record, fate: fate === 'ANSWERED' ? fate : 'UNCERTAIN' };
    if (fate !== 'REFUSED') return { record, fate };
    refusals += 1;
    return { record, fate: refusals > rule.maxRefusals ? 'ANSWERED' : 'REFUSED' };
  });
}

/** True if a read of this fate counts against the vendor's quota. */
export function isCounted(fate: Fate): boolean {
  return fate === 'ANSWERED' || fate === 'UNCERTAIN';
}

/** The reads that count against the vendor's quota, oldest first. */
export function countedReads(state: State): readonly FatedRead[] {
  return readFates(state).filter(({ fate }) => isCounted(fate));
}

/** How many reads had which fate, and the slots that are left (never negative). */
export type ReadAccount = {
  readonly answered: number;
  readonly uncertain: number;
  /** Answered and uncertain together: what the quota has lost. */
  readonly counted: number;
  /** Refused and given back. */
  readonly refused: number;
  readonly left: number;
};

export function accountOf(state: State): ReadAccount {
  const fates = readFates(state).map(({ fate }) => fate);
  const numberOf = (wanted: Fate): number => fates.filter((fate) => fate === wanted).length;
  const answered = numberOf('ANSWERED');
  const uncertain = numberOf('UNCERTAIN');
  const counted = answered + uncertain;
  const left = Math.max(0, state.assignment.policy.maxReads - counted);
  return { answered, uncertain, counted, refused: numberOf('REFUSED'), left };
}
