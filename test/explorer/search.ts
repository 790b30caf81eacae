import { firstWorld } from './begin.ts';
import { createGraph } from './graph.ts';
import { lossSteps } from './losses.ts';
import { operatorSteps } from './operators.ts';
import { PROPERTIES, type PropertyName, type Violation, violationIn } from './properties.ts';
import { type Scene, systemSteps } from './system.ts';
import type { Step, World } from './world.ts';

export type Found = {
  readonly states: number;
  readonly steps: number;
  /** The longest of the shortest ways from the beginning to a state, in steps. */
  readonly depth: number;
  /** False if the limit was reached, or a violation found, before everything was seen. */
  readonly complete: boolean;
  /** Every series of outcomes that consumers can come to see, as `1 ERROR, 2 PASSED`. */
  readonly endings: ReadonlySet<string>;
  /** With a shortest way to it, in words. */
  readonly violation?: Violation & { readonly trace: readonly string[] };
};

export type Progress = Pick<Found, 'states' | 'steps' | 'depth'> & { readonly waiting: number };
export type Limits = {
  readonly mostStates?: number;
  /** Anything else that is broken is passed over. Absent: everything is looked for. */
  readonly lookFor?: readonly PropertyName[];
  /** Told now and then. */
  readonly onProgress?: (progress: Progress) => void;
};

const PROGRESS_EVERY = 1_000;

/** A state to walk on from. `steps`: those that lead on, where they are known already. */
type Waiting = { readonly index: number; readonly world: World; readonly steps?: readonly Step[] };

/**
 * Walks through every state that the scene can come to, nearest first, so that the way to the first violation is a
 * shortest one. Afterwards every state must have a way to an end on which nobody but the system acts.
 */
export async function explore(scene: Scene, { mostStates = Number.POSITIVE_INFINITY, lookFor, onProgress }: Limits = {}): Promise<Found> {
  const graph = createGraph(scene.rules);
  const first = firstWorld(scene);
  /** By their distance from the beginning. */
  const waiting: Waiting[][] = [[{ world: first, index: graph.begin(first) }]];
  const endings = new Set<string>();
  let [depth, steps, expanded, left] = [0, 0, 0, 1];
  for (; depth < waiting.length && graph.size() < mostStates; depth += 1) {
    for (const { index, world, steps: known } of waiting[depth] ?? []) {
      left -= 1;
      if (graph.distanceOf(index) < depth) continue;
      const leadingOn = known ?? (await stepsFrom(world, scene));
      if (isOver(world)) {
        graph.ends(index);
        for (const ending of endingsOf(world)) endings.add(ending);
      }
      for (const step of leadingOn) {
        const way = await followed(step, { from: world, scene });
        steps += way.says.length;
        const reached = graph.reach(way, { from: index });
        if (way.violation !== undefined && lookFor?.includes(way.violation.property) !== false) {
          const violation = { ...way.violation, trace: graph.trace(reached.index) };
          return { states: graph.size(), steps, depth: violation.trace.length - 1, complete: false, endings, violation };
        }
        if (!reached.isNearer) continue;
        left += 1;
        (waiting[depth + way.says.length] ??= []).push({ index: reached.index, world: way.world, ...(way.next && { steps: way.next }) });
      }
      expanded += 1;
      if (expanded % PROGRESS_EVERY === 0) onProgress?.({ states: graph.size(), steps, depth, waiting: left });
    }
    waiting[depth] = [];
  }
  const complete = depth >= waiting.length;
  for (const layer of waiting) for (const { index } of layer ?? []) graph.ends(index);
  const stuck = complete ? graph.stuck() : undefined;
  const about = { states: graph.size(), steps, depth: depth - 1, complete, endings };
  if (stuck === undefined) return about;
  return { ...about, violation: { property: 'NO_END', says: `not so: ${PROPERTIES.NO_END}`, trace: graph.trace(stuck) } };
}

export async function stepsFrom(world: World, scene: Scene): Promise<readonly Step[]> {
  return [...(await systemSteps(world, scene)), ...(await lossSteps(world, scene)), ...(await operatorSteps(world, scene))];
}

function isOver({ runs }: World): boolean {
  return runs.every(({ status }) => status !== 'OPEN');
}

/** With and without what nobody can say whether it was published. */
function endingsOf({ topic, perhaps }: World): readonly string[] {
  const name = ({ revision, outcome }: World['topic'][number]): string => `${revision} ${outcome}`;
  const series = perhaps.reduce<readonly string[][]>(
    (all, event) => [...all, ...all.map((told) => [...told, name(event)])],
    [topic.map(name)],
  );
  return series.map((told) => [...new Set(told)].toSorted().join(', '));
}

/** One step or several, of which only the last leaves a choice. `next`: the choice, if it was looked at. */
type Way = {
  readonly says: readonly string[];
  readonly world: World;
  readonly fair: boolean;
  readonly violation?: Violation;
  readonly next?: readonly Step[];
};

/** Goes on with a step as long as there is just one that can follow: such states need not be remembered. */
async function followed(step: Step, { from, scene }: { readonly from: World; readonly scene: Scene }): Promise<Way> {
  const says: string[] = [];
  let before = from;
  for (let last = step; ;) {
    says.push(saysOf(last, before));
    const { world } = last;
    const about = { says, world, fair: step.fair };
    const violation = violationIn(world, { before, size: scene.size });
    if (violation !== undefined) return { ...about, violation };
    if (world.left.acts > 0 || world.left.losses > 0) return about;
    const next = await stepsFrom(world, scene);
    const [only] = next;
    if (only === undefined || next.length > 1 || !only.fair || says.length >= LONGEST_WAY) return { ...about, next };
    before = world;
    last = only;
  }
}

/** Longer ones may go round in circles. */
const LONGEST_WAY = 50;

/** A request that leaves while nobody waits for it has no step of its own. */
function saysOf(step: Step, { vendor }: World): string {
  const { requests, counted } = step.world.vendor;
  if (requests === vendor.requests || step.says.includes('sends request')) return step.says;
  return `${step.says}; its request leaves all the same (${counted} counted by the vendor)`;
}
