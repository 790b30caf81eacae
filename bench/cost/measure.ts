import { promisesMade } from '../cpu/promises.ts';
import { type Counters, settledCounters } from './counters.ts';
import { historyOf, type Left, leftBy } from './history.ts';
import { type Kind, KINDS, type Subject } from './kinds.ts';
import { openCostRig } from './rig.ts';

/** What one verification of a kind costs. Everything but `bytes` is exact; ids and times make bytes differ by some. */
export type Cost = {
  readonly kind: string;
  readonly historyWrites: number;
  readonly visibilityWrites: number;
  readonly requests: number;
  readonly events: number;
  readonly bytes: number;
  readonly actions: number;
  /** Made in the sandbox, what the processor time of the workflow thread goes by. */
  readonly promises: number;
};

type MeasureOptions = {
  /** Of each kind this many, one after the other. */
  readonly times: number;
  readonly onKind?: (cost: Cost) => void;
};

/** Counts every kind on a server of its own. */
export async function measureCosts({ times, onKind = () => undefined }: MeasureOptions): Promise<readonly Cost[]> {
  const rig = await openCostRig();
  try {
    // The first of all meets cold caches of the server.
    for (const kind of KINDS) await kind.run(rig, await kind.before?.(rig));
    const costs: Cost[] = [];
    let from = await settledCounters(rig.metricsPort, rig.namespace);
    for (const kind of KINDS) {
      const befores: (Subject | undefined)[] = [];
      for (let time = 0; time < times; time += 1) befores.push(await kind.before?.(rig));
      if (kind.before !== undefined) from = await settledCounters(rig.metricsPort, rig.namespace);
      const subjects: Subject[] = [];
      for (const before of befores) subjects.push(await kind.run(rig, before));
      const to = await settledCounters(rig.metricsPort, rig.namespace);
      const left = await Promise.all(subjects.map((subject) => leftBy(rig.client, subject)));
      const last = subjects.at(-1);
      if (last === undefined) throw new Error('nothing was run, so nothing can be counted');
      const made = await promisesMade(await historyOf(rig.client, last), kind.isNaive ? rig.bundles.naive : rig.bundles.ours);
      const cost = { ...costOf(kind, { from, to, left }), promises: made.length };
      costs.push(cost);
      onKind(cost);
      from = to;
    }
    return costs;
  } finally {
    await rig.close();
  }
}

type Counted = { readonly from: Counters; readonly to: Counters; readonly left: readonly Left[] };

function costOf({ name: kind }: Kind, { from, to, left }: Counted): Omit<Cost, 'promises'> {
  const used = (name: keyof Counters): number => rounded((to[name] - from[name]) / left.length);
  const median = (name: keyof Left): number =>
    left.map((one) => one[name]).toSorted((one, other) => one - other)[Math.floor(left.length / 2)] ?? 0;
  return {
    kind,
    historyWrites: used('historyWrites'),
    visibilityWrites: used('visibilityWrites'),
    requests: used('requests'),
    events: median('events'),
    bytes: median('bytes'),
    actions: median('actions'),
  };
}

/** A number that is no whole one shows that two ways of the server took turns. */
function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
