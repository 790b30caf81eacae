import { type Client, WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { historyFromJSON, payloadToJSON } from '@temporalio/common/lib/proto-utils.js';
import { describe, expect, it } from 'vitest';
import { DependencyUnavailableError } from '../../src/contracts/errors.ts';
import type { StartedReplay } from '../../src/operator/replay/ports.ts';
import { GRPC_CODES } from '../../src/temporal/errors.ts';
import { createReplayRuns } from '../../src/temporal/replays.ts';
import { inputAt } from '../support/verification-input.ts';

const INPUT = inputAt(Date.parse('2026-02-01T10:00:00Z'));
const { verificationId } = INPUT;
const REQUESTED_AT = '2026-02-01T12:00:00.000Z';

/** `requestedAt`: of the replay that started it; absent: ingress did. `lost`: its history is gone. */
type Run = { readonly runId: string; readonly at: string; readonly requestedAt?: string; readonly lost?: true };

const HOME: Run = { runId: 'home', at: '2026-02-01T10:00:00Z' };
const R1: Run = { runId: 'R1', at: '2026-02-01T12:00:01Z', requestedAt: REQUESTED_AT };
const R2: Run = { runId: 'R2', at: '2026-02-01T12:30:00Z', requestedAt: '2026-02-01T12:29:59.000Z' };

function serverError(code: number): Error {
  return Object.assign(new Error('no'), { code, details: 'no', metadata: {} });
}

function historyOf({ requestedAt }: Run) {
  const replay = requestedAt === undefined ? {} : { replay: { homeRunId: 'home', operator: 'jane', reason: 'x', requestedAt } };
  const payloads = [payloadToJSON(defaultPayloadConverter.toPayload({ ...INPUT, ...replay }))];
  const started = { workflowExecutionStartedEventAttributes: { input: { payloads } } };
  return historyFromJSON({ events: [{ eventId: '1', eventType: 'EVENT_TYPE_WORKFLOW_EXECUTION_STARTED', ...started }] });
}

/** A server with these runs, oldest first. */
function serverOf(runs: readonly Run[]) {
  const queries: string[] = [];
  const timed = (run: Run) => ({ runId: run.runId, startTime: new Date(run.at) });
  const client = {
    options: { loadedDataConverter: { payloadConverter: defaultPayloadConverter, payloadCodecs: [] } },
    withDeadline: async (_deadline: number, work: () => Promise<unknown>) => await work(),
    workflow: {
      getHandle: (_workflowId: string, runId?: string) => ({
        describe: async () => {
          const latest = runs.at(-1);
          if (latest === undefined) throw serverError(GRPC_CODES.NOT_FOUND);
          return await Promise.resolve(timed(latest));
        },
        fetchHistory: async () => {
          const run = runs.find((one) => one.runId === runId);
          if (run === undefined || run.lost === true) throw serverError(GRPC_CODES.NOT_FOUND);
          return await Promise.resolve(historyOf(run));
        },
      }),
      list: async function* ({ query }: { query: string }) {
        queries.push(query);
        const since = Date.parse(/StartTime >= '(.*)'/.exec(query)?.[1] ?? '');
        yield* await Promise.resolve(runs.map(timed).filter(({ startTime }) => startTime.getTime() >= since));
      },
    },
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only what the search uses of the client
  return { client: client as unknown as Client, queries };
}

/** The run that my order started, as this client finds it. */
async function found(client: Client): Promise<StartedReplay | undefined> {
  return await createReplayRuns({ client, taskQueue: 'q' }).find(verificationId, REQUESTED_AT);
}

describe('the run that an order started', () => {
  it('is the latest without asking visibility', async () => {
    const { client, queries } = serverOf([HOME, R1]);
    await expect(found(client)).resolves.toEqual({ runId: 'R1', startedAt: '2026-02-01T12:00:01.000Z' });
    expect(queries).toEqual([]);
  });

  it('is found although somebody else has replayed the verification since', async () => {
    const { client, queries } = serverOf([HOME, R1, R2]);
    await expect(found(client)).resolves.toMatchObject({ runId: 'R1' });
    expect(queries).toEqual([`WorkflowId = 'fv-${verificationId}' AND StartTime >= '2026-02-01T11:50:00.000Z'`]);
  });

  it('is found although the server’s clock is behind', async () => {
    const { client } = serverOf([HOME, { ...R1, at: '2026-02-01T11:55:00Z' }, R2]);
    await expect(found(client)).resolves.toMatchObject({ runId: 'R1' });
  });

  it.each([
    ['the verification is unknown', []],
    ['nobody replayed it', [HOME]],
    ['somebody else replayed it', [HOME, R2]],
    ['its history is gone', [HOME, { ...R1, lost: true as const }, R2]],
  ])('is none if %s', async (_, runs) => {
    await expect(found(serverOf(runs).client)).resolves.toBeUndefined();
  });

  it('is not known while the server does not answer', async () => {
    const { client } = serverOf([HOME, R1]);
    const away = { ...client, withDeadline: async () => await Promise.reject(serverError(14)) };
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only what the search uses of the client
    await expect(found(away as unknown as Client)).rejects.toBeInstanceOf(DependencyUnavailableError);
  });
});

const { signal } = new AbortController();

/** What the server answers to one long poll after the other. */
function runsAnswering(answers: readonly unknown[]) {
  const left = [...answers];
  const client = {
    withDeadline: async (_deadline: number, work: () => Promise<unknown>) => await work(),
    withAbortSignal: async (_signal: AbortSignal, work: () => Promise<unknown>) => await work(),
    workflow: {
      result: async () => {
        const answer = left.shift();
        if (answer instanceof Error) throw answer;
        return await Promise.resolve(answer);
      },
    },
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only what a result needs of the client
  return createReplayRuns({ client: client as unknown as Client, taskQueue: 'q' });
}

describe('the result of a replayed run', () => {
  it('is waited for past the end of a long poll', async () => {
    const runs = runsAnswering([serverError(GRPC_CODES.DEADLINE_EXCEEDED), { outcome: 'x' }]);
    await expect(runs.result(verificationId, { runId: 'R', signal })).resolves.toEqual({ outcome: 'x' });
  });

  it.each([
    ['the run was deleted', new WorkflowNotFoundError('no', `fv-${verificationId}`, 'R')],
    ['its retention has passed', serverError(GRPC_CODES.NOT_FOUND)],
  ])('is not waited for when %s', async (_, error) => {
    await expect(runsAnswering([error]).result(verificationId, { runId: 'R', signal })).resolves.toBe('GONE');
  });

  it('is none when the run ended without one', async () => {
    const failed = new WorkflowFailedError('no', new Error('terminated'), 'NON_RETRYABLE_FAILURE');
    await expect(runsAnswering([failed]).result(verificationId, { runId: 'R', signal })).resolves.toBeUndefined();
  });

  it('is not known while the server does not answer', async () => {
    await expect(runsAnswering([serverError(14)]).result(verificationId, { runId: 'R', signal })).rejects.toBeInstanceOf(
      DependencyUnavailableError,
    );
  });
});
