import type { ChooseRevisionPorts } from '../../activities/choose-revision.ts';
import type { Grants, LedgerQuestion, VerificationLedger } from '../../activities/ports.ts';
import type { Dispatch } from '../../activities/quota-guard.ts';
import type { EmitOutcomeOrder, GetResultOrder, GrantedReadInput, GrantedRevisionInput } from '../../src/contracts/workflow.ts';
import { defined } from '../../src/domain/defined.ts';
import { exhausted } from '../../src/domain/exhaustive.ts';
import type { RecoveredReads } from '../../src/domain/ledger/asking-run.ts';
import type { LedgerAnswer } from '../../src/domain/ledger/ledger.ts';
import type { Revision } from '../../src/domain/ledger/revisions.ts';
import type { OutcomeEvent } from '../../src/domain/outcome.ts';
import { isAnswered, type LedgerDoubt, type ReadReport, type UnsentCause, type WithheldWhy } from '../../src/domain/reading/report.ts';
import { idOf } from './interned.ts';
import type { Rules } from './rules.ts';
import type { Work } from './world.ts';

// Activities one port answer at a time. The real functions are asynchronous and keep their place on a stack, which a state
// that is to be walked on from twice cannot hold. So each is repeated from its beginning with what its ports have answered so
// far, until it asks for something that has no answer yet: as Temporal re-executes a workflow.

/** What a port has answered, or that it failed. */
export type PortAnswer =
  | { readonly kind: 'LEDGER'; readonly answer: LedgerAnswer }
  | { readonly kind: 'GRANT'; readonly answer: 'GRANTED' | 'TAKEN' }
  | { readonly kind: 'REVISIONS'; readonly answer: readonly Revision[] }
  | { readonly kind: 'REPORT'; readonly answer: ReadReport }
  | { readonly kind: 'RECEIPT' }
  | { readonly kind: 'FAILED' };

/** What an activity wants next, or how it ends. */
export type Next =
  | { readonly wants: 'LEDGER'; readonly question: LedgerQuestion }
  | { readonly wants: 'READ_GRANT'; readonly input: GrantedReadInput }
  | { readonly wants: 'REVISIONS'; readonly first: number }
  | { readonly wants: 'REVISION_GRANT'; readonly input: GrantedRevisionInput }
  | { readonly wants: 'REQUEST' }
  | { readonly wants: 'PUBLISH'; readonly event: OutcomeEvent }
  | { readonly wants: 'REPORT'; readonly answer: ReadReport | RecoveredReads }
  | { readonly wants: 'WITHHOLD'; readonly why: WithheldWhy; readonly doubt?: LedgerDoubt }
  | { readonly wants: 'KEEP'; readonly cause: UnsentCause }
  | { readonly wants: 'CONFIRM'; readonly event?: OutcomeEvent }
  | { readonly wants: 'RECOVER'; readonly answer: RecoveredReads }
  /** The emission failed; Temporal repeats it, unless the home run is `gone`. */
  | { readonly wants: 'FAIL'; readonly gone: boolean };

export type Started = Pick<Work, 'ordered' | 'dispatch' | 'keyless' | 'heard'>;

/** How far an activity comes with the answers it has. */
export async function nextOf(work: Started, rules: Rules): Promise<Next> {
  const key = `${Number(work.keyless)} ${idOf(work.ordered)} ${idOf(work.dispatch)} ${work.heard.map((answer) => idOf(answer)).join()}`;
  const memo = memoOf(rules);
  const known = memo.get(key);
  if (known !== undefined) return known;
  const next = await repeated(work, rules);
  memo.set(key, next);
  return next;
}

const memos = new WeakMap<Rules, Map<string, Next>>();
function memoOf(rules: Rules): Map<string, Next> {
  const memo = memos.get(rules) ?? new Map<string, Next>();
  memos.set(rules, memo);
  return memo;
}

/** Answers from what was heard, and else never: then it is known what is wanted. */
type Ask = <K extends PortAnswer['kind']>(kind: K, next: Next) => Promise<Extract<PortAnswer, { kind: K }>>;

async function repeated({ ordered, dispatch, keyless, heard }: Started, rules: Rules): Promise<Next> {
  let asked = 0;
  return await new Promise<Next>((resolve, reject) => {
    const ask: Ask = async (kind, next) => {
      const answer = heard[asked];
      asked += 1;
      if (answer === undefined) {
        resolve(next);
        return await new Promise(() => undefined);
      }
      if (answer.kind === 'FAILED') throw new Error('no answer');
      if (!isOf(answer, kind)) throw new Error(`an activity asked for ${kind} and heard ${answer.kind}`);
      return answer;
    };
    const about = { rules, dispatch, hasToken: !keyless, ask };
    const done = ordered.kind === 'READ' ? getResult(ordered.order, about) : emitOutcome(ordered.order, about).catch(failureOf);
    done.then(resolve, reject);
  });
}

function isOf<K extends PortAnswer['kind']>(answer: PortAnswer, kind: K): answer is Extract<PortAnswer, { kind: K }> {
  return answer.kind === kind;
}

type About = { readonly rules: Rules; readonly dispatch: Dispatch; readonly hasToken: boolean; readonly ask: Ask };

/** The order of things in `activities/get-result.ts`. */
async function getResult(order: GetResultOrder, about: About): Promise<Next> {
  const { rules, dispatch, hasToken } = about;
  const allowed = rules.guard(dispatch, order);
  if (allowed === 'HOME') return await readOnce(about);
  if (allowed !== 'AWAY') return { wants: 'WITHHOLD', why: allowed };
  const permission = await rules.grantRead(portsOf(about, order), {
    order,
    dispatch,
    hindrance: () => (hasToken ? undefined : 'TOKEN_KEY_UNKNOWN'),
  });
  switch (permission.kind) {
    case 'GRANTED': {
      const next = await readOnce(about);
      if (next.wants !== 'REPORT' || next.answer.kind === 'RECOVERED' || !isAnswered(next.answer)) return next;
      return { wants: 'REPORT', answer: { ...next.answer, granted: permission.read } };
    }
    case 'RECOVERED':
      return { wants: 'REPORT', answer: permission };
    case 'REFUSE':
      return { wants: 'WITHHOLD', why: permission.why, ...defined({ doubt: permission.doubt }) };
    case 'UNSENT':
      return { wants: 'KEEP', cause: permission.cause };
    default:
      return exhausted(permission);
  }
}

async function readOnce({ ask, hasToken }: About): Promise<Next> {
  if (!hasToken) return { wants: 'KEEP', cause: 'TOKEN_KEY_UNKNOWN' };
  const { answer } = await ask('REPORT', { wants: 'REQUEST' });
  return { wants: 'REPORT', answer };
}

/** The order of things in `activities/emit-outcome.ts`. */
async function emitOutcome(order: EmitOutcomeOrder, about: About): Promise<Next> {
  const { rules, dispatch, ask } = about;
  const run = dispatch.workflowExecution;
  if (run !== undefined && rules.isHome(run, { ...order, verificationId: order.event.verificationId })) {
    await ask('RECEIPT', { wants: 'PUBLISH', event: order.event });
    return { wants: 'CONFIRM' };
  }
  const chosen = await rules.chooseRevision(portsOf(about, order), { order, dispatch });
  if (chosen.kind === 'RECOVERED') return { wants: 'RECOVER', answer: chosen };
  const { event } = chosen;
  await ask('RECEIPT', { wants: 'PUBLISH', event });
  return { wants: 'CONFIRM', event };
}

function failureOf(error: unknown): Extract<Next, { wants: 'FAIL' }> {
  if (!(error instanceof Error)) throw new Error('what was thrown is no error', { cause: error });
  return { wants: 'FAIL', gone: 'type' in error && error.type === 'HomeGone' };
}

function portsOf({ ask, rules }: About, order: GetResultOrder | EmitOutcomeOrder): ChooseRevisionPorts {
  const ledger: VerificationLedger = {
    async consult(question) {
      const { answer } = await ask('LEDGER', { wants: 'LEDGER', question });
      return rules.hears(answer, order);
    },
    revisions: async (_id, first) => (await ask('REVISIONS', { wants: 'REVISIONS', first })).answer,
  };
  const grants: Grants = {
    grantRead: async (input) => (await ask('GRANT', { wants: 'READ_GRANT', input })).answer,
    grantRevision: async (input) => (await ask('GRANT', { wants: 'REVISION_GRANT', input })).answer,
  };
  return { ledger, grants, seekHomeForMs: SEEK_HOME_FOR_MS };
}

/** Longer than any world lasts: a home run that is gone for good is not in the model. */
const SEEK_HOME_FOR_MS = 15 * 60_000;
