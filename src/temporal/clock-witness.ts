import type { Client } from '@temporalio/client';
import type { TimeWitness } from '../ingress/ports.ts';
import { describeGrpcError, GRPC_CODES, grpcCode, unavailable } from './errors.ts';
import { describeQueue } from './task-queue.ts';

const KINDS = ['workflow', 'activity'] as const;
/** Many records may ask at once. */
const ANSWER_HOLDS_MS = 5_000;

type ClockWitnessOptions = {
  readonly client: Client;
  readonly namespace: string;
  readonly taskQueue: string;
  /** Monotonic, in ms: the wall clock is what is in doubt. */
  readonly monotonicMs?: () => number;
};

/**
 * Temporal's clock. No answer of the server says what time it is, but for each worker of a task queue it tells when it last
 * asked for a task, by the server's clock, and each asks at least once a minute. Nothing is asked unless a record is in doubt.
 */
export function createClockWitness(options: ClockWitnessOptions): TimeWitness {
  const { monotonicMs = () => performance.now() } = options;
  let asked: { readonly atMs: number; readonly answer: Promise<number | undefined> } | undefined;
  return {
    async lastSeenMs() {
      if (asked === undefined || monotonicMs() - asked.atMs >= ANSWER_HOLDS_MS)
        asked = { atMs: monotonicMs(), answer: lastPollMs(options) };
      return await asked.answer;
    },
  };
}

/** When a worker last asked for a task of either kind. Undefined: no worker is known, or this client may not ask. */
async function lastPollMs({ client, namespace, taskQueue }: ClockWitnessOptions): Promise<number | undefined> {
  try {
    const answers = await Promise.all(
      KINDS.map(async (kind) => (await describeQueue(client, { namespace, name: taskQueue, kind })).pollers),
    );
    const latestMs = Math.max(0, ...answers.flat().map(({ lastSeenAtMs }) => lastSeenAtMs));
    return latestMs > 0 ? latestMs : undefined;
  } catch (error) {
    const code = grpcCode(error);
    if (code === GRPC_CODES.PERMISSION_DENIED || code === GRPC_CODES.UNIMPLEMENTED) return undefined;
    throw unavailable(`the task queue cannot be described (${describeGrpcError(error)})`, error);
  }
}
