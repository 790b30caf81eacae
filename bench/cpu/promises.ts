import { relative } from 'node:path';
import { promiseHooks } from 'node:v8';
import { Worker, type WorkflowBundleOption } from '@temporalio/worker';
import { ROOT } from '../command.ts';
import type { History } from '../cost/history.ts';

/**
 * The promises that a verification makes in the sandbox, found by re-executing its history: which function made each. Their
 * number is exact, the same on any machine. The SDK takes, maps and keeps a stack trace of each of them.
 * @throws if the history does not re-execute.
 */
export async function promisesMade(history: History, workflowBundle: WorkflowBundleOption): Promise<readonly string[]> {
  // In this thread, as replays are, so that a hook sees them. The first one installs the SDK's own hook, which must come first.
  const replay = async (): Promise<void> => await Worker.runReplayHistory({ workflowBundle }, history);
  await replay();
  const makers: string[] = [];
  const stop = promiseHooks.createHook({
    init: (promise) => {
      const maker = makerOf(promise);
      if (maker !== undefined) makers.push(maker);
    },
  });
  try {
    await replay();
  } finally {
    stop();
  }
  return makers;
}

/** Undefined: no promise of a workflow. Those of the sandbox are of another realm than ours. */
function makerOf(promise: object): string | undefined {
  if (promise instanceof Promise || !('runId' in promise)) return undefined;
  const frames = stackOf(promise).filter(({ file_path: path }) => path !== undefined && !path.startsWith('node:'));
  return frames.map((frame) => `${frame.function_name ?? ''} ${shortPath(frame.file_path ?? '')}:${frame.line ?? 0}`)[0] ?? 'unknown';
}

type Frame = { readonly file_path?: string; readonly function_name?: string; readonly line?: number };
type Activator = {
  readonly promiseStackStore: { readonly promiseToStack: ReadonlyMap<object, { readonly structured: readonly Frame[] }> };
};

/** What the SDK has just kept of it for the UI's *Call Stack*. */
function stackOf(promise: object): readonly Frame[] {
  const evaluate = promise.constructor.constructor;
  const activator: Activator = evaluate('return globalThis.__TEMPORAL_ACTIVATOR__')();
  return activator.promiseStackStore.promiseToStack.get(promise)?.structured ?? [];
}

function shortPath(path: string): string {
  return path.split('node_modules/')[1] ?? relative(ROOT, path);
}
