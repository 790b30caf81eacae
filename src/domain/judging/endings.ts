import { deniesToken } from '../reading/backoff.ts';
import type { ReadReport, UnsentCause } from '../reading/report.ts';
import type { State } from '../state.ts';
import type { Verdict } from '../verdict.ts';
import { criteriaOf, readvised } from './conclude.ts';
import { blockerOfError, definiteEnding, deniedEnding } from './error-endings.ts';
import { judge, verdictOf } from './judge.ts';
import { type EndingCode, unjudged } from './unjudged.ts';

/** Undefined: the cause is on our side, and that the window has passed explains enough. */
const UNSENT_BLOCKER: Readonly<Record<UnsentCause, EndingCode | undefined>> = {
  CONNECT_FAILED: 'VENDOR_UNAVAILABLE',
  OWN_RATE_LIMIT: 'CONCURRENCY_SATURATED',
  OUT_OF_TIME: undefined,
  NO_WORKER: undefined,
  WINDOW_PASSED: undefined,
  TOKEN_KEY_UNKNOWN: 'TOKEN_KEY_UNKNOWN',
  GATE_CLOSED: 'GATE_CLOSED',
};

type Limit = { readonly limit: 'QUOTA_EXHAUSTED' | 'WINDOW_PASSED'; readonly atMs: number };

/**
 * The verdict when nothing is settled and no read may follow. What the last understandable answer said comes first
 * (but a pending one explains less than the limit does), then the limit, then what stood in the way since.
 */
export function endingVerdict(state: State, { limit, atMs }: Limit): Verdict {
  const at = { state, atMs };
  const reports = state.reads.map(({ report }) => report);
  const lastKnown = reports.findLastIndex((report) => report !== undefined && isKnown(report));
  const report = reports[lastKnown];
  const blocker = blockerOf(reports.slice(lastKnown + 1));
  const trailing = blocker === undefined ? [] : [blocker];
  switch (report?.kind) {
    case 'ANSWER': {
      const verdict = verdictOf(judge(report.answer, criteriaOf(state)));
      if (verdict !== undefined) return readvised(verdict, at);
      if (report.answer.status === 'UNKNOWN') return unjudged(['UNKNOWN_STATUS', limit, ...trailing], at);
      return unjudged([limit, 'STILL_PROCESSING', ...trailing], at);
    }
    case 'MALFORMED':
      return unjudged(['MALFORMED_RESPONSE', limit, ...trailing], at);
    case 'VENDOR_ERROR':
      return unjudged([definiteEnding(report) ?? deniedEnding(report), limit, ...trailing], at);
    default:
      return unjudged(blocker === undefined ? [limit] : [blocker, limit], at);
  }
}

/** The vendor said something about this session or token. */
function isKnown(report: ReadReport): boolean {
  if (report.kind === 'VENDOR_ERROR') return deniesToken(report) || definiteEnding(report) !== undefined;
  return report.kind === 'ANSWER' || report.kind === 'MALFORMED';
}

/** The last thing that stood in the way. The vendor's silence or refusals are named before anything on our side. */
function blockerOf(reports: readonly (ReadReport | undefined)[]): EndingCode | undefined {
  return (
    reports.map(vendorBlocker).findLast((code) => code !== undefined) ?? reports.map(ownBlocker).findLast((code) => code !== undefined)
  );
}

function vendorBlocker(report: ReadReport | undefined): EndingCode | undefined {
  if (report?.kind === 'UNCERTAIN') return 'VENDOR_UNAVAILABLE';
  return report?.kind === 'VENDOR_ERROR' ? blockerOfError(report.error) : undefined;
}

function ownBlocker(report: ReadReport | undefined): EndingCode | undefined {
  if (report?.kind === 'WITHHELD') return 'READ_WITHHELD';
  return report?.kind === 'UNSENT' ? UNSENT_BLOCKER[report.cause] : undefined;
}
