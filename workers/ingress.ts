import type { RoleContext } from './context.ts';
import { openEngines } from './engines.ts';
import { openBacklogAdmission } from './open-admission.ts';
import { serveIngress } from './serve-ingress.ts';

/** Turns requests and hints from Kafka into verifications and signals. */
export async function startIngressRole(context: RoleContext): Promise<Readonly<Record<string, string>>> {
  const engines = await openEngines(context);
  const admission = openBacklogAdmission(context, engines.link);
  await serveIngress(context, { engines, admission, requestEagerStart: false });
  return { namespace: engines.link.namespace, groupId: context.config.kafka.groupId };
}
