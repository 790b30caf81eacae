import { isAnswered, type ReadReport } from '../reading/report.ts';
import { isCredible } from '../reading/slots.ts';
import type { CanaryResult } from './gate.ts';

/** What the vendor says to stop for (docs/vendor.md, "Error playbook"), and refusals that every further read would meet too. */
export type StopSign = 'DATA_SOURCE_ERROR' | 'AUTHENTICATION_ERROR' | 'AUTHORIZATION_ERROR';

export type StopSettings = {
  /** So many data-source errors within the window hold the gate; 0: never. */
  readonly dataSourceErrors: number;
  readonly windowMs: number;
  /** So many refusals of the account in a row do; 0: never. */
  readonly refusals: number;
};

/** What one worker has met lately. */
export type Tally = { readonly errorsAtMs: readonly number[]; readonly refusals: number };

export const NOTHING_MET = { errorsAtMs: [], refusals: 0 } as const satisfies Tally;

/** The sign in a report, wherever in the answer it stands; undefined: there is none. */
export function stopSignOf(report: ReadReport): StopSign | undefined {
  if (report.kind === 'ANSWER') return report.answer.verifyError === 'DATA_SOURCE_ERROR' ? 'DATA_SOURCE_ERROR' : undefined;
  if (report.kind !== 'VENDOR_ERROR') return undefined;
  if (report.error === 'DATA_SOURCE_ERROR') return report.error;
  const isRefusal = report.error === 'AUTHENTICATION_ERROR' || report.error === 'AUTHORIZATION_ERROR';
  return isRefusal && isCredible(report) ? report.error : undefined;
}

type Met = { readonly report: ReadReport; readonly atMs: number; readonly settings: StopSettings };

/** Counts a report. `reason`: it is one too many, and says why in words. What says nothing of the vendor ends no row. */
export function tallied(tally: Tally, { report, atMs, settings }: Met): { readonly tally: Tally; readonly reason?: string } {
  const sign = stopSignOf(report);
  const { dataSourceErrors, refusals, windowMs } = settings;
  if (sign === undefined) return { tally: isAnswered(report) ? { ...tally, refusals: 0 } : tally };
  if (sign === 'DATA_SOURCE_ERROR') {
    const errorsAtMs = [...tally.errorsAtMs.filter((one) => one > atMs - windowMs), atMs].slice(-Math.max(1, dataSourceErrors));
    const next: Tally = { errorsAtMs, refusals: 0 };
    if (dataSourceErrors === 0 || errorsAtMs.length < dataSourceErrors) return { tally: next };
    return { tally: NOTHING_MET, reason: `the vendor answered DATA_SOURCE_ERROR${times(dataSourceErrors)}` };
  }
  const next: Tally = { ...tally, refusals: tally.refusals + 1 };
  if (refusals === 0 || next.refusals < refusals) return { tally: next };
  return { tally: NOTHING_MET, reason: `the vendor answered ${sign}${times(refusals)}` };
}

function times(count: number): string {
  return count === 1 ? '' : ` ${count} times`;
}

/** What a canary found. Whatever is no answer says nothing of the vendor's state; any but a stop sign says that it works. */
export function canaryResult(report: ReadReport): CanaryResult {
  if (stopSignOf(report) !== undefined) return 'STOP';
  return isAnswered(report) ? 'WELL' : 'NO_ANSWER';
}
