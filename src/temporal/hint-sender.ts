import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { HINT_SIGNAL } from '../contracts/workflow.ts';
import type { HintSender } from '../ingress/ports.ts';
import { describeGrpcError, GRPC_CODES, grpcCode, unavailable, within } from './errors.ts';

/**
 * Signals the running verification. A repeated send is harmless: there, an open hint coalesces with it, and one that was
 * answered by a read is known again by its `recordedAt`. `NOT_FOUND` also stands for a verification that has ended, `REFUSED`
 * for what no repetition mends, e.g. that the run has had as many signals as the server allows.
 * @throws DependencyUnavailableError when the server did not acknowledge the signal.
 */
export function createHintSender(options: { client: Client; deadlineMs?: number }): HintSender {
  return {
    async send(workflowId, hint) {
      try {
        await within(options, () => options.client.workflow.getHandle(workflowId).signal(HINT_SIGNAL, hint));
        return 'DELIVERED';
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) {
          return 'NOT_FOUND';
        }
        if (grpcCode(error) === GRPC_CODES.INVALID_ARGUMENT) {
          return 'REFUSED';
        }
        throw unavailable(`the hint was not acknowledged (${describeGrpcError(error)})`, error);
      }
    },
  };
}
