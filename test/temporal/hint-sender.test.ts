import { type Client, ServiceError, WorkflowNotFoundError } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import { DependencyUnavailableError } from '../../src/contracts/errors.ts';
import { GRPC_CODES } from '../../src/temporal/errors.ts';
import { createHintSender } from '../../src/temporal/hint-sender.ts';

/** A client whose signals fail with `error`. */
function clientThat(error: Error): Client {
  const client = {
    withDeadline: async (_deadline: number, work: () => Promise<unknown>) => await work(),
    workflow: { getHandle: () => ({ signal: async () => await Promise.reject(error) }) },
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only what the sender uses of the client
  return client as unknown as Client;
}

/** As the SDK wraps what the server answered. */
function serverError(code: number, details: string): Error {
  const cause = Object.assign(new Error(details), { code, details, metadata: {} });
  return new ServiceError('Failed to signal Workflow', { cause });
}

async function send(error: Error): Promise<unknown> {
  return await createHintSender({ client: clientThat(error) }).send('fv-a', { kind: 'SESSION_ENDED', trusted: false });
}

describe('a signal that fails', () => {
  it('is refused when the server will never take it', async () => {
    await expect(send(serverError(GRPC_CODES.INVALID_ARGUMENT, 'exceeded workflow execution limit for signal events'))).resolves.toBe(
      'REFUSED',
    );
  });

  it('is without a verification when there is none', async () => {
    await expect(send(new WorkflowNotFoundError('no such run', 'fv-a', undefined))).resolves.toBe('NOT_FOUND');
  });

  it.each([GRPC_CODES.DEADLINE_EXCEEDED, GRPC_CODES.PERMISSION_DENIED, GRPC_CODES.UNAUTHENTICATED, 8, 14])(
    'is an outage with gRPC code %i, which may concern every signal',
    async (code) => {
      await expect(send(serverError(code, 'not now'))).rejects.toThrow(DependencyUnavailableError);
    },
  );
});
