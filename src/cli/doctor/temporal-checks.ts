import { ConfigurationError } from '../../contracts/errors.ts';
import { readsQueueOf } from '../../domain/ids.ts';
import { judgeClock } from '../../operator/doctor/clocks.ts';
import type { Check } from '../../operator/doctor/examine.ts';
import { CannotTell } from '../../operator/doctor/findings.ts';
import type { TemporalSight } from '../../operator/doctor/ports.ts';
import {
  judgeAttributes,
  judgeBacklog,
  judgeNamespace,
  judgePollers,
  judgeQueues,
  judgeServer,
  judgeWorkers,
} from '../../operator/doctor/temporal.ts';
import { shortRetention } from '../../temporal/namespace.ts';
import { type Examination, ifSeen, once, settingsAtFault } from './examination.ts';

const NO_SERVER = { what: 'Temporal does not answer', check: 'temporal-server' } as const;

export function temporalChecks({ config, sights, now }: Examination): readonly Check[] {
  const { taskQueue } = config.temporal;
  const { windowMs } = config.policy.settings;
  const readsQueue = readsQueueOf(taskQueue);
  const seen = async (): Promise<TemporalSight> => await ifSeen(sights.temporal, NO_SERVER);
  const retention = once(async () => await (await seen()).retentionMs());
  /** What is asked of a namespace that is not there is told once. */
  const inside = async (): Promise<TemporalSight> => {
    const sight = await seen();
    if ((await retention()) === undefined) throw new CannotTell(`namespace ${sight.namespace} does not exist: see temporal-namespace`);
    return sight;
  };
  const queues = once(async () => await (await inside()).queues());
  const clock = once(async () => await (await inside()).clock());
  return [
    {
      id: 'temporal-server',
      look: async () => {
        try {
          return [judgeServer(await (await sights.temporal()).server())];
        } catch (error) {
          if (error instanceof ConfigurationError) return settingsAtFault(error);
          throw error;
        }
      },
    },
    {
      id: 'temporal-namespace',
      look: async () => {
        const { namespace } = await seen();
        const [retentionMs, requestsMs] = await Promise.all([retention(), sights.kafka.requestRetentionMs().catch(() => undefined)]);
        const short = retentionMs === undefined ? undefined : shortRetention(retentionMs, { namespace, windowMs });
        return [judgeNamespace({ namespace, retentionMs, short, requestsMs })];
      },
    },
    { id: 'search-attributes', look: async () => judgeAttributes(await (await inside()).attributes()) },
    {
      id: 'temporal-pollers',
      look: async () => {
        const [found, offset] = await Promise.all([queues(), clock().catch(() => undefined)]);
        return judgePollers(found, { mainQueue: taskQueue, serverNowMs: now() + (offset?.leastMs ?? 0) });
      },
    },
    { id: 'temporal-workers', look: async () => judgeWorkers(await (await inside()).workers()) },
    {
      id: 'temporal-queues',
      look: async () => {
        const [found, gate] = await Promise.all([queues(), inside().then((sight) => sight.gate())]);
        return judgeQueues(found, { gate, mainQueue: taskQueue });
      },
    },
    { id: 'temporal-backlog', look: async () => judgeBacklog(await queues(), { held: [readsQueue] }) },
    { id: 'temporal-clock', look: async () => [judgeClock("Temporal's clock", await clock())] },
  ];
}
