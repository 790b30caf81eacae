import type { ConnectionLike } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { sleep } from '../async/sleep.ts';
import { describeGrpcError, foundOrUndefined, GRPC_CODES, grpcCode, knownAs, unavailable, within } from './errors.ts';

const SETTLE_TIMEOUT_MS = 30_000;
const SETTLE_EVERY_MS = 250;

/**
 * Creates the namespace if it is absent and waits until the server's caches know it (some seconds on a real cluster).
 * The retention of an existing namespace is left alone.
 * @throws DependencyUnavailableError when the server forbids it or does not answer.
 */
export async function ensureNamespace(
  connection: ConnectionLike,
  { namespace, retentionMs }: { readonly namespace: string; readonly retentionMs: number },
): Promise<'CREATED' | 'EXISTS'> {
  if ((await namespaceRetentionMs(connection, namespace)) !== undefined) {
    return 'EXISTS';
  }
  try {
    await within({ client: connection }, () =>
      connection.workflowService.registerNamespace({
        namespace,
        description: 'verdictflow: face verifications',
        workflowExecutionRetentionPeriod: msToTs(retentionMs),
      }),
    );
  } catch (error) {
    if (grpcCode(error) !== GRPC_CODES.ALREADY_EXISTS) {
      throw unavailable(`namespace "${namespace}" cannot be created (${describeGrpcError(error)})`, error);
    }
  }
  await untilKnown(connection, namespace);
  return 'CREATED';
}

/**
 * How long closed workflows stay readable, in ms; undefined when the namespace does not exist.
 * @throws DependencyUnavailableError when the server cannot tell.
 */
export async function namespaceRetentionMs(connection: ConnectionLike, namespace: string): Promise<number | undefined> {
  const described = await knownAs(`namespace "${namespace}" cannot be described`, () =>
    foundOrUndefined(within({ client: connection }, () => connection.workflowService.describeNamespace({ namespace }))),
  );
  return described && Number(described.config?.workflowExecutionRetentionTtl?.seconds ?? 0) * 1000;
}

/** `describeNamespace` reads the database; every other call goes through a cache that learns of a new one later. */
async function untilKnown(connection: ConnectionLike, namespace: string): Promise<void> {
  const giveUpAtMs = Date.now() + SETTLE_TIMEOUT_MS;
  const queue = { namespace, taskQueue: { name: 'verdictflow-setup' }, taskQueueType: 1 };
  for (;;) {
    try {
      await within({ client: connection }, () => connection.workflowService.describeTaskQueue(queue));
      return;
    } catch (error) {
      if (grpcCode(error) !== GRPC_CODES.NOT_FOUND || Date.now() > giveUpAtMs) {
        throw unavailable(`namespace "${namespace}" was created but is not usable yet (${describeGrpcError(error)})`, error);
      }
    }
    await sleep(SETTLE_EVERY_MS);
  }
}
