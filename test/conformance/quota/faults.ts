import { setTimeout as sleep } from 'node:timers/promises';
import * as kafka from '../../support/kafka-admin.ts';
import { produce } from '../../support/pipeline.ts';
import { until } from '../../support/until.ts';
import { pickOf } from './random.ts';
import type { StormRig } from './rig.ts';
import type { StormAction } from './schedule.ts';
import { requestOf, type StormToken } from './tokens.ts';

type Picks = StormAction['picks'];

const PARTITIONS = 6;

export async function submit(rig: StormRig, tokens: readonly StormToken[]): Promise<void> {
  await until(() => produce(rig.stack.kafkaBrokers, rig.topics.request, tokens.map(requestOf)).then(() => true), {
    timeoutMs: 90_000,
    everyMs: 1_000,
    what: 'Kafka takes the records',
  });
}

/** A vendor that hangs, breaks connections off after it has looked, refuses them, fails, or is slow. */
export async function outage(rig: StormRig, picks: Picks): Promise<void> {
  const forMs = 800 + picks[1] * 3_000;
  const mode = pickOf(['hang', 'reset', '500', 'refuse', 'slow'], picks[0]);
  if (mode !== 'slow') return rig.vendor('outage', { mode, forMs });
  await rig.vendor('defaults', { latencyMs: 1_300 });
  await sleep(forMs);
  await rig.vendor('defaults', { latencyMs: 0 });
}

/** The same records once more. */
export async function redeliver(rig: StormRig, picks: Picks): Promise<void> {
  const share = picks[1] < 0.5 ? 1 : 0.3;
  const again = rig.submitted.slice(0, Math.ceil(rig.submitted.length * share));
  await rig.onTopic(() => submit(rig, again));
}

export async function resetOffsets(rig: StormRig): Promise<void> {
  await rig.fleet.without('ingress', () => kafka.resetOffsets(intakeOf(rig)));
}

/**
 * Deletes the request topic, makes it anew, and fills it at once with everything so far, because what was not read yet went
 * with it. Ingress is down, or up and perhaps busy with a batch of the old topic.
 */
export async function recreateTopic(rig: StormRig, picks: Picks): Promise<void> {
  const anew = (): Promise<void> =>
    rig.onTopic(async () => {
      await kafka.remakeTopic(intakeOf(rig), PARTITIONS);
      await submit(rig, rig.submitted);
    });
  await (picks[1] < 0.5 ? rig.fleet.without('ingress', anew) : anew());
}

export async function killTemporal(rig: StormRig, picks: Picks): Promise<void> {
  await rig.stack.temporal?.kill('SIGKILL');
  await sleep(picks[1] * 3_000);
  await rig.stack.temporal?.restart();
}

export async function restartKafka(rig: StormRig, picks: Picks): Promise<void> {
  await rig.onTopic(async () => {
    await rig.stack.kafka?.kill(picks[1] < 0.5 ? 'SIGKILL' : 'SIGTERM');
    await sleep(picks[2] * 3_000);
    await rig.stack.kafka?.restart();
  });
}

function intakeOf({ stack, groupId, topics }: StormRig): kafka.Intake {
  return { brokers: stack.kafkaBrokers, groupId, topic: topics.request };
}
