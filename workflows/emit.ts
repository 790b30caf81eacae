import {
  ActivityFailure,
  ApplicationFailure,
  proxyActivities,
  proxyLocalActivities,
  TemporalFailure,
  workflowInfo,
} from '@temporalio/workflow';
import { isEmitted, isOutcomeEvent, isRecovered } from '../src/contracts/recorded.ts';
import { emitLabel } from '../src/contracts/text/labels.ts';
import {
  type EmitOutcomeOrder,
  HOME_GONE,
  type VerificationActivities,
  type VerificationInput,
  type VerificationResult,
} from '../src/contracts/workflow.ts';
import { defined } from '../src/domain/defined.ts';
import { ledgerRecords } from '../src/domain/ledger/ledger.ts';
import { buildOutcomeEvent } from '../src/domain/outcome.ts';
import { accountOf } from '../src/domain/reading/slots.ts';
import type { Decision, State, VerificationEvent } from '../src/domain/state.ts';
import { actorOf, askingRun } from './input.ts';
import { showUndecided } from './view.ts';

// No schedule-to-close and no limit of attempts: an outage of Kafka of any length delays an outcome and loses none.
const OPTIONS = {
  startToCloseTimeout: 60_000,
  retry: { initialInterval: 1_000, backoffCoefficient: 2, maximumInterval: 60_000 },
} as const;

const { emitOutcome } = proxyActivities<Pick<VerificationActivities, 'emitOutcome'>>(OPTIONS);

// Once, and briefly: it holds up a workflow task. The activity itself gives up earlier; these limits are for a worker that hangs.
const AT_ONCE = { startToCloseTimeout: 2_000, scheduleToCloseTimeout: 3_000, retry: { maximumAttempts: 1 } } as const;

const { emitOutcome: emitLocally } = proxyLocalActivities<Pick<VerificationActivities, 'emitOutcome'>>(AT_ONCE);

type Finishing = { readonly state: State; readonly decision: Extract<Decision, { kind: 'FINISH' }> };

/** What came instead of a publication: the ledger knows reads that change the outcome, or somebody stopped the emission. */
type Unpublished = Extract<VerificationEvent, { kind: 'LEDGER_RECOVERED' | 'EMISSION_STOPPED' }>;

/**
 * Publishes the outcome; Temporal repeats that until the brokers have it. `completedAt` and `emittedAt` are the workflow
 * time of the decision, and the event is the activity's recorded input: every attempt and every re-execution sends the same bytes.
 * @throws ApplicationFailure {@link HOME_GONE} when publishing could take back an outcome that nobody remembers: the run fails.
 */
export async function emit(input: VerificationInput, finishing: Finishing): Promise<VerificationResult | Unpublished> {
  const order = orderOf(input, finishing);
  try {
    const answer: unknown = await emitOutcome.executeWithOptions({ ...OPTIONS, summary: emitLabel(order.event.outcome) }, [order]);
    if (isRecovered(answer)) return { kind: 'LEDGER_RECOVERED', atMs: Date.now(), reads: ledgerRecords(answer.reads) };
    if (isEmitted(answer)) {
      const { event, ...emission } = answer;
      return { outcome: isOutcomeEvent(event) ? event : order.event, emission };
    }
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    const { cause } = error;
    if (cause instanceof ApplicationFailure && cause.type === HOME_GONE) {
      showUndecided(cause.message);
      throw cause;
    }
  }
  // Temporal gives up, or knows no receipt, only if an operator limits the attempts or ends the activity by hand.
  return { kind: 'EMISSION_STOPPED', atMs: Date.now() };
}

/**
 * Publishes from the workflow task that decides, which saves three writes of Temporal's. Undefined: it did not, or nobody knows,
 * and the ordinary activity has to. Until this task is over nothing of it is in history, and Temporal repeats it after a crash
 * and whenever something else came meanwhile. So the outcome follows from recorded reads alone (`decide`, ADR 0018).
 */
export function emitAtOnce(input: VerificationInput, finishing: Finishing): Promise<VerificationResult | undefined> {
  const order = orderOf(input, finishing);
  const answer: Promise<unknown> = emitLocally.executeWithOptions({ ...AT_ONCE, summary: emitLabel(order.event.outcome) }, [order]);
  return answer.then(
    (receipt) => (isEmitted(receipt) ? { outcome: order.event, emission: receipt } : undefined),
    (error: unknown) => {
      // A local activity's own failure arrives without an ActivityFailure around it.
      if (error instanceof TemporalFailure) return undefined;
      throw error;
    },
  );
}

function orderOf(input: VerificationInput, { state, decision }: Finishing): EmitOutcomeOrder {
  const { workflowId, runId } = workflowInfo();
  const { verdict, decidedAtMs } = decision;
  const { counted, answered } = accountOf(state);
  return {
    v: 1,
    event: buildOutcomeEvent({ input, state, verdict, workflowId, runId, nowMs: decidedAtMs, ...actorOf(input) }),
    ...askingRun(input, { countedReads: counted, answeredReads: answered }),
    ...defined({ traceparent: input.traceparent, tracestate: input.tracestate }),
  };
}
