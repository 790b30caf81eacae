import { type Client, isGrpcServiceError, WorkflowNotFoundError } from '@temporalio/client';
import { DependencyUnavailableError } from '../contracts/errors.ts';
import { PayloadUnreadableError } from './payload-codec.ts';

/** gRPC status codes by number, as far as this project distinguishes them. */
export const GRPC_CODES = {
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  UNIMPLEMENTED: 12,
  UNAUTHENTICATED: 16,
} as const;

/** The gRPC status code behind an SDK error, looking through its `cause`; undefined when it is none. */
export function grpcCode(error: unknown): number | undefined {
  if (isGrpcServiceError(error)) {
    return error.code;
  }
  return error instanceof Error && error.cause !== undefined ? grpcCode(error.cause) : undefined;
}

/** What `refusesCredentials` says, behind the address. */
export const REFUSES_CREDENTIALS = 'refuses the credentials (TEMPORAL_API_KEY, VF_TEMPORAL_API_KEY_FILE, TEMPORAL_TLS_*)';

/** The server does not know who we are, or does not let us do this. */
export function refusesCredentials(error: unknown): boolean {
  const code = grpcCode(error);
  return code === GRPC_CODES.PERMISSION_DENIED || code === GRPC_CODES.UNAUTHENTICATED;
}

/** The workflow, or that run of it, is not there. */
export function isNotFound(error: unknown): boolean {
  return error instanceof WorkflowNotFoundError || grpcCode(error) === GRPC_CODES.NOT_FOUND;
}

/** Server's own short text behind an SDK error. It never holds a payload, but can quote ids and attribute names. */
export function describeGrpcError(error: unknown): string {
  if (isGrpcServiceError(error)) {
    // A native connection fills the message only, grpc-js prefixes it with the code's name.
    return error.details === '' ? error.message : error.details;
  }
  if (!(error instanceof Error)) {
    return 'unknown error';
  }
  return error.cause === undefined ? error.message : describeGrpcError(error.cause);
}

export function unavailable(what: string, cause: unknown): DependencyUnavailableError {
  return new DependencyUnavailableError('temporal', what, { cause });
}

/** One request, with the client's own attempts at it, that is not answered by then counts as unanswered. */
const DEADLINE_MS = 10_000;

/** Who is asked, and how long that may take. */
export type Asked = { readonly client: Pick<Client, 'withDeadline'>; readonly deadlineMs?: number };

/** Every request goes through here: without a deadline, one that the server leaves unanswered would wait for ever. */
export function within<T>({ client, deadlineMs = DEADLINE_MS }: Asked, request: () => Promise<T>): Promise<T> {
  return client.withDeadline(Date.now() + deadlineMs, request);
}

export async function foundOrUndefined<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/**
 * What `work` finds. @throws DependencyUnavailableError that says `problem`, and what the server said. What cannot be decrypted is
 * no fault of the server's: that is thrown on.
 */
export async function knownAs<T>(problem: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof PayloadUnreadableError) throw error;
    throw unavailable(`${problem} (${describeGrpcError(error)})`, error);
  }
}
