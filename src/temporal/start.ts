import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { SearchAttributePair } from '@temporalio/common';
import { firstDecision } from '../contracts/assignment.ts';
import { StartRefusedError } from '../contracts/errors.ts';
import { staticDetails, staticSummary } from '../contracts/text/summary.ts';
import { ORIGIN_MEMO_KEY, SEARCH_ATTRIBUTES, type Stage, type VerificationInput, WORKFLOW_TYPE } from '../contracts/workflow.ts';
import type { StartOrder, VerificationStarter } from '../ingress/ports.ts';
import { describeGrpcError, GRPC_CODES, grpcCode, unavailable, within } from './errors.ts';

type StarterOptions = {
  readonly client: Client;
  readonly taskQueue: string;
  /** Needs a client over a worker's `NativeConnection`; the first workflow task then rides in the start's answer. */
  readonly requestEagerStart?: boolean;
  /** A start that is not acknowledged within this many ms counts as unavailable. Default 10 s. */
  readonly deadlineMs?: number;
  /** Absent: business numbers are not searchable (`VF_BIZNO_SEARCHABLE`). Undefined: there is no key to make one with. */
  readonly bizKeyOf?: (bizNo: string) => string | undefined;
  readonly now?: () => number;
};

/**
 * Starts verifications durably: at most one home run per workflow id within the namespace's retention (docs/adr/0003).
 * An answer that did not come is never taken for a start: the caller repeats, and the id makes that harmless.
 * @throws DependencyUnavailableError when nobody can say whether it was started, or `setup` was not run.
 * @throws StartRefusedError when the server refuses this input, or all.
 */
export function createStarter(options: StarterOptions): VerificationStarter {
  const { client, now = Date.now } = options;
  return {
    async start(order) {
      const stage = firstStage(order.input, now());
      try {
        await within(options, () => client.workflow.start(WORKFLOW_TYPE, startOptions(order, { ...options, stage })));
      } catch (error) {
        if (error instanceof WorkflowExecutionAlreadyStartedError) {
          return 'ALREADY_STARTED';
        }
        throw startFailure(error);
      }
      return 'STARTED';
    },
  };
}

function startOptions(order: StartOrder, options: StarterOptions & { stage: Stage }) {
  const { input, origin } = order;
  return {
    taskQueue: options.taskQueue,
    workflowId: order.workflowId,
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    workflowIdConflictPolicy: 'FAIL',
    args: [input],
    memo: { [ORIGIN_MEMO_KEY]: origin },
    staticSummary: staticSummary(input),
    staticDetails: staticDetails(input),
    typedSearchAttributes: startAttributes(input, options),
    ...(options.requestEagerStart === true ? { requestEagerStart: true } : {}),
  } as const;
}

/** Search attributes of a run at its start; the workflow keeps them up to date. */
export function startAttributes(
  input: VerificationInput,
  options: Pick<StarterOptions, 'bizKeyOf'> & { readonly stage: Stage; readonly readsCounted?: number },
): SearchAttributePair[] {
  const keys = SEARCH_ATTRIBUTES;
  const pairs: SearchAttributePair[] = [
    { key: keys.stage, value: options.stage },
    { key: keys.deadline, value: new Date(input.deadlineAt) },
    { key: keys.policy, value: input.policy.id },
    { key: keys.readsCounted, value: options.readsCounted ?? 0 },
  ];
  const bizKey = input.bizNo === undefined ? undefined : options.bizKeyOf?.(input.bizNo);
  if (bizKey !== undefined) pairs.push({ key: keys.bizKey, value: bizKey });
  return pairs;
}

function firstStage(input: VerificationInput, nowMs: number): Stage {
  return firstDecision(input, nowMs).kind === 'WAIT' ? 'WAITING' : 'READING';
}

/** What a rejected start means to the caller. */
export function startFailure(error: unknown): Error {
  const details = describeGrpcError(error);
  if (grpcCode(error) !== GRPC_CODES.INVALID_ARGUMENT) {
    return unavailable(`the workflow start was not acknowledged (${details})`, error);
  }
  if (/search attribute/i.test(details)) {
    return unavailable(`${details}: run \`verdictflow setup\``, error);
  }
  return new StartRefusedError(`Temporal refuses the start: ${details}`, { cause: error });
}
