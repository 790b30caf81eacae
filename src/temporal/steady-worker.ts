import { type NativeConnection, TransportError, type Worker } from '@temporalio/worker';
import { backoffMs } from '../async/backoff.ts';
import { sleep } from '../async/sleep.ts';
import type { Logger } from '../contracts/logger.ts';
import { unavailable } from './errors.ts';

/** What of a worker this needs. */
export type Runnable = Pick<Worker, 'run' | 'shutdown' | 'getState'> & { connection: NativeConnection | undefined };

export type SteadyWorker = {
  /** Why it does not poll; undefined while it does. */
  trouble(): string | undefined;
  takeOver(connection: NativeConnection): void;
  /** Rejects with what is no refusal; resolves when a worker has ended without one. */
  readonly ended: Promise<void>;
  /** Lets running activities end. */
  stop(): Promise<void>;
};

type SteadyOptions = {
  readonly create: () => Promise<Runnable>;
  readonly logger: Logger;
  readonly stopping: AbortSignal;
  readonly backoff?: { readonly firstMs: number; readonly longestMs: number };
};

const BACKOFF = { firstMs: 2_000, longestMs: 30_000 } as const;

/**
 * A worker that outlives refusals. The SDK ends one whose polls the server has refused for a minute (credentials, namespace),
 * because polling on would not help that worker; a new one takes its place as soon as the server takes it. By then nothing of
 * the old one runs: it has been given no task for that minute.
 * @throws DependencyUnavailableError if the server refuses the first one.
 */
export async function startSteadyWorker(options: SteadyOptions): Promise<SteadyWorker> {
  const { create, logger, stopping, backoff = BACKOFF } = options;
  let refused: string | undefined;
  let worker = await create().catch((error: unknown) => {
    throw error instanceof TransportError ? unavailable(`the worker is refused (${error.message})`, error) : error;
  });

  /** Undefined: stopped before. */
  async function nextWorker(): Promise<Runnable | undefined> {
    for (let attempt = 1; !stopping.aborted; attempt += 1) {
      await sleep(backoffMs(attempt, { ...backoff, random: Math.random }), stopping);
      try {
        if (!stopping.aborted) return await create();
      } catch (error) {
        if (!(error instanceof TransportError)) throw error;
        refused = error.message;
      }
    }
    return undefined;
  }

  async function run(): Promise<void> {
    for (;;) {
      try {
        const running = worker.run();
        // Made while the process began to stop: it lets go of the connection only by running and ending.
        if (stopping.aborted) worker.shutdown();
        await running;
        return;
      } catch (error) {
        if (!(error instanceof TransportError)) throw error;
        if (stopping.aborted) return;
        refused = error.message;
        logger.error({ event: 'worker-refused', reason: refused }, 'Temporal refuses the worker; it is tried again until it is taken');
      }
      const next = await nextWorker();
      if (next === undefined) return;
      worker = next;
      refused = undefined;
      logger.info({ event: 'worker-back' }, 'Temporal takes the worker again');
    }
  }

  const ended = run();
  return {
    trouble() {
      if (refused !== undefined) return `Temporal refuses it (${refused}): check TEMPORAL_API_KEY, TEMPORAL_TLS_* and TEMPORAL_NAMESPACE`;
      return worker.getState() === 'RUNNING' ? undefined : `the Temporal worker is ${worker.getState()}`;
    },
    takeOver(connection) {
      // One that has ended is followed by one that begins with the new connection.
      if (worker.getState() === 'RUNNING') worker.connection = connection;
    },
    ended,
    async stop() {
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await ended;
    },
  };
}
