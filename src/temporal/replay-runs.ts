import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { clockText } from '../contracts/clock-text.ts';
import { type VerificationInput, type VerificationResult, WORKFLOW_TYPE } from '../contracts/workflow.ts';
import { workflowIdOf } from '../domain/ids.ts';
import type { ReplayRuns } from '../operator/replay/ports.ts';
import { describeGrpcError, GRPC_CODES, grpcCode, isNotFound, unavailable } from './errors.ts';
import { findReplay } from './replay-search.ts';
import { startAttributes, startFailure } from './starter.ts';
import { staticDetails } from './static-text.ts';

const DEADLINE_MS = 10_000;
/** One long poll for a result; in between the caller may have given up. */
const POLL_MS = 20_000;

export type ReplayRunsOptions = {
  readonly client: Client;
  readonly taskQueue: string;
  /** `VF_BIZNO_SEARCHABLE`. */
  readonly bizNoSearchable: boolean;
};

/**
 * Starts a new run of the same workflow id, without the stamp of ingress: it is an away run, so every read of it has to
 * be reserved (design §6).
 * @throws DependencyUnavailableError when nobody can say whether it was started: look with `find`.
 */
export function createReplayRuns(options: ReplayRunsOptions): ReplayRuns {
  const { client } = options;
  return {
    async start(input, { callsSpent }) {
      try {
        const handle = await client.withDeadline(Date.now() + DEADLINE_MS, () =>
          client.workflow.start(WORKFLOW_TYPE, startOptions(input, { ...options, callsSpent })),
        );
        return { runId: handle.firstExecutionRunId, startedAt: new Date().toISOString() };
      } catch (error) {
        if (error instanceof WorkflowExecutionAlreadyStartedError) return 'RUNNING';
        throw startFailure(error);
      }
    },
    find: async (verificationId, requestedAt) => await findReplay(client, { verificationId, requestedAt }),
    result: async (verificationId, { runId, signal }) =>
      await resultOf(client, { workflowId: workflowIdOf(verificationId), runId, signal }),
  };
}

function startOptions(input: VerificationInput, options: ReplayRunsOptions & { readonly callsSpent: number }) {
  const { taskQueue, bizNoSearchable, callsSpent } = options;
  return {
    taskQueue,
    workflowId: workflowIdOf(input.verificationId),
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    workflowIdConflictPolicy: 'FAIL',
    args: [input],
    staticSummary: replaySummary(input),
    staticDetails: `${staticDetails(input, input)}\n\n${replaySummary(input)}; the run of ingress is \`${input.replay?.homeRunId ?? ''}\`.`,
    typedSearchAttributes: startAttributes(input, { stage: 'READING', callsSpent, bizNoSearchable }),
  } as const;
}

function replaySummary(input: VerificationInput): string {
  const { operator = '', reason = '', ticket, requestedAt = input.admittedAt } = input.replay ?? {};
  const why = ticket === undefined ? reason : `${reason} (${ticket})`;
  return `replay by ${operator}: ${why}; outcome due by ${clockText(Date.parse(input.deadlineAt), Date.parse(requestedAt))}`;
}

type Awaited = { readonly workflowId: string; readonly runId: string; readonly signal: AbortSignal };

async function resultOf(client: Client, { workflowId, runId, signal }: Awaited): ReturnType<ReplayRuns['result']> {
  while (!signal.aborted) {
    try {
      return await client.withAbortSignal(signal, () =>
        client.withDeadline(Date.now() + POLL_MS, () =>
          client.workflow.result<(input: VerificationInput) => Promise<VerificationResult>>(workflowId, runId, { followRuns: false }),
        ),
      );
    } catch (error) {
      if (signal.aborted || (error instanceof Error && error.name === 'WorkflowFailedError')) return undefined;
      if (isNotFound(error)) return 'GONE';
      if (grpcCode(error) !== GRPC_CODES.DEADLINE_EXCEEDED) {
        throw unavailable(`the result of ${workflowId} cannot be waited for (${describeGrpcError(error)})`, error);
      }
    }
  }
  return undefined;
}
