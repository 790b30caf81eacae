import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { Grants } from '../../activities/ports.ts';
import { grantText } from '../contracts/text/labels.ts';
import { GRANTED_READ_TYPE, GRANTED_REVISION_TYPE, type GrantedReadInput, type GrantedRevisionInput } from '../contracts/workflow.ts';
import { grantedReadWorkflowId, grantedRevisionWorkflowId } from '../domain/ids.ts';
import { describeGrpcError, unavailable, within } from './errors.ts';

const DEFAULT_DEADLINE_MS = 5_000;

type GrantsOptions = { readonly client: Client; readonly taskQueue: string; readonly deadlineMs?: number };

/**
 * Grants are starts of tiny workflows: REJECT_DUPLICATE grants each id once within the namespace's retention,
 * also against a closed, terminated or reset one. They carry no search attributes, so lists of verifications stay clean.
 * @throws DependencyUnavailableError when nobody can say whether it was granted.
 */
export function createGrants({ client, taskQueue, deadlineMs = DEFAULT_DEADLINE_MS }: GrantsOptions): Grants {
  async function grant(type: string, entry: { id: string; input: GrantedReadInput | GrantedRevisionInput }): Promise<'GRANTED' | 'TAKEN'> {
    const { id, input } = entry;
    try {
      await within({ client, deadlineMs }, () =>
        client.workflow.start(type, {
          taskQueue,
          workflowId: id,
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
          workflowIdConflictPolicy: 'FAIL',
          args: [input],
          staticSummary: grantText(input),
        }),
      );
      return 'GRANTED';
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return 'TAKEN';
      throw unavailable(`the grant ${id} was not acknowledged (${describeGrpcError(error)})`, error);
    }
  }

  return {
    grantRead: (input) => grant(GRANTED_READ_TYPE, { id: grantedReadWorkflowId(input.verificationId, input.read), input }),
    grantRevision: (input) => grant(GRANTED_REVISION_TYPE, { id: grantedRevisionWorkflowId(input.verificationId, input.revision), input }),
  };
}
