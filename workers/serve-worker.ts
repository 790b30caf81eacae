import { createActivities } from '../activities/create.ts';
import { createHistoryLedger } from '../src/temporal/history-ledger.ts';
import { createHistorySource } from '../src/temporal/history-source.ts';
import { createReservations } from '../src/temporal/reservations.ts';
import { createOutcomeSink } from '../src/kafka/outcome-sink.ts';
import { createActivityEvents } from '../src/observability/activity-events.ts';
import type { RoleContext } from './context.ts';
import type { Engines } from './engines.ts';
import { openVendor } from './open-vendor.ts';
import { runWorker } from './run-worker.ts';
import { tokenSealOf } from './secrets.ts';

/** `source` of the CloudEvents this service emits. */
const EVENT_SOURCE = '/verdictflow';

export type ServeWorkerOptions = { readonly engines: Engines; readonly onSettled?: (verificationId: string) => void };

/** Resolves once the worker polls. */
export async function serveWorker(context: RoleContext, { engines, onSettled }: ServeWorkerOptions): Promise<void> {
  const { link, producer } = engines;
  const activities = createActivities({
    resultApi: openVendor(context),
    tokenOpener: tokenSealOf(context.config),
    outcomeSink: createOutcomeSink({ producer, topic: context.config.kafka.topics.outcomes, source: EVENT_SOURCE }),
    ledger: createHistoryLedger({ source: createHistorySource({ client: link.client }), logger: context.logger }),
    reservations: createReservations({ client: link.client, taskQueue: context.config.temporal.taskQueue }),
    events: createActivityEvents(context),
    ...(onSettled === undefined ? {} : { onSettled }),
  });
  await runWorker(context, { link, activities });
}
