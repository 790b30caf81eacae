import { exhausted } from '../src/domain/exhaustive.ts';
import { waitText } from '../src/contracts/text/labels.ts';
import type { Stage, VerificationInput, VerificationView } from '../src/contracts/workflow.ts';
import { accountOf } from '../src/domain/reading/slots.ts';
import type { Decision, State } from '../src/domain/state.ts';
import type { Moment } from './moment.ts';

/** The answer of the `state` query. `readsCounted` includes the uncertain ones, as in the outcome. */
export function viewOf(input: VerificationInput, { state, decision }: Moment): VerificationView {
  const { counted, uncertain } = accountOf(state);
  return {
    verificationId: input.verificationId,
    stage: isReading(state) ? 'READING' : stageOf(decision),
    readsCounted: counted,
    readsUncertain: uncertain,
    maxReads: input.policy.maxReads,
    deadlineAt: input.deadlineAt,
    ...(isReading(state) ? {} : progress(decision)),
  };
}

function isReading(state: State): boolean {
  return state.reads.some((record) => record.report === undefined);
}

function stageOf(decision: Decision): Stage {
  const stages = { READ: 'READING', WAIT: 'WAITING', FINISH: 'DECIDED' } as const;
  return stages[decision.kind];
}

function progress(decision: Decision): Partial<VerificationView> {
  switch (decision.kind) {
    case 'READ':
      return {};
    case 'WAIT':
      return {
        waitingFor: waitText(decision.why),
        ...(decision.nextReadAtMs === undefined ? {} : { nextReadAt: new Date(decision.nextReadAtMs).toISOString() }),
      };
    case 'FINISH': {
      const [primary] = decision.verdict.reasons;
      return { outcome: decision.verdict.outcome, ...(primary === undefined ? {} : { reason: primary.code }) };
    }
    default:
      return exhausted(decision);
  }
}
