import { ReusableVMWorkflowCreator } from '@temporalio/worker/lib/workflow/reusable-vm.js';
import { VMWorkflowCreator } from '@temporalio/worker/lib/workflow/vm.js';

let isUnwatched = false;

/**
 * From here on sandboxes on the main thread are not watched for endless loops, as those of the service are not from within
 * (`src/temporal/sandbox-thread.ts`): the thread that would watch each call takes a sixth of the time of scripted runs. Idempotent.
 */
export function leaveSandboxesUnwatched(): void {
  if (isUnwatched) return;
  isUnwatched = true;
  for (const creator of [ReusableVMWorkflowCreator, VMWorkflowCreator]) {
    const { create } = creator;
    Reflect.set(creator, 'create', async (bundle: unknown, _limitMs: unknown, ...others: unknown[]): Promise<unknown> => {
      const created: unknown = await Reflect.apply(create, creator, [bundle, undefined, ...others]);
      return created;
    });
  }
}
