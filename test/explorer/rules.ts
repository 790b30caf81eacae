import { chooseRevision } from '../../activities/choose-revision.ts';
import { grantRead } from '../../activities/grant-read.ts';
import { guard, isHome } from '../../activities/quota-guard.ts';
import { decide } from '../../src/domain/decide.ts';
import { evolve } from '../../src/domain/evolve.ts';
import type { AskingRun } from '../../src/domain/ledger/asking-run.ts';
import type { LedgerAnswer, RunFacts } from '../../src/domain/ledger/ledger.ts';
import { wasNeverTaken } from '../../src/domain/ledger/never-taken.ts';
import type { ReadReport } from '../../src/domain/reading/report.ts';
import { classifyAnswer, type HttpAnswer } from '../../src/faceid/classify-answer.ts';

/**
 * The code under test, and the seams at which a negative control takes a part of it out. What is no function of the
 * product is a place where nothing happens unless a control wants something to.
 */
export type Rules = {
  readonly guard: typeof guard;
  readonly isHome: typeof isHome;
  readonly grantRead: typeof grantRead;
  readonly chooseRevision: typeof chooseRevision;
  readonly wasNeverTaken: typeof wasNeverTaken;
  readonly decide: typeof decide;
  readonly evolve: typeof evolve;
  /** What the client makes of an answer. */
  readonly classify: (answer: HttpAnswer) => ReadReport;
  /** Whether the client still sends: the instant (epoch ms) and the deadline. */
  readonly sends: (nowMs: number, notAfterMs: number) => boolean;
  /** What workflow and ledger learn of a report. */
  readonly learns: (report: ReadReport) => ReadReport;
  /** Refusals that give their slot back. */
  readonly maxRefusals: (ofPolicy: number) => number;
  /** What the ledger's reader sees of the home run. */
  readonly seesHome: (facts: RunFacts) => RunFacts;
  /** What the run that asks hears of the ledger. */
  readonly hears: (answer: LedgerAnswer, asking: AskingRun) => LedgerAnswer;
  /** Whether a grant that was taken stays taken. */
  readonly keeps: { readonly reads: boolean; readonly revisions: boolean };
};

/** Everything as it is. */
export const REAL_RULES: Rules = {
  guard,
  isHome,
  grantRead,
  chooseRevision,
  wasNeverTaken,
  decide,
  evolve,
  classify: (answer) => classifyAnswer(answer, { expectedBizNo: undefined }),
  sends: (nowMs, notAfterMs) => nowMs <= notAfterMs,
  learns: (report) => report,
  maxRefusals: (ofPolicy) => ofPolicy,
  seesHome: (facts) => facts,
  hears: (answer) => answer,
  keeps: { reads: true, revisions: true },
};
