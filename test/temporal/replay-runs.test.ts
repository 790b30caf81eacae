import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import { DependencyUnavailableError } from '../../src/contracts/errors.ts';
import { GRPC_CODES } from '../../src/temporal/errors.ts';
import { createReplayRuns } from '../../src/temporal/replays.ts';

const ID = 'a'.repeat(26);
const { signal } = new AbortController();

function serverError(code: number): Error {
  return Object.assign(new Error('no'), { code, details: 'no', metadata: {} });
}

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
  return createReplayRuns({ client: client as unknown as Client, taskQueue: 'q', bizNoSearchable: false });
}

describe('the result of a replayed run', () => {
  it('is waited for past the end of a long poll', async () => {
    const runs = runsAnswering([serverError(GRPC_CODES.DEADLINE_EXCEEDED), { outcome: 'x' }]);
    await expect(runs.result(ID, { runId: 'R', signal })).resolves.toEqual({ outcome: 'x' });
  });

  it.each([
    ['the run was deleted', new WorkflowNotFoundError('no', `fv-${ID}`, 'R')],
    ['its retention has passed', serverError(GRPC_CODES.NOT_FOUND)],
  ])('is not waited for when %s', async (_, error) => {
    await expect(runsAnswering([error]).result(ID, { runId: 'R', signal })).resolves.toBe('GONE');
  });

  it('is not known while the server does not answer', async () => {
    await expect(runsAnswering([serverError(14)]).result(ID, { runId: 'R', signal })).rejects.toBeInstanceOf(DependencyUnavailableError);
  });
});
