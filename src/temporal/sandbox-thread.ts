import { Worker as Thread } from 'node:worker_threads';
import { UnexpectedError } from '@temporalio/worker/lib/errors.js';
import { ThreadedVMWorkflowCreator } from '@temporalio/worker/lib/workflow/threaded-vm.js';

/** What the watch needs of the SDK's client of a thread, which is no interface: what it waits for, oldest first, and why it ended. */
type ThreadClient = { readonly requestIdToCompletion: ReadonlyMap<unknown, unknown>; exitError?: Error };

type Limit = {
  /** How long workflow code may run, in time in which this process runs as well. */
  readonly endlessAfterMs: number;
  readonly lookEveryMs: number;
};

/** Workflow code takes milliseconds; a machine may be slow by four orders of magnitude before this is reached. */
const LIMIT: Limit = { endlessAfterMs: 60_000, lookEveryMs: 1_000 };

const createThreads = ThreadedVMWorkflowCreator.create.bind(ThreadedVMWorkflowCreator);

/**
 * Lets workers watch the thread of their workflows from outside, for endless loops. The SDK has Node.js do that from within: each of
 * some twelve calls into the sandbox a verification starts a thread and waits for its end, which is a tenth of a millisecond, on a
 * machine whose processors are busy half a millisecond; and it counts time in which the whole process stood still, so that a
 * frozen worker broke its workflow off and ended. From here on, for every worker of this process. Idempotent.
 * @throws Error if the SDK is not the version that is known.
 */
export function watchSandboxes(limit: Limit = LIMIT): void {
  ThreadedVMWorkflowCreator.create = async (options) => {
    const creator = await createThreads(withoutTimeLimit(options));
    for (const [client, thread] of threadsOf(creator)) watch(client, { thread, limit });
    return creator;
  };
}

function withoutTimeLimit<T extends { readonly isolateExecutionTimeoutMs: number }>(options: T): T {
  const unlimited = { ...options };
  Reflect.deleteProperty(unlimited, 'isolateExecutionTimeoutMs');
  return unlimited;
}

function threadsOf(creator: ThreadedVMWorkflowCreator): [ThreadClient, Thread][] {
  const clients: unknown = Reflect.get(creator, 'workerThreadClients');
  if (!Array.isArray(clients)) throw notAsKnown();
  return clients.map((client: unknown) => {
    if (!isThreadClient(client)) throw notAsKnown();
    const thread: unknown = Reflect.get(client, 'workerThread');
    if (!(thread instanceof Thread)) throw notAsKnown();
    return [client, thread];
  });
}

function isThreadClient(client: unknown): client is ThreadClient {
  return typeof client === 'object' && client !== null && Reflect.get(client, 'requestIdToCompletion') instanceof Map;
}

function notAsKnown(): Error {
  return new Error('@temporalio/worker is not 1.24.0. Install that version, or review src/temporal/sandbox-thread.ts for the new one.');
}

/** Counts looks instead of reading a clock: while the process stands still nobody looks. */
function watch(client: ThreadClient, { thread, limit }: { readonly thread: Thread; readonly limit: Limit }): void {
  let [oldest, looks] = [undefined as unknown, 0];
  const timer = setInterval(() => {
    const [waitingFor] = client.requestIdToCompletion.keys();
    looks = waitingFor !== undefined && waitingFor === oldest ? looks + 1 : 0;
    oldest = waitingFor;
    if (looks * limit.lookEveryMs < limit.endlessAfterMs) return;
    clearInterval(timer);
    client.exitError = new UnexpectedError(
      `workflow code has run for ${limit.endlessAfterMs / 1_000} s without an end: an endless loop, or no processor time for its thread`,
    );
    void thread.terminate();
  }, limit.lookEveryMs).unref();
  thread.once('exit', () => clearInterval(timer));
}
