import { assignmentOf } from '../../src/contracts/assignment.ts';
import type { EmitOutcomeOrder, GetResultOrder } from '../../src/contracts/workflow.ts';
import { defined } from '../../src/domain/defined.ts';
import { readScheduled } from '../../src/domain/evolve.ts';
import { exhausted } from '../../src/domain/exhaustive.ts';
import { type AskingRun, unconfirmedReads } from '../../src/domain/ledger/asking-run.ts';
import { ledgerRecords } from '../../src/domain/ledger/ledger.ts';
import { buildOutcomeEvent } from '../../src/domain/outcome.ts';
import type { ReadReport } from '../../src/domain/reading/report.ts';
import { accountOf } from '../../src/domain/reading/slots.ts';
import { type Decision, initialState, type State, type VerificationEvent } from '../../src/domain/state.ts';
import type { Rules } from './rules.ts';
import { iso, type Ordered, type Pending, type Run, type Standing, type Told } from './world.ts';

// The loop of `workflows/resolve-verification.ts`, `read.ts` and `emit.ts` without Temporal around it: one workflow task takes
// what the history tells and orders the next thing. Every rule in it is the domain's.

export function firstStanding(run: Pick<Run, 'input'>): Standing {
  return { state: initialState(assignmentOf(run.input)), activities: 0 };
}

type Moment = { readonly run: Run; readonly rules: Rules; readonly nowMs: number };

/** The run after a workflow task that deals with its inbox at `nowMs`. */
export function afterTask({ run, rules, nowMs }: Moment): Run {
  const { inbox: told, standing: before } = run;
  const moment = { run, rules, nowMs };
  let { state } = before;
  let goesOn = false;
  for (const one of told) {
    const next = eventOf(one, moment);
    const changed = next === undefined ? state : rules.evolve(state, next);
    goesOn ||= wakes(one, { before: state, after: changed, awaits: before.awaits });
    state = changed;
  }
  const { pending: _over, ...rest } = run;
  const ended = endOf(told);
  if (ended !== undefined) return { ...rest, status: ended, inbox: [], tasks: [...run.tasks, { told, atMs: nowMs, before }] };
  if (!goesOn) {
    const standing = { ...before, state };
    return { ...run, inbox: [], standing, tasks: [...run.tasks, { told, atMs: nowMs, before }] };
  }
  const standing = afterDecision({ state, activities: before.activities }, moment);
  const { awaits: ordered } = standing;
  const tasks = [...run.tasks, { told, atMs: nowMs, before, ...defined({ ordered }) }];
  return { ...rest, inbox: [], standing, tasks, ...defined({ pending: pendingOf(ordered, nowMs) }) };
}

/** The same task if it has published its outcome itself, and so ended the run. */
export function publishedAtOnce(run: Run): Run {
  const { pending: _none, ...rest } = run;
  const tasks = run.tasks.map((task, index): typeof task => {
    if (index < run.tasks.length - 1 || task.ordered?.kind !== 'EMIT') return task;
    return { ...task, ordered: { ...task.ordered, atOnce: 'PUBLISHED' } };
  });
  return { ...rest, tasks, status: 'COMPLETED' };
}

function endOf(told: readonly Told[]): Run['status'] | undefined {
  if (told.some(({ kind }) => kind === 'EMITTED')) return 'COMPLETED';
  return told.some(({ kind }) => kind === 'HOME_GONE') ? 'FAILED' : undefined;
}

/** An activity that was just scheduled. */
function pendingOf(ordered: Ordered | undefined, atMs: number): Pending | undefined {
  if (ordered === undefined || ordered.kind === 'TIMER') return undefined;
  return { ordered, scheduledAtMs: atMs, dispatchedAtMs: atMs, attempt: 1, taken: false, failedBefore: false };
}

/** Whether the workflow stops waiting: for what it awaits, or because a wait was cut short. */
function wakes(told: Told, about: { readonly before: State; readonly after: State; readonly awaits: Ordered | undefined }): boolean {
  switch (told.kind) {
    case 'HINTED':
    case 'CANCEL_REQUESTED': {
      const { before, after, awaits } = about;
      return awaits?.kind === 'TIMER' && (before.hint !== after.hint || before.cancelled !== after.cancelled);
    }
    default:
      return true;
  }
}

function eventOf(told: Told, { rules, nowMs }: Moment): VerificationEvent | undefined {
  const atMs = nowMs;
  switch (told.kind) {
    case 'HINTED':
      return { kind: 'HINT_RECEIVED', atMs, hint: told.hint };
    case 'CANCEL_REQUESTED':
      return { kind: 'CANCEL_REQUESTED', atMs };
    case 'READ_COMPLETED': {
      const { answer } = told;
      if (answer.kind === 'RECOVERED') return { kind: 'LEDGER_RECOVERED', atMs, reads: ledgerRecords(answer.reads) };
      return { kind: 'READ_ENDED', atMs, report: rules.learns(answer) };
    }
    case 'READ_TIMED_OUT':
      return { kind: 'READ_ENDED', atMs, report: rules.learns(reportOfTimeout(told, nowMs)) };
    case 'EMISSION_RECOVERED':
      return { kind: 'LEDGER_RECOVERED', atMs, reads: ledgerRecords(told.answer.reads) };
    case 'EMISSION_STOPPED':
      return { kind: 'EMISSION_STOPPED', atMs };
    case 'STARTED':
    case 'TIMER_FIRED':
    case 'EMITTED':
    case 'HOME_GONE':
      return undefined;
    default:
      return exhausted(told);
  }
}

function reportOfTimeout({ neverTaken }: Extract<Told, { kind: 'READ_TIMED_OUT' }>, atMs: number): ReadReport {
  const endedAt = iso(atMs);
  return neverTaken ? { kind: 'UNSENT', cause: 'NO_WORKER', endedAt } : { kind: 'UNCERTAIN', cause: 'WORKER_LOST', endedAt };
}

type Deciding = Pick<Standing, 'state' | 'activities'>;

function afterDecision({ state, activities }: Deciding, { run, rules, nowMs }: Moment): Standing {
  const decision = rules.decide(state, nowMs);
  const activityId = String(activities + 1);
  switch (decision.kind) {
    case 'WAIT':
      return { state, activities, awaits: { kind: 'TIMER', untilMs: Math.max(nowMs + 1, decision.untilMs) } };
    case 'READ': {
      const scheduled = rules.evolve(state, readScheduled(decision, nowMs));
      const order = readOrder(run, { state: scheduled, decision });
      return { state: scheduled, activities: activities + 1, awaits: { kind: 'READ', activityId, order } };
    }
    case 'FINISH': {
      const { verdict, decidedAtMs } = decision;
      const emitting = rules.evolve(state, { kind: 'EMISSION_SCHEDULED', atMs: decidedAtMs, verdict });
      const order = emitOrder(run, { state: emitting, decision });
      const atOnce = decision.atOnce === true ? ({ atOnce: 'POSTPONED' } as const) : {};
      return { state: emitting, activities: activities + 1, awaits: { kind: 'EMIT', activityId, order, ...atOnce } };
    }
    default:
      return exhausted(decision);
  }
}

type Reading = { readonly state: State; readonly decision: Extract<Decision, { kind: 'READ' }> };

function readOrder(run: Run, { state, decision: { slot, trigger } }: Reading): GetResultOrder {
  const { verificationId, sealedToken, returnImage } = run.input;
  const unconfirmed = unconfirmedReads(state);
  const known = {
    countedReads: slot - 1,
    answeredReads: accountOf(state).answered,
    ...(unconfirmed === 0 ? {} : { unconfirmedReads: unconfirmed }),
  };
  return { v: 1, verificationId, sealedToken, slot, trigger, returnImage, ...askingRun(run, known) };
}

type Finishing = { readonly state: State; readonly decision: Extract<Decision, { kind: 'FINISH' }> };

function emitOrder(run: Run, { state, decision }: Finishing): EmitOutcomeOrder {
  const { id: runId, workflowId, input } = run;
  const { verdict, decidedAtMs } = decision;
  const { counted, answered } = accountOf(state);
  const event = buildOutcomeEvent({ input, state, verdict, workflowId, runId, nowMs: decidedAtMs });
  return { v: 1, event, ...askingRun(run, { countedReads: counted, answeredReads: answered }) };
}

function askingRun(run: Run, known: Pick<AskingRun, 'countedReads' | 'answeredReads' | 'unconfirmedReads'>): AskingRun {
  const { input, originalRunId, stamped } = run;
  const { maxReads, maxRefusals, countRefused } = input.policy;
  const { deadlineAt, replay } = input;
  return { maxReads, maxRefusals, countRefused, ...known, deadlineAt, originalRunId, stamped, ...defined({ replay }) };
}
