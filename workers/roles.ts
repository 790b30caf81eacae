import { openBacklogAdmission, openInProcessAdmission } from './admission.ts';
import type { RoleContext } from './context.ts';
import { openEngines } from './engines.ts';
import { openEvidenceVault } from './evidence.ts';
import { serveIngress } from './serve-ingress.ts';
import { serveSweeper } from './sweeper.ts';
import { serveWorker } from './serve-worker.ts';

/**
 * Ingress and worker in one process over one connection, so that the first task of a verification rides in the answer to
 * its start. The worker polls before the first record comes in.
 */
export async function startAllRole(context: RoleContext): Promise<Readonly<Record<string, string>>> {
  const engines = await openEngines(context);
  const admission = openInProcessAdmission(context);
  await serveWorker(context, { engines, onIdle: (verificationId) => admission.release(verificationId) });
  if (context.config.evidence !== undefined) serveSweeper(context, { ...engines, vault: openEvidenceVault(context.live), isAlone: false });
  await serveIngress(context, { engines, admission, requestEagerStart: true });
  return { namespace: engines.link.namespace, taskQueue: context.config.temporal.taskQueue, groupId: context.config.kafka.groupId };
}

/** Turns requests and hints from Kafka into verifications and signals. */
export async function startIngressRole(context: RoleContext): Promise<Readonly<Record<string, string>>> {
  const engines = await openEngines(context);
  const admission = openBacklogAdmission(context, engines.link);
  await serveIngress(context, { engines, admission, requestEagerStart: false });
  return { namespace: engines.link.namespace, groupId: context.config.kafka.groupId };
}

/** Runs verifications: workflows, vendor reads, emission. */
export async function startWorkerRole(context: RoleContext): Promise<Readonly<Record<string, string>>> {
  const engines = await openEngines(context);
  await serveWorker(context, { engines });
  return { namespace: engines.link.namespace, taskQueue: context.config.temporal.taskQueue };
}
