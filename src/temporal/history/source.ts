import type { Client } from '@temporalio/client';
import type { RunFacts } from '../../domain/ledger/ledger.ts';
import { describeGrpcError, GRPC_CODES, grpcCode, unavailable, within } from '../errors.ts';
import { digestGrant, digestRun, type Grant } from './digest.ts';

const DEFAULT_DEADLINE_MS = 5_000;
const RUNS_PER_PAGE = 100;

/** Histories, digested. Undefined stands for NOT_FOUND; everything else that is no history rejects. */
export type HistorySource = {
  run(workflowId: string, runId: string): Promise<RunFacts | undefined>;
  grant(workflowId: string): Promise<Grant | undefined>;
  /** All of them, newest first, by visibility, hence eventually consistent: good for finding a run, never for counting. */
  runIds(workflowId: string): Promise<readonly string[]>;
};

/**
 * Reads whole histories by run id, which is strongly consistent, and decodes them as the client would.
 * @throws DependencyUnavailableError when the server did not answer within `deadlineMs`.
 */
export function createHistorySource(options: {
  readonly client: Client;
  readonly deadlineMs?: number;
  readonly runsPerPage?: number;
}): HistorySource {
  const { client, deadlineMs = DEFAULT_DEADLINE_MS, runsPerPage = RUNS_PER_PAGE } = options;
  const converter = client.options.loadedDataConverter;

  async function historyOf(workflowId: string, runId?: string) {
    try {
      return await within({ client, deadlineMs }, () => client.workflow.getHandle(workflowId, runId).fetchHistory());
    } catch (error) {
      const code = grpcCode(error);
      // A run id that is none at all is refused as an invalid argument.
      if (code === GRPC_CODES.NOT_FOUND || (runId !== undefined && code === GRPC_CODES.INVALID_ARGUMENT)) return undefined;
      throw unavailable(`the history of ${workflowId} cannot be read (${describeGrpcError(error)})`, error);
    }
  }

  return {
    async run(workflowId, runId) {
      const history = await historyOf(workflowId, runId);
      return history && digestRun(history, { runId, converter });
    },
    async grant(workflowId) {
      const history = await historyOf(workflowId);
      return history && digestGrant(history, converter);
    },
    async runIds(workflowId) {
      const ids: string[] = [];
      let nextPageToken: Uint8Array = new Uint8Array();
      do {
        const page = await within({ client, deadlineMs }, () =>
          client.workflowService.listWorkflowExecutions({
            namespace: client.options.namespace,
            query: `WorkflowId = '${workflowId}'`,
            pageSize: runsPerPage,
            nextPageToken,
          }),
        );
        ids.push(...(page.executions ?? []).flatMap(({ execution }) => execution?.runId ?? []));
        ({ nextPageToken } = page);
      } while (nextPageToken.length > 0);
      return ids;
    },
  };
}
