import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { runs } from '../properties/runs.ts';
import { type Command, createVmRuns, RUN_ID, type VmRun } from '../support/vm-run.ts';
import { firstWorld } from './begin.ts';
import { homeOf } from './ledger.ts';
import { stepsFrom } from './search.ts';
import { REAL_RULES } from './rules.ts';
import type { Size } from './size.ts';
import { systemSteps } from './system.ts';
import { ANSWER_NAMES } from './vendor.ts';
import type { Ordered, Run, Told, World } from './world.ts';

const RECEIPT = { topic: 'outcomes', partition: 0, offset: '1' };

const SIZE: Size = {
  name: 'walks',
  what: 'whatever can happen to a home run alone',
  maxReads: 3,
  maxRefusals: 1,
  answers: ANSWER_NAMES,
  acts: ['CANCEL', 'HINT', 'STOP_EMISSION', 'REDISPATCH'],
  atMost: { acts: 3, losses: 3 },
};
const SCENE = { size: SIZE, rules: REAL_RULES };

const WHAT_HAPPENS = [
  'CANCEL_REQUESTED',
  'EMISSION_STOPPED',
  'EMITTED',
  'HINTED',
  'POSTPONED AT ONCE',
  'PUBLISHED AT ONCE',
  'READ_COMPLETED',
  'READ_TIMED_OUT',
  'TIMER_FIRED',
];

/** The explorer has a loop of its own around `decide` and `evolve`: this keeps it to the one in `workflows`. */
describe('the loop of the explorer', () => {
  let vm: Awaited<ReturnType<typeof createVmRuns>>;
  beforeAll(async () => {
    vm = await createVmRuns(inject('workflowBundlePath'));
  });
  afterAll(() => vm.close());

  it('orders what the bundled workflow orders, on any walk', { timeout: 300_000 }, async () => {
    const seen = new Set<string>();
    const anyWalk = fc.asyncProperty(fc.array(fc.nat(), { minLength: 40, maxLength: 90 }), async (choices) => {
      const first = firstWorld(SCENE);
      const { input } = homeOf(first);
      const { run, commands } = await vm.start(input, first.nowMs);
      try {
        await walk({ run, choices, seen }, { world: first, commands });
      } finally {
        await run.dispose();
      }
    });
    await fc.assert(anyWalk, runs(150));
    // Few walks publish at once, and one time in some thirty none of so many does.
    for (let more = 1; more <= 10 && seen.size < WHAT_HAPPENS.length; more += 1) await fc.assert(anyWalk, runs(150));
    expect([...seen].toSorted()).toEqual(WHAT_HAPPENS);
  });
});

type Walk = { readonly run: VmRun; readonly choices: readonly number[]; readonly seen: Set<string> };

/** Lets the world go on by the choices given; the real workflow is told whatever the home run is told. */
async function walk({ run, choices, seen }: Walk, begin: { readonly world: World; readonly commands: readonly Command[] }): Promise<void> {
  let { world } = begin;
  for (const choice of choices) {
    const before = homeOf(world);
    if (before.status !== 'OPEN') return;
    // One event a workflow task, as the workflow is driven here.
    const steps = before.inbox.length > 0 ? await systemSteps(world, SCENE) : await stepsFrom(world, SCENE);
    const step = steps[choice % steps.length];
    if (step === undefined) throw new Error('an open run can always go on');
    world = step.world;
    const after = homeOf(world);
    const task = after.tasks[before.tasks.length];
    if (task === undefined) continue;
    const [told] = task.told;
    if (told === undefined) throw new Error('a workflow task deals with something');
    // No way to tell the driven workflow of a schedule-to-start time-out.
    if (told.kind === 'READ_TIMED_OUT' && told.neverTaken) return;
    const commands = told.kind === 'STARTED' ? begin.commands : await tellReal(run, { told, atMs: task.atMs });
    if (told.kind !== 'STARTED') seen.add(told.kind);
    if (task.ordered?.kind === 'EMIT' && task.ordered.atOnce !== undefined) {
      await emitAtOnce({ run, seen }, { ordered: task.ordered, commands, atMs: task.atMs });
      continue;
    }
    expect(asOrdered(commands)).toEqual(asJson(expected(task.ordered, { after, before, atMs: task.atMs })));
  }
}

function tellReal(run: VmRun, { told, atMs }: { readonly told: Told; readonly atMs: number }): Promise<Command[]> {
  switch (told.kind) {
    case 'TIMER_FIRED':
      return run.timerFired(atMs);
    case 'HINTED':
      return run.signalled('hint', told.hint, atMs);
    case 'CANCEL_REQUESTED':
      return run.cancelled(atMs);
    case 'READ_COMPLETED':
      return run.activityEnded(asReal(told.answer), atMs);
    case 'EMITTED':
      return run.activityEnded(RECEIPT, atMs);
    case 'READ_TIMED_OUT':
    case 'EMISSION_STOPPED':
      // What was completed by hand with nonsense is as good as lost.
      return run.activityEnded('by hand', atMs);
    case 'STARTED':
    case 'EMISSION_RECOVERED':
    case 'HOME_GONE':
      throw new Error(`a home run is not told ${told.kind} here`);
  }
}

type AtOnce = { readonly ordered: Extract<Ordered, { kind: 'EMIT' }>; readonly commands: readonly Command[]; readonly atMs: number };

/** The real workflow is told what became of the emission that its task has begun. */
async function emitAtOnce(
  { run, seen }: Pick<Walk, 'run' | 'seen'>,
  { ordered: { order, atOnce }, commands, atMs }: AtOnce,
): Promise<void> {
  const name = 'emitOutcome';
  expect(asOrdered(commands)).toEqual(asJson([{ kind: 'LOCAL_ACTIVITY', name, order }]));
  const isOut = atOnce === 'PUBLISHED';
  seen.add(`${atOnce} AT ONCE`);
  const after = await run.activityEnded(isOut ? RECEIPT : { kind: 'POSTPONED', why: 'KAFKA_SLOW' }, atMs);
  const follows = isOut ? { kind: 'COMPLETE', result: { outcome: order.event, emission: RECEIPT } } : { kind: 'ACTIVITY', name, order };
  expect(asOrdered(after)).toEqual(asJson([follows]));
}

type Now = { readonly before: Run; readonly after: Run; readonly atMs: number };

/** What the explorer's run has ordered, as the commands of the real one. */
function expected(ordered: Ordered | undefined, { before, after, atMs }: Now): readonly unknown[] {
  switch (ordered?.kind) {
    case 'READ':
      return [{ kind: 'ACTIVITY', name: 'getResult', order: ordered.order }];
    case 'EMIT':
      return [{ kind: 'ACTIVITY', name: 'emitOutcome', order: ordered.order }];
    case 'TIMER':
      return [{ kind: 'TIMER', ms: ordered.untilMs - atMs }];
    case undefined: {
      const { awaits } = before.standing;
      if (after.status === 'OPEN' || awaits?.kind !== 'EMIT') return [];
      return [{ kind: 'COMPLETE', result: { outcome: awaits.order.event, emission: RECEIPT } }];
    }
  }
}

/** The run's id is another in the driven workflow. */
function asOrdered(commands: readonly Command[]): unknown {
  return JSON.parse(JSON.stringify(commands.filter(({ kind }) => kind !== 'CANCEL_TIMER')).replaceAll(RUN_ID, 'r0'));
}

function asReal(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value).replaceAll('"r0"', `"${RUN_ID}"`));
}

function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
