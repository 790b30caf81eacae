import { defined } from '../../domain/defined.ts';
import { mapInOrder } from '../../operator/replay/in-order.ts';
import { InterruptedError, type Patience, PoisonError } from '../../operator/replay/patience.ts';
import type { PlanLine, PolicyAsked } from '../../operator/replay/plan-line.ts';
import { type PlanQuestion, planReplay } from '../../operator/replay/plan.ts';
import type { ReplayCases } from '../../operator/replay/ports.ts';
import type { CliIo } from '../io.ts';
import { turnsOf } from './waiting.ts';

/** Looking up a ledger costs the server some five short calls; more than this would be felt by the service. */
const LOOKUPS_PER_SECOND = 100;
const AT_ONCE = 8;

export type Planning = {
  readonly cases: ReplayCases;
  readonly asked: PolicyAsked;
  readonly selected?: PlanQuestion['selected'];
  readonly patience: Patience;
  readonly io: CliIo;
  /** Ends the stream after what is under way. */
  readonly signal: AbortSignal;
};

/** The plan of each id, in their order, as a stream: memory does not grow with it. */
export async function* planLines(ids: AsyncIterable<string>, planning: Planning): AsyncGenerator<PlanLine> {
  const { io, signal } = planning;
  const turn = turnsOf(io, { perSecond: LOOKUPS_PER_SECOND, signal });
  const planned = mapInOrder(untilAborted(ids, signal), async (id) => ((await turn()) ? await planOne(id, planning) : undefined), {
    atOnce: AT_ONCE,
  });
  for await (const line of planned) if (line !== undefined) yield line;
}

/** Undefined: interrupted. What fails by itself is refused, and does not stand in the way of the others. */
async function planOne(verificationId: string, { cases, asked, selected, patience, io }: Planning): Promise<PlanLine | undefined> {
  try {
    return await patience(
      async () => {
        const known = await cases.load(verificationId);
        return planReplay(known, { verificationId, asked, nowMs: io.now(), ...defined({ selected }) });
      },
      { probe: true },
    );
  } catch (error) {
    if (error instanceof InterruptedError) return undefined;
    if (error instanceof PoisonError) return { verificationId, action: 'REFUSE', code: 'UNREADABLE', problem: error.message };
    throw error;
  }
}

/** Ends early once the signal has fired. */
export async function* untilAborted<T>(source: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  for await (const item of source) {
    if (signal.aborted) return;
    yield item;
  }
}
