import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { Reservations } from '../../activities/ports.ts';
import { reservationText } from '../contracts/text/labels.ts';
import { RESERVED_READ_TYPE, RESERVED_REVISION_TYPE, type ReservedReadInput, type ReservedRevisionInput } from '../contracts/workflow.ts';
import { reservedReadWorkflowId, reservedRevisionWorkflowId } from '../domain/ids.ts';
import { describeGrpcError, unavailable } from './errors.ts';

const DEFAULT_DEADLINE_MS = 5_000;

export type ReservationsOptions = { readonly client: Client; readonly taskQueue: string; readonly deadlineMs?: number };

/**
 * Reservations are starts of tiny workflows: REJECT_DUPLICATE grants each id once within the namespace's retention,
 * also against a closed, terminated or reset one. They carry no search attributes, so lists of verifications stay clean.
 * @throws DependencyUnavailableError when nobody can say whether it was granted.
 */
export function createReservations({ client, taskQueue, deadlineMs = DEFAULT_DEADLINE_MS }: ReservationsOptions): Reservations {
  async function reserve(
    type: string,
    entry: { id: string; input: ReservedReadInput | ReservedRevisionInput },
  ): Promise<'GRANTED' | 'TAKEN'> {
    const { id, input } = entry;
    try {
      await client.withDeadline(Date.now() + deadlineMs, () =>
        client.workflow.start(type, {
          taskQueue,
          workflowId: id,
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
          workflowIdConflictPolicy: 'FAIL',
          args: [input],
          staticSummary: reservationText(input),
        }),
      );
      return 'GRANTED';
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return 'TAKEN';
      throw unavailable(`the reservation ${id} was not acknowledged (${describeGrpcError(error)})`, error);
    }
  }

  return {
    reserveRead: (input) => reserve(RESERVED_READ_TYPE, { id: reservedReadWorkflowId(input.verificationId, input.read), input }),
    reserveRevision: (input) =>
      reserve(RESERVED_REVISION_TYPE, { id: reservedRevisionWorkflowId(input.verificationId, input.revision), input }),
  };
}
