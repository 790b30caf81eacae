import type { Client, WorkflowExecutionDescription, WorkflowHandle } from '@temporalio/client';
import type { TypedSearchAttributes } from '@temporalio/common';
import { QueryRefusedError } from '../../contracts/errors.ts';
import { SEARCH_ATTRIBUTES, STATE_QUERY, type VerificationResult, type VerificationView } from '../../contracts/workflow.ts';
import { defined } from '../../domain/defined.ts';
import { withoutPrefix } from '../../domain/ids.ts';
import type { ExecutionStatus, VerificationDetails, VerificationReader, VerificationRow } from '../../operator/ports.ts';
import { describeGrpcError, foundOrUndefined, GRPC_CODES, grpcCode, knownAs, unavailable, within } from '../errors.ts';
import { PayloadUnreadableError } from '../payload-codec.ts';
import { readsSeen } from './reads.ts';
import { readTimeline } from './timeline/read-timeline.ts';

const DEFAULT_QUERY_DEADLINE_MS = 5_000;

/** Reads verifications for people: describe, query or result, and history of the latest run. Changes nothing. */
export function createVerificationReader(options: { readonly client: Client; readonly queryDeadlineMs?: number }): VerificationReader {
  const { client, queryDeadlineMs = DEFAULT_QUERY_DEADLINE_MS } = options;
  return {
    async details(workflowId, asked) {
      const handle = client.workflow.getHandle(workflowId);
      const ask = async <T>(problem: string, request: () => Promise<T>): Promise<T | undefined> =>
        await knownAs(`the verification ${problem}`, () => foundOrUndefined(within({ client }, request)));
      const description = await ask('cannot be described', () => handle.describe());
      if (description === undefined) return undefined;
      const history = await ask('has a history that cannot be read', () => handle.fetchHistory());
      if (history === undefined) return undefined;
      const reads = await readsSeen(history, client.options.loadedDataConverter);
      const timeline = asked === undefined ? undefined : await readTimeline({ client, workflowId, description });
      const base = { ...baseOf(description), namespace: client.options.namespace, reads, ...defined({ timeline }) };
      switch (description.status.name) {
        case 'RUNNING':
          return await within({ client, deadlineMs: queryDeadlineMs }, async () => await withView(base, handle));
        case 'COMPLETED': {
          const { runId } = description;
          const result = await ask('has a result that cannot be read', () =>
            client.workflow.result<VerificationResultFn>(workflowId, runId),
          );
          return result && withResult(base, result);
        }
        default:
          return base;
      }
    },
    async *list(query, limit) {
      let listed = 0;
      if (limit < 1) return;
      const found = client.workflow.list({ query, pageSize: Math.min(limit, 1_000) });
      for await (const execution of explained(inTime(client, found))) {
        yield rowOf(execution);
        listed += 1;
        if (listed >= limit) return;
      }
    },
  };
}

/** Each page within its own deadline: how long all of them take is for whoever reads them to say. */
async function* inTime<T>(client: Client, rows: AsyncIterable<T>): AsyncGenerator<T> {
  const iterator = rows[Symbol.asyncIterator]();
  for (;;) {
    const next = await within({ client }, () => iterator.next());
    if (next.done === true) return;
    yield next.value;
  }
}

/** What the server says about a query that it does not understand is all that helps to correct it. */
async function* explained<T>(rows: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* rows;
  } catch (error) {
    if (error instanceof PayloadUnreadableError) throw error;
    const details = describeGrpcError(error);
    if (grpcCode(error) !== GRPC_CODES.INVALID_ARGUMENT) throw unavailable(`verifications cannot be listed (${details})`, error);
    // Ours are in every query: one that is not known is missing, not misspelt. Servers say it in either way.
    const unknown = /invalid search attribute: (\w+)$|'(\w+)' is not a valid search attribute/.exec(details);
    const ours = Object.values(SEARCH_ATTRIBUTES).some(({ name }) => name === (unknown?.[1] ?? unknown?.[2]));
    throw ours
      ? unavailable(`${details}: run \`verdictflow setup\``, error)
      : new QueryRefusedError(`--query: ${details}`, { cause: error });
  }
}

type VerificationResultFn = () => Promise<VerificationResult>;

function baseOf(description: WorkflowExecutionDescription): Omit<VerificationDetails, 'namespace'> {
  const attributes = description.typedSearchAttributes;
  const row = rowOf(description);
  const deadline = attributes.get(SEARCH_ATTRIBUTES.deadline);
  const policy = attributes.get(SEARCH_ATTRIBUTES.policy);
  return {
    verificationId: row.verificationId,
    workflowId: row.workflowId,
    runId: description.runId,
    status: row.status,
    startedAt: row.startedAt,
    ...defined({
      closedAt: description.closeTime?.toISOString(),
      readsCounted: row.readsCounted,
      deadlineAt: deadline?.toISOString(),
      policy,
    }),
    reasons: row.reason === undefined ? [] : [row.reason],
    reads: [],
  };
}

async function withView(base: VerificationDetails, handle: WorkflowHandle): Promise<VerificationDetails> {
  try {
    const { verificationId: _same, outcome: _shown, reason: _also, ...view } = await handle.query<VerificationView>(STATE_QUERY);
    return { ...base, ...view };
  } catch (error) {
    return { ...base, note: `no worker answered (${describeGrpcError(error)}); this is what Temporal itself knows` };
  }
}

function withResult(base: VerificationDetails, result: VerificationResult): VerificationDetails {
  const { outcome, reasons, retryAdvice, retrieval } = result.outcome;
  return {
    ...base,
    stage: 'DECIDED',
    outcome,
    reasons: reasons.map((reason) => reason.code),
    retryAdvice,
    readsCounted: retrieval.callsUsed,
    readsUncertain: retrieval.callsUncertain,
    maxReads: retrieval.callLimit,
    emission: result.emission,
  };
}

type Listed = {
  readonly workflowId: string;
  readonly status: { readonly name: string };
  readonly startTime: Date;
  readonly closeTime?: Date;
  readonly typedSearchAttributes: TypedSearchAttributes;
};

function rowOf(execution: Listed): VerificationRow {
  const attributes = execution.typedSearchAttributes;
  const stage = attributes.get(SEARCH_ATTRIBUTES.stage);
  const outcome = attributes.get(SEARCH_ATTRIBUTES.outcome);
  const reason = attributes.get(SEARCH_ATTRIBUTES.reason);
  const readsCounted = attributes.get(SEARCH_ATTRIBUTES.readsCounted);
  const deadlineAt = attributes.get(SEARCH_ATTRIBUTES.deadline)?.toISOString();
  const closedAt = execution.closeTime?.toISOString();
  return {
    verificationId: withoutPrefix(execution.workflowId),
    workflowId: execution.workflowId,
    status: statusOf(execution.status.name),
    startedAt: execution.startTime.toISOString(),
    ...defined({ stage, outcome, reason, readsCounted, deadlineAt, closedAt }),
  };
}

function statusOf(name: string): ExecutionStatus {
  switch (name) {
    case 'RUNNING':
    case 'COMPLETED':
    case 'FAILED':
    case 'CANCELLED':
    case 'TERMINATED':
    case 'TIMED_OUT':
    case 'PAUSED':
      return name;
    default:
      return 'OTHER';
  }
}
