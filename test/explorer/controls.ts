import type { AwayPermission } from '../../activities/grant-read.ts';
import type { Dispatch } from '../../activities/quota-guard.ts';
import { workflowIdOf } from '../../src/domain/ids.ts';
import type { ActName } from './operators.ts';
import type { PropertyName } from './properties.ts';
import { REAL_RULES, type Rules, saysRefused } from './rules.ts';
import { type Size, VERIFICATION_ID } from './size.ts';
import type { AnswerName } from './vendor.ts';

/** A part of the protocol that is taken out, where that shows, and what then has to be found. */
export type Control = {
  readonly part: string;
  readonly without: Partial<Rules>;
  readonly in: Pick<Size, 'maxReads' | 'maxRefusals' | 'answers' | 'acts' | 'atMost'>;
  readonly finds: PropertyName;
};

const MAIN = workflowIdOf(VERIFICATION_ID);

function small(
  acts: readonly ActName[],
  {
    answers = ['PROCESSING', 'NO_ANSWER'],
    losses = 0,
    times = 1,
    maxReads = 2,
  }: { answers?: readonly AnswerName[]; losses?: number; times?: number; maxReads?: number } = {},
): Control['in'] {
  return { maxReads, maxRefusals: 1, answers, acts, atMost: { acts: acts.length === 0 ? 0 : times, losses } };
}

export const CONTROLS: readonly Control[] = [
  {
    part: 'the guard looks at the attempt',
    without: { guard: (dispatch, permission) => REAL_RULES.guard({ ...dispatch, attempt: 1 }, permission) },
    in: small(['REDISPATCH']),
    finds: 'QUOTA',
  },
  {
    part: 'the guard compares the two timestamps',
    without: {
      guard: (dispatch, permission) =>
        REAL_RULES.guard({ ...dispatch, currentAttemptScheduledTimestampMs: dispatch.scheduledTimestampMs }, permission),
    },
    in: small(['REDISPATCH']),
    finds: 'QUOTA',
  },
  {
    part: 'the guard compares the run with the original one',
    without: { guard: (dispatch, permission) => REAL_RULES.guard(dispatch, { ...permission, originalRunId: runIdOf(dispatch) }) },
    in: small(['RESET']),
    finds: 'QUOTA',
  },
  {
    part: 'the guard asks for the stamp of ingress',
    without: { guard: (dispatch, permission) => REAL_RULES.guard(dispatch, { ...permission, stamped: true }) },
    in: small(['START_AGAIN']),
    finds: 'QUOTA',
  },
  {
    part: 'the guard refuses what is in no workflow',
    without: { guard: (dispatch, permission) => REAL_RULES.guard(inWorkflow(dispatch, permission.originalRunId), permission) },
    in: small(['ACTIVITY_START']),
    finds: 'QUOTA',
  },
  {
    part: 'grants of reads are kept',
    without: { keeps: { reads: false, revisions: true } },
    in: small(['RESET'], { times: 2 }),
    finds: 'QUOTA',
  },
  {
    part: 'a grant that was not confirmed is not used',
    without: {
      grantRead: async (ports, asked) => {
        const permission: AwayPermission = await REAL_RULES.grantRead(ports, asked);
        return permission.kind === 'REFUSE' && permission.doubt === 'GRANT_UNCONFIRMED' ? { kind: 'GRANTED', read: 1 } : permission;
      },
    },
    in: small(['RESET'], { losses: 1 }),
    finds: 'QUOTA',
  },
  {
    part: 'a read of which nothing is known counts',
    without: {
      learns: (report) => (report.kind === 'UNCERTAIN' ? { kind: 'UNSENT', cause: 'CONNECT_FAILED', endedAt: report.endedAt } : report),
    },
    in: small([]),
    finds: 'QUOTA',
  },
  {
    part: 'only a few refusals are forgiven',
    without: { maxRefusals: () => 1_000 },
    in: small([], { answers: ['PROCESSING', 'REFUSED'] }),
    finds: 'REFUSALS',
  },
  {
    part: 'only a credible refusal gives its slot back',
    without: { classify: (answer) => REAL_RULES.classify({ ...answer, httpStatus: saysRefused(answer.body) ? 403 : answer.httpStatus }) },
    in: small([], { answers: ['PROCESSING', 'REFUSED_IN_200'] }),
    finds: 'QUOTA',
  },
  {
    part: 'a schedule-to-start time-out before the deadline proves nothing',
    without: { wasNeverTaken: () => true },
    in: small(['SHORTEN']),
    finds: 'QUOTA',
  },
  {
    part: 'nobody reads beside a home run that is open',
    without: { seesHome: (facts) => ({ ...facts, closed: true }) },
    in: small(['START_COPY']),
    finds: 'QUOTA',
  },
  {
    part: 'the terms of the home run hold for every run',
    without: {
      hears: (answer, asking) => (answer.kind === 'KNOWN' ? { ...answer, ledger: { ...answer.ledger, terms: asking } } : answer),
    },
    in: small(['START_EDITED']),
    finds: 'WINDOW',
  },
  {
    part: 'the client looks at the deadline',
    without: { sends: () => true },
    in: small([]),
    finds: 'WINDOW',
  },
  {
    part: 'a run that knows less than the ledger learns it',
    without: {
      hears: (answer) => (answer.kind === 'KNOWN' ? { ...answer, ledger: { ...answer.ledger, counted: 0, answered: 0 } } : answer),
    },
    in: small(['RESET'], { answers: ['PASSED'] }),
    finds: 'LOST',
  },
  {
    part: 'only the home run emits without asking',
    without: { isHome: () => true },
    in: small(['RESET'], { answers: ['PASSED'] }),
    finds: 'ONE_BODY',
  },
  {
    part: 'grants of revisions are kept',
    without: { keeps: { reads: true, revisions: false } },
    in: small(['RESET'], { answers: ['PASSED'], losses: 1, times: 2 }),
    finds: 'ONE_BODY',
  },
];

function runIdOf({ workflowExecution }: Dispatch): string {
  return workflowExecution?.runId ?? '';
}

function inWorkflow(dispatch: Dispatch, runId: string): Dispatch {
  return { ...dispatch, inWorkflow: true, workflowExecution: dispatch.workflowExecution ?? { workflowId: MAIN, runId } };
}
