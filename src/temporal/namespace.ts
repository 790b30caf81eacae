import type { ConnectionLike } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { untilSettled } from '../async/until-settled.ts';
import { ConfigurationError } from '../contracts/errors.ts';
import { hoursText } from '../contracts/hours.ts';
import { describeGrpcError, foundOrUndefined, GRPC_CODES, grpcCode, isNotFound, knownAs, unavailable, within } from './errors.ts';
import { millisOf } from './millis.ts';
import { QUEUE_TYPES } from './task-queue.ts';

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
  return described && millisOf(described.config?.workflowExecutionRetentionTtl);
}

/**
 * What is wrong with a retention that is shorter than the window; undefined if it is long enough, or 0, when nothing is ever
 * deleted. The memory of a token is its workflow: once that is deleted, a record that Kafka delivers again is read again.
 */
export function shortRetention(
  retentionMs: number,
  { namespace, windowMs }: { readonly namespace: string; readonly windowMs: number },
): string | undefined {
  if (retentionMs === 0 || retentionMs >= windowMs) return undefined;
  const hours = Math.ceil(windowMs / 3_600_000);
  return (
    `it keeps closed workflows for ${hoursText(retentionMs)}, shorter than VF_WINDOW (${hoursText(windowMs)}): ` +
    `the reads of a token would be forgotten before its window ends, and made again. Shorten VF_WINDOW, or lengthen the retention ` +
    `with \`temporal operator namespace update --namespace ${namespace} --retention ${hours}h\``
  );
}

/** @throws ConfigurationError when the retention of the namespace is shorter than the window. */
export async function refuseShortRetention(
  connection: ConnectionLike,
  { namespace, windowMs }: { readonly namespace: string; readonly windowMs: number },
): Promise<void> {
  const retentionMs = (await namespaceRetentionMs(connection, namespace)) ?? 0;
  const problem = shortRetention(retentionMs, { namespace, windowMs });
  if (problem !== undefined) throw new ConfigurationError([`namespace ${namespace} (TEMPORAL_NAMESPACE): ${problem}`]);
}

/** `describeNamespace` reads the database; every other call goes through a cache that learns of a new one later. */
async function untilKnown(connection: ConnectionLike, namespace: string): Promise<void> {
  const queue = { namespace, taskQueue: { name: 'verdictflow-setup' }, taskQueueType: QUEUE_TYPES.workflow };
  const ask = async () => await within({ client: connection }, () => connection.workflowService.describeTaskQueue(queue));
  await knownAs(`namespace "${namespace}" was created but is not usable yet`, () =>
    untilSettled(ask, { isPassing: isNotFound, everyMs: 250, atMostMs: 30_000 }),
  );
}
