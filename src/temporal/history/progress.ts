import type { Client } from '@temporalio/client';
import { defined } from '../../domain/defined.ts';
import type { Counter, Progress, ProgressReader } from '../../operator/ports.ts';
import { describeGrpcError, foundOrUndefined, GRPC_CODES, grpcCode, knownAs, unavailable, within } from '../errors.ts';
import { QueryRefusedError } from '../../contracts/errors.ts';
import { isParked, pendingOf } from './timeline/read-timeline.ts';
import { runStoryOf } from './timeline/run-story.ts';

/** What histories tell of verifications in a list. Asks no worker, so it answers where none runs. */
export function createProgressReader({ client }: { readonly client: Client }): ProgressReader {
  return {
    progress: async (workflowId) =>
      await knownAs(`where ${workflowId} stands cannot be told`, async () => await progressOf(client, workflowId)),
  };
}

async function progressOf(client: Client, workflowId: string): Promise<Progress | undefined> {
  const handle = client.workflow.getHandle(workflowId);
  const description = await foundOrUndefined(within({ client }, () => handle.describe()));
  if (description === undefined) return undefined;
  const { runId } = description;
  const history = await foundOrUndefined(within({ client }, () => client.workflow.getHandle(workflowId, runId).fetchHistory()));
  const story = history && (await runStoryOf(history, { runId, converter: client.options.loadedDataConverter }));
  if (story === undefined) return undefined;
  const { read } = pendingOf(description);
  const open = story.events.findLast((event) => event.kind === 'WAITED' && event.endedAt === undefined);
  const wait = open?.kind === 'WAITED' ? open : undefined;
  const parked = read !== undefined && isParked(read) ? story.events.findLast(({ kind }) => kind === 'READ')?.at : undefined;
  return {
    uncertainReads: story.events.filter((event) => event.kind === 'READ' && event.fate === 'UNCERTAIN').length,
    ...defined({ waitingFor: wait?.why, nextReadAt: wait?.follows === 'next read' ? wait.untilAt : undefined, parkedSince: parked }),
  };
}

/** Counts by visibility. Rejects as {@link Counter} says. */
export function createCounter({ client }: { readonly client: Client }): Counter {
  return {
    async count(query) {
      try {
        const { count } = await within({ client }, () => client.workflow.count(query));
        return count;
      } catch (error) {
        const details = describeGrpcError(error);
        if (grpcCode(error) === GRPC_CODES.INVALID_ARGUMENT) throw new QueryRefusedError(`--query: ${details}`, { cause: error });
        throw unavailable(`verifications cannot be counted (${details})`, error);
      }
    },
  };
}
