import { DefaultLogger } from '@temporalio/worker';
import { parseWorkflowCode } from '@temporalio/worker/lib/worker.js';
import { ThreadedVMWorkflowCreator } from '@temporalio/worker/lib/workflow/threaded-vm.js';
import { afterEach, expect, it } from 'vitest';
import { watchSandboxes } from '../../src/temporal/sandbox-thread.ts';
import { inputAt } from '../support/verification-input.ts';
import { infoOf } from '../support/vm-run.ts';

const createAsTheSdkDoes = ThreadedVMWorkflowCreator.create.bind(ThreadedVMWorkflowCreator);
afterEach(() => {
  ThreadedVMWorkflowCreator.create = createAsTheSdkDoes;
});

/** In two pieces, or whoever reads this file for its own map would take it. */
const SOURCE_MAP = `//# ${['source', 'MappingURL'].join('')}=data:application/json;base64,${Buffer.from('{"version":3,"sources":[],"file":"workflow-bundle.js","mappings":""}').toString('base64')}`;

const WITHOUT_END = Number.POSITIVE_INFINITY;

/** A real thread with a sandbox, whose code takes so long when it is loaded, and when a workflow begins. */
async function threadOf({ loadsForMs = 0, beginsForMs = 0 }) {
  const code = `
    const takeMs = (ms) => { const endAtMs = Date.now() + ms; while (Date.now() < endAtMs); };
    globalThis.__webpack_module_cache__.sandbox = {};
    globalThis.__TEMPORAL__ = {
      preloadModules: () => takeMs(${loadsForMs}),
      api: { initRuntime: () => takeMs(${beginsForMs}), destroy: () => undefined },
    };
    ${SOURCE_MAP}`;
  return await ThreadedVMWorkflowCreator.create({
    workflowBundle: parseWorkflowCode(code),
    threadPoolSize: 1,
    isolateExecutionTimeoutMs: 50,
    reuseV8Context: true,
    registeredActivityNames: new Set(),
    logger: new DefaultLogger('ERROR'),
  });
}

const begin = (creator: ThreadedVMWorkflowCreator) =>
  creator.createWorkflow({ info: infoOf(inputAt(0), 0), randomnessSeed: [1], now: 0, showStackTraceSources: false });

it('the SDK by itself breaks off code that takes longer than its limit, by the clock on the wall', async () => {
  await expect(threadOf({ loadsForMs: 200 })).rejects.toThrow('Script execution timed out after 50ms');
});

it('watched from outside, code may take longer', async () => {
  watchSandboxes();
  const creator = await threadOf({ loadsForMs: 200, beginsForMs: 200 });
  await expect(begin(creator)).resolves.toBeDefined();
  await creator.destroy();
});

it('code without an end ends its thread, and says so', async () => {
  watchSandboxes({ endlessAfterMs: 300, lookEveryMs: 50 });
  const creator = await threadOf({ beginsForMs: WITHOUT_END });
  await expect(begin(creator)).rejects.toThrow('workflow code has run for 0.3 s without an end');
  await expect(begin(creator)).rejects.toThrow('workflow code has run for 0.3 s without an end');
  await creator.destroy();
});

it('time in which the process stands still does not count', async () => {
  watchSandboxes({ endlessAfterMs: 300, lookEveryMs: 50 });
  const creator = await threadOf({ beginsForMs: 600 });
  const begun = begin(creator);
  const standsUntilMs = performance.now() + 1_000;
  while (performance.now() < standsUntilMs);
  await expect(begun).resolves.toBeDefined();
  await creator.destroy();
});

it('a workflow that waits is not one without an end', async () => {
  watchSandboxes({ endlessAfterMs: 300, lookEveryMs: 50 });
  const creator = await threadOf({});
  await begin(creator);
  await new Promise((resolve) => setTimeout(resolve, 600));
  await expect(begin(creator)).resolves.toBeDefined();
  await creator.destroy();
});
