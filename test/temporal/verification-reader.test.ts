import { type Client, ServiceError, WorkflowNotFoundError } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import { DependencyUnavailableError, QueryRefusedError } from '../../src/contracts/errors.ts';

import { GRPC_CODES } from '../../src/temporal/errors.ts';
import { createVerificationReader } from '../../src/temporal/history/verification-reader.ts';
import { runFakeCli } from '../cli/fake-cli.ts';
import { world } from '../cli/replay-world.ts';

const RESOURCE_EXHAUSTED = 8;

const withDeadline = async (_deadline: number, work: () => Promise<unknown>): Promise<unknown> => await work();

const NO_ANSWER = new ServiceError('no', {
  cause: Object.assign(new Error('no'), { code: 14, details: 'the server is gone', metadata: {} }),
});
const PARTS = ['describe', 'fetchHistory', 'result'] as const;

/** What is shown of a verification that has ended, by a server that does not answer, or does not know, one of the parts. */
async function shownWithout(part: (typeof PARTS)[number], failure: Error): Promise<unknown> {
  const bounded = new Set<string>();
  let inTime = false;
  const answer = async (asked: string, value: unknown): Promise<unknown> => {
    if (inTime) bounded.add(asked);
    return asked === part ? await Promise.reject(failure) : await Promise.resolve(value);
  };
  const description = {
    runId: 'r',
    workflowId: 'fv-x',
    status: { name: 'COMPLETED' },
    startTime: new Date(0),
    typedSearchAttributes: new Map(),
  };
  const client = {
    options: { namespace: 'n', loadedDataConverter: {} },
    withDeadline: async (_deadline: number, work: () => Promise<unknown>) => {
      inTime = true;
      const working = work();
      inTime = false;
      return await working;
    },
    workflow: {
      getHandle: () => ({
        describe: async () => await answer('describe', description),
        fetchHistory: async () => await answer('fetchHistory', { events: [] }),
      }),
      result: async () => await answer('result', {}),
    },
  };
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only what the reader uses of the client
    return await createVerificationReader({ client: client as unknown as Client }).details('fv-x');
  } finally {
    expect([...bounded]).toEqual(PARTS.slice(0, PARTS.indexOf(part) + 1));
  }
}

describe('a verification of which the server does not tell a part', () => {
  it.each(PARTS)('%s: ends with 69 and the reason, within a deadline, if nobody answers', async (part) => {
    await expect(shownWithout(part, NO_ANSWER)).rejects.toMatchObject({
      name: 'DependencyUnavailableError',
      message: expect.stringContaining('the server is gone'),
    });
  });

  it.each(PARTS)('%s: is not known if that is gone', async (part) => {
    await expect(shownWithout(part, new WorkflowNotFoundError('no', 'fv-x', 'r'))).resolves.toBeUndefined();
  });
});

/** What a listing rejects with when the server answers so. */
async function failureOf(code: number, details: string): Promise<unknown> {
  const cause = Object.assign(new Error(details), { code, details, metadata: {} });
  const list = () => ({
    [Symbol.asyncIterator]: () => ({ next: async () => await Promise.reject(new ServiceError('Failed to list workflows', { cause })) }),
  });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only what the reader uses of the client
  const client = { withDeadline, workflow: { list } } as unknown as Client;
  try {
    for await (const row of createVerificationReader({ client }).list('x', 1)) return row;
    return undefined;
  } catch (error) {
    return error;
  }
}

const ROW = { workflowId: 'fv-x', status: { name: 'RUNNING' }, startTime: new Date(0), typedSearchAttributes: new Map() };

describe('a list that the server does not give', () => {
  it('is waited for with a deadline for each page', async () => {
    let inTime = false;
    const asked: boolean[] = [];
    const next = async () => {
      asked.push(inTime);
      return await Promise.resolve({ done: asked.length > 2, value: ROW });
    };
    const client = {
      withDeadline: async (_deadline: number, work: () => Promise<unknown>) => {
        inTime = true;
        const working = work();
        inTime = false;
        return await working;
      },
      workflow: { list: () => ({ [Symbol.asyncIterator]: () => ({ next }) }) },
    };
    const rows: unknown[] = [];
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only what the reader uses of the client
    for await (const row of createVerificationReader({ client: client as unknown as Client }).list('x', 10)) rows.push(row);
    expect([rows.length, asked]).toEqual([2, [true, true, true]]);
  });

  it.each([
    "invalid query: column name 'VfOutcom' is not a valid search attribute",
    'invalid query: invalid search attribute: VfOutcom',
    'invalid query: invalid search attribute: VfOutcomes',
  ])('is the fault of the query if it does not understand it, and says what is wrong: %s', async (text) => {
    const failure = await failureOf(GRPC_CODES.INVALID_ARGUMENT, text);
    expect(failure).toBeInstanceOf(QueryRefusedError);
    expect(failure).toMatchObject({ message: `--query: ${text}` });
  });

  it.each(["invalid query: column name 'VfOutcome' is not a valid search attribute", 'invalid query: invalid search attribute: VfOutcome'])(
    'is no fault of the query if our own attributes are missing: %s',
    async (text) => {
      const failure = await failureOf(GRPC_CODES.INVALID_ARGUMENT, text);
      expect(failure).toBeInstanceOf(DependencyUnavailableError);
      expect(failure).toMatchObject({ message: expect.stringContaining('run `verdictflow setup`') });
    },
  );

  it.each([RESOURCE_EXHAUSTED, GRPC_CODES.DEADLINE_EXCEEDED, GRPC_CODES.PERMISSION_DENIED])(
    'is an outage with gRPC code %i, with the reason',
    async (code) => {
      const failure = await failureOf(code, 'namespace rate limit exceeded');
      expect(failure).toBeInstanceOf(DependencyUnavailableError);
      expect(failure).toMatchObject({ message: expect.stringContaining('namespace rate limit exceeded') });
    },
  );

  it.each([
    ['list', '--query', 'X = 1'],
    ['replay', 'plan', '--query', 'X = 1'],
  ])('%s %s: ends with 64 or 69, never as a defect', async (...args) => {
    const fake = { replay: world().replay };
    const wrong = await runFakeCli(args, {
      ...fake,
      listFailures: [{ after: 0, error: new QueryRefusedError('--query: no such column') }],
    });
    expect(wrong).toMatchObject({ code: 64, err: expect.stringContaining('--query: no such column') });
    const away = await runFakeCli(args, { ...fake, listFailures: [{ after: 0, error: new DependencyUnavailableError('temporal', 'x') }] });
    expect(away.code).toBe(69);
    const blank = await runFakeCli([...args.slice(0, -1), ' '], { unavailable: new Error('was opened') });
    expect(blank).toMatchObject({ code: 64, err: expect.stringContaining('--query: it is empty') });
  });
});
