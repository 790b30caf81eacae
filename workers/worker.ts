import type { RoleContext } from './context.ts';
import { openEngines } from './engines.ts';
import { serveWorker } from './serve-worker.ts';

/** Runs verifications: workflows, vendor reads, emission. */
export async function startWorkerRole(context: RoleContext): Promise<Readonly<Record<string, string>>> {
  const engines = await openEngines(context);
  await serveWorker(context, { engines });
  return { namespace: engines.link.namespace, taskQueue: context.config.temporal.taskQueue };
}
