import { isGrpcServiceError, WorkflowNotFoundError } from '@temporalio/client';
import { DependencyUnavailableError } from '../contracts/errors.ts';

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
