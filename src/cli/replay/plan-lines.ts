import type { ReplayCases } from '../../operator/replay/ports.ts';
import { createPace, mapInOrder } from '../../operator/replay/in-order.ts';
import type { PlanLine, PolicyAsked } from '../../operator/replay/plan-line.ts';
import { planReplay } from '../../operator/replay/plan.ts';
import type { PlanQuestion } from '../../operator/replay/plan.ts';
import type { CliIo } from '../io.ts';

/** Looking up a ledger costs the server some five short calls; more than this would be felt by the service. */
const LOOKUPS_PER_SECOND = 100;
const AT_ONCE = 8;

export type Planning = {
  readonly cases: ReplayCases;
  readonly asked: PolicyAsked;
  readonly selected?: PlanQuestion['selected'];
  readonly io: CliIo;
  /** Ends the stream after what is under way. */
  readonly signal: AbortSignal;
};

/** The plan of each id, in their order, as a stream: memory does not grow with it. */
export function planLines(ids: AsyncIterable<string>, { cases, asked, selected, io, signal }: Planning): AsyncGenerator<PlanLine> {
  const pace = createPace({ perSecond: LOOKUPS_PER_SECOND, now: () => io.now(), sleep: async (durationMs) => await io.sleep(durationMs) });
  const planOne = async (verificationId: string): Promise<PlanLine> => {
    await pace();
    const known = await cases.load(verificationId);
    return planReplay(known, { verificationId, asked, nowMs: io.now(), ...(selected === undefined ? {} : { selected }) });
  };
  return mapInOrder(untilAborted(ids, signal), planOne, { atOnce: AT_ONCE });
}

/** Ends early once the signal has fired. */
export async function* untilAborted<T>(source: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  for await (const item of source) {
    if (signal.aborted) return;
    yield item;
  }
}
