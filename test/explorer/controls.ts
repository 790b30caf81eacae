import type { Dispatch } from '../../activities/quota-guard.ts';
import type { GrantedReadInput } from '../../src/contracts/workflow.ts';
import { defined } from '../../src/domain/defined.ts';
import { workflowIdOf } from '../../src/domain/ids.ts';
import type { ReplayOrder } from '../../src/domain/ledger/asking-run.ts';
import type { ReadReport } from '../../src/domain/reading/report.ts';
import type { ActName } from './operators.ts';
import type { PropertyName } from './properties.ts';
import { REAL_RULES, type Rules } from './rules.ts';
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
    maxReads = 3,
  }: { answers?: readonly AnswerName[]; losses?: number; times?: number; maxReads?: number } = {},
): Control['in'] {
  return { maxReads, maxRefusals: 1, answers, acts, atMost: { acts: acts.length === 0 ? 0 : times, losses } };
}

const NEWEST: ReplayOrder = { homeRunId: 'r0', operator: 'nobody', reason: 'forged', requestedAt: '2099-01-01T00:00:00.000Z' };

/** The run's own outcome as the next revision, whatever is known. */
const alwaysNews: Rules['chooseRevision'] = async ({ ledger, grants }, { order, dispatch }) => {
  const { verificationId } = order.event;
  const revision = (await ledger.revisions(verificationId, 1)).reduce((latest, { event }) => Math.max(latest, event.revision), 1) + 1;
  const event = { ...order.event, revision };
  const grantedTo = { workflowId: MAIN, runId: runIdOf(dispatch), activityId: dispatch.activityId };
  await grants.grantRevision({ v: 1, verificationId, revision, grantedTo, event });
  return { kind: 'EMIT', event };
};

/** Takes what a person decided for any other order, and its repetition for a replay. */
const forgetsRulings: Rules['chooseRevision'] = ({ ledger, grants, seekHomeForMs }, { order, dispatch }) => {
  const forgotten = ({ ruling: _ruling, repeats: _repeats, ...replay }: ReplayOrder): ReplayOrder => replay;
  const revisions: typeof ledger.revisions = async (id, first) =>
    (await ledger.revisions(id, first)).map(({ event, replay }) => ({ event, ...defined({ replay: replay && forgotten(replay) }) }));
  const asked = order.replay?.repeats === undefined ? order : { ...order, replay: forgotten(order.replay) };
  const ports = { ledger: { consult: ledger.consult, revisions }, grants, seekHomeForMs };
  return REAL_RULES.chooseRevision(ports, { order: asked, dispatch });
};

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
    in: small(['RESET'], { answers: ['PROCESSING'], times: 2, maxReads: 2 }),
    finds: 'QUOTA',
  },
  {
    part: 'a grant that somebody else has is not used',
    without: {
      grantRead: async ({ ledger, grants }, asked) => {
        const takenOrNot = async (input: GrantedReadInput): Promise<'GRANTED'> => {
          await grants.grantRead(input);
          return 'GRANTED';
        };
        return await REAL_RULES.grantRead({ ledger, grants: { ...grants, grantRead: takenOrNot } }, asked);
      },
    },
    in: small(['RESET'], { answers: ['PROCESSING'], times: 2, maxReads: 2 }),
    finds: 'QUOTA',
  },
  {
    part: 'a read of which nothing is known counts',
    without: { learns: (report) => (report.kind === 'UNCERTAIN' ? unsent(report) : report) },
    in: small([]),
    finds: 'QUOTA',
  },
  {
    part: 'a read that was dispatched again counts',
    without: { learns: (report) => (report.kind === 'WITHHELD' && report.why === 'REDISPATCHED' ? unsent(report) : report) },
    in: small(['REDISPATCH']),
    finds: 'QUOTA',
  },
  {
    part: 'only a few refusals are forgiven',
    without: { maxRefusals: () => 1_000 },
    in: small([], { answers: ['PROCESSING', 'REFUSED'] }),
    finds: 'REFUSALS',
  },
  {
    part: 'a refusal inside a 200 gives no slot back',
    without: { classify: (answer) => believed(REAL_RULES.classify(answer)) },
    in: small([], { answers: ['PROCESSING', 'REFUSED_IN_200'] }),
    finds: 'QUOTA',
  },
  {
    part: 'a refusal beside a status gives no slot back',
    without: { classify: (answer) => believed(REAL_RULES.classify(answer)) },
    in: small([], { answers: ['PROCESSING', 'REFUSED_BESIDE_STATUS'] }),
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
    in: small(['START_COPY'], { answers: ['PROCESSING'], maxReads: 2 }),
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
  {
    part: '"we do not know" never supersedes a verdict',
    without: { chooseRevision: alwaysNews },
    in: small(['RESET'], { answers: ['PASSED', 'NO_ANSWER'], maxReads: 1 }),
    finds: 'TAKEN_BACK',
  },
  {
    part: 'only an order that is newer than all others takes back what one has decided',
    without: {
      chooseRevision: (ports, { order, dispatch }) =>
        REAL_RULES.chooseRevision(ports, { order: { ...order, replay: order.replay ?? NEWEST }, dispatch }),
    },
    in: small(['REPLAY_STRICTER', 'RESET'], { answers: ['PASSED'], maxReads: 1, times: 2 }),
    finds: 'UNORDERED',
  },
  {
    part: 'what a person decided gives way to no replay',
    without: { chooseRevision: forgetsRulings },
    in: small(['APPROVE', 'REPLAY_STRICTER'], { answers: ['PASSED'], maxReads: 1, times: 2 }),
    finds: 'RULED',
  },
  {
    part: 'a person decides upon the revision that was looked at, and upon no other',
    without: {
      chooseRevision: (ports, asked) => {
        const { order, dispatch } = asked;
        const { ruling, ...replay } = order.replay ?? NEWEST;
        if (ruling === undefined) return REAL_RULES.chooseRevision(ports, asked);
        const seen = { ...ruling, upon: ruling.upon + 1 };
        return REAL_RULES.chooseRevision(ports, { order: { ...order, replay: { ...replay, ruling: seen } }, dispatch });
      },
    },
    in: small(['APPROVE', 'REJECT_LATE'], { answers: ['PASSED'], maxReads: 1, times: 2 }),
    finds: 'RULED',
  },
  {
    part: 'number 1 is left to a home run that ended in the midst of its last task',
    without: { seesHome: ({ lastTaskLost: _told, ...facts }) => facts },
    in: small(['TERMINATE', 'REPLAY'], { answers: ['PASSED'], maxReads: 1, losses: 1, times: 2 }),
    finds: 'ONE_BODY',
  },
  {
    part: 'an outcome at once takes its time from the read',
    without: {
      decide: (state, nowMs) => {
        const decision = REAL_RULES.decide(state, nowMs);
        return decision.kind === 'FINISH' && decision.atOnce === true ? { ...decision, decidedAtMs: nowMs } : decision;
      },
    },
    in: small([], { answers: ['PASSED'], maxReads: 1, losses: 1 }),
    finds: 'ONE_BODY',
  },
  {
    part: 'the ledger answers at last',
    without: { hears: () => ({ kind: 'UNKNOWN', doubt: 'SERVER_UNAVAILABLE' }) },
    in: small(['RESET'], { answers: ['PASSED'], maxReads: 1 }),
    finds: 'NO_END',
  },
];

function runIdOf({ workflowExecution }: Dispatch): string {
  return workflowExecution?.runId ?? '';
}

function inWorkflow(dispatch: Dispatch, runId: string): Dispatch {
  return { ...dispatch, inWorkflow: true, workflowExecution: dispatch.workflowExecution ?? { workflowId: MAIN, runId } };
}

/** A refusal, whatever was around it. */
function believed(report: ReadReport): ReadReport {
  if (report.kind !== 'VENDOR_ERROR') return report;
  const { credible: _told, ...refusal } = report;
  return { ...refusal, httpStatus: 403 };
}

function unsent({ endedAt }: { readonly endedAt: string }): ReadReport {
  return { kind: 'UNSENT', cause: 'CONNECT_FAILED', endedAt };
}
