import { setTimeout as sleep } from 'node:timers/promises';
import { watchTopic } from '../../support/pipeline.ts';
import type { StormRig } from './rig.ts';

/** Kills that hit while outcomes are on their way. */
export type Aim = {
  /** Waits for the next outcome on the topic, 5 s at most, and kills a worker in that moment. */
  kill(pick: number): Promise<void>;
  /** How many kills were ordered as an outcome arrived. */
  hits(): number;
  stop(): Promise<void>;
};

const PATIENCE_MS = 5_000;
const LOOK_EVERY_MS = 2;

export async function aimAtOutcomes({ stack, topics, fleet }: StormRig): Promise<Aim> {
  const outcomes = await watchTopic(stack.kafkaBrokers, topics.outcome);
  let hits = 0;
  return {
    kill: async (pick) => {
      const before = outcomes.seen.length;
      const untilMs = Date.now() + PATIENCE_MS;
      while (outcomes.seen.length === before && Date.now() < untilMs) await sleep(LOOK_EVERY_MS);
      if (outcomes.seen.length > before) hits += 1;
      await fleet.kill(pick, 'worker');
    },
    hits: () => hits,
    stop: outcomes.stop,
  };
}
