import type { VerificationInput } from '../../src/contracts/workflow.ts';
import { workflowIdOf } from '../../src/domain/ids.ts';
import type { Policy } from '../../src/domain/policy.ts';
import type { Ruling } from '../../src/domain/ledger/asking-run.ts';
import { orderedInput, orderOn } from '../../src/operator/replay/plan.ts';
import type { KnownCase } from '../../src/operator/replay/ports.ts';
import { idOf } from './interned.ts';
import { consult, homeOf, revisionsIn } from './ledger.ts';
import { timedOut } from './losses.ts';
import type { Rules } from './rules.ts';
import { VERIFICATION_ID } from './size.ts';
import { begun, givenUp, hasJustBegun, type Scene, tell } from './system.ts';
import { iso, type Pending, type Run, type Step, type Told, withRun, type World } from './world.ts';
import { activityName } from './words.ts';
import { firstStanding } from './workflow.ts';

// What operators do with the Temporal UI and CLI and with our own command (docs/runbook.md, Operator hazards): each act at a
// millisecond of its own, because people are slower than machines.

type Act = (world: World, scene: Scene) => Promise<readonly Done[]> | readonly Done[];
type Done = { readonly says: string; readonly world: World };

const MAIN = workflowIdOf(VERIFICATION_ID);
const COPY = 'fv-copy';

const ACTS = {
  RESET: resets,
  TERMINATE: terminations,
  START_AGAIN: startsAgain,
  START_EDITED: startsEdited,
  START_COPY: startsCopy,
  REPLAY: (world: World, scene: Scene) => replays(world, { scene, change: {} }),
  REPLAY_STRICTER: (world: World, scene: Scene) => replays(world, { scene, change: { requiredFar: '1e-6' } }),
  APPROVE: (world: World, scene: Scene) => decisions(world, { scene, verdict: 'APPROVED', sawBefore: 0 }),
  REJECT: (world: World, scene: Scene) => decisions(world, { scene, verdict: 'REJECTED', sawBefore: 0 }),
  REJECT_LATE: (world: World, scene: Scene) => decisions(world, { scene, verdict: 'REJECTED', sawBefore: 1 }),
  CANCEL: (world: World) => tellEach(world, { kind: 'CANCEL_REQUESTED' }),
  HINT: (world: World) => tellEach(world, { kind: 'HINTED', hint: { kind: 'SESSION_ENDED', trusted: true } }),
  REDISPATCH: redispatches,
  SHORTEN: shortenings,
  STOP_EMISSION: stops,
  ACTIVITY_START: activityStarts,
} as const satisfies Record<string, Act>;

export type ActName = keyof typeof ACTS;

/** Acts of which it does not matter whether they come in the same millisecond as what was before. */
const TIMELESS: ReadonlySet<ActName> = new Set(['RESET', 'TERMINATE', 'CANCEL', 'STOP_EMISSION']);

export async function operatorSteps(world: World, scene: Scene): Promise<Step[]> {
  if (world.left.acts === 0) return [];
  const open = openRuns(world);
  if (scene.size.everywhere !== true && open.length > 0 && !open.some((run) => isAtRest(run, world))) return [];
  const at = { ...world, left: { ...world.left, acts: world.left.acts - 1 } };
  const later = { ...at, nowMs: at.nowMs + 1 };
  const steps: Step[] = [];
  for (const name of scene.size.acts) {
    const done = await ACTS[name](TIMELESS.has(name) ? at : later, scene);
    steps.push(...done.map(({ says, world: after }) => ({ says: `an operator ${says}`, world: after, fair: false })));
  }
  return steps;
}

/**
 * Whether an act finds here what it does not find a step earlier or later. A worker that has just taken an activity can go
 * on after the act to wherever it could have got before it, so no act has to wait for that; a timer that has fired, and an
 * outcome that only has to be confirmed, make no difference to anybody else.
 */
function isAtRest({ id, inbox, pending }: Run, { works }: World): boolean {
  if (inbox.length > 0) return inbox.every((told) => told.kind === 'READ_COMPLETED' || (told.kind === 'READ_TIMED_OUT' && told.neverTaken));
  return pending === undefined || hasJustBegun(pending, { works, runId: id });
}

function openRuns({ runs }: World): readonly Run[] {
  return runs.filter(({ status }) => status === 'OPEN');
}

/** The open run of this workflow id ends without any further task; its workers go on. */
function terminated(world: World, workflowId: string): World {
  const open = openRuns(world).find((run) => run.workflowId === workflowId);
  if (open === undefined) return world;
  const { pending: _over, ...run } = open;
  return givenUp(withRun(world, { ...run, status: 'TERMINATED' }), { runId: open.id });
}

function terminations(world: World): readonly Done[] {
  return openRuns(world).map((run) => ({ says: `terminates ${run.id}`, world: terminated(world, run.workflowId) }));
}

/** To any task of any run, also of one that was reset itself. Hints that came later are told to the new run again. */
function resets(world: World): readonly Done[] {
  return world.runs.flatMap((base) =>
    base.tasks.map((task, index) => {
      const ended = terminated(world, base.workflowId);
      const id = nameOfNext(world);
      const later = [...base.tasks.slice(index + 1).flatMap(({ told }) => told), ...base.inbox].filter(({ kind }) => kind === 'HINTED');
      const inbox: readonly Told[] = [...task.told, ...later];
      const pending = pendingAgain(task.before.awaits, { tasks: base.tasks.slice(0, index), told: task.told, nowMs: world.nowMs });
      const { pending: _old, ...copied } = base;
      const run: Run = { ...copied, id, status: 'OPEN', tasks: base.tasks.slice(0, index), inbox, standing: task.before, ...pending };
      return { says: `resets ${base.id} to its task ${index + 1}: ${id} begins`, world: { ...ended, runs: [...ended.runs, run] } };
    }),
  );
}

type Prefix = { readonly tasks: Run['tasks']; readonly told: readonly Told[]; readonly nowMs: number };

/** An activity that the part of the history before the reset has scheduled and not ended is dispatched once more. */
function pendingAgain(awaits: Run['standing']['awaits'], { tasks, told, nowMs }: Prefix): Pick<Run, 'pending'> {
  const isOpen = told.every(({ kind }) => kind === 'HINTED' || kind === 'CANCEL_REQUESTED');
  if (awaits === undefined || awaits.kind === 'TIMER' || !isOpen) return {};
  const scheduledAtMs = tasks.find(({ ordered }) => ordered === awaits)?.atMs ?? nowMs;
  return { pending: { ordered: awaits, scheduledAtMs, dispatchedAtMs: nowMs, attempt: 1, taken: false, failedBefore: false } };
}

function nameOfNext({ runs }: World): string {
  return `r${runs.length}`;
}

/** A run that is its own original and bears no stamp: whatever is started but by ingress. An open one is ended for it. */
function started(world: World, { input, workflowId = MAIN }: { readonly input: VerificationInput; readonly workflowId?: string }): World {
  const ended = terminated(world, workflowId);
  const id = nameOfNext(world);
  const run = {
    id,
    workflowId,
    originalRunId: id,
    stamped: false,
    input,
    status: 'OPEN',
    tasks: [],
    inbox: [{ kind: 'STARTED' }],
  } as const;
  return { ...ended, runs: [...ended.runs, { ...run, standing: firstStanding({ input }) }] };
}

function startsAgain(world: World): readonly Done[] {
  const inputs = new Map(world.runs.map((run) => [idOf(run.input), run]));
  return [...inputs.values()].map(({ id, input }) => ({
    says: `starts ${nameOfNext(world)} like ${id}${openRuns(world).length === 0 ? '' : ', which ends what runs'}`,
    world: started(world, { input }),
  }));
}

/** With one more read, and with a longer window. */
function startsEdited(world: World): readonly Done[] {
  const { input } = homeOf(world);
  const { policy } = input;
  const longer = 4 * 60_000;
  const edited = (changes: Partial<Policy>, deadlineAt = input.deadlineAt) => ({ ...input, deadlineAt, policy: { ...policy, ...changes } });
  const inputs: readonly (readonly [string, VerificationInput])[] = [
    ['one more read', edited({ maxReads: policy.maxReads + 1 })],
    ['a longer window', edited({ windowMs: policy.windowMs + longer }, iso(Date.parse(input.deadlineAt) + longer))],
  ];
  return inputs.map(([what, changed]) => ({ says: `starts ${nameOfNext(world)} with ${what}`, world: started(world, { input: changed }) }));
}

function startsCopy(world: World): readonly Done[] {
  const { input } = homeOf(world);
  return [
    {
      says: `starts ${nameOfNext(world)} from the same input under another workflow id`,
      world: started(world, { input, workflowId: COPY }),
    },
  ];
}

type Replaying = { readonly scene: Scene; readonly change: Pick<Partial<Policy>, 'requiredFar'> };

/** As `replay run` does it, whatever a plan would advise: only its order matters to the run. Not while a run is open. */
async function replays(world: World, { scene: { rules }, change }: Replaying): Promise<readonly Done[]> {
  const known = await knownCase(world, rules);
  if (known === undefined) return [];
  const { input } = known;
  const replay = orderOn(known, { mandate: { operator: 'jane', reason: 'test' }, nowMs: world.nowMs });
  const policy = { requiredFar: input.policy.requiredFar, comparisons: input.comparisons, ...change };
  const how = change.requiredFar === undefined ? '' : ` at ${change.requiredFar}`;
  return [
    { says: `replays it${how}: ${nameOfNext(world)} begins`, world: started(world, { input: orderedInput(input, { policy, replay }) }) },
  ];
}

type Deciding = { readonly scene: Scene; readonly verdict: Ruling['verdict']; readonly sawBefore: 0 | 1 };

/** As `decide --override` does it. `sawBefore`: the person has looked at an earlier revision than the latest. */
async function decisions(world: World, { scene: { rules }, verdict, sawBefore }: Deciding): Promise<readonly Done[]> {
  const known = await knownCase(world, rules);
  if (known === undefined) return [];
  const { input, revisions } = known;
  const latest = revisions.at(-1)?.event.revision ?? 0;
  if (latest < sawBefore) return [];
  const mandate = { operator: 'mia', reason: 'test', ruling: { verdict, reviewer: 'mia' } };
  const { ruling, ...order } = orderOn(known, { mandate, nowMs: world.nowMs });
  const upon = latest - sawBefore;
  const replay = ruling === undefined ? order : { ...order, ruling: { ...ruling, upon } };
  const policy = { requiredFar: input.policy.requiredFar, comparisons: input.comparisons };
  const says = `decides ${verdict} by hand upon revision ${upon}: ${nameOfNext(world)} begins`;
  return [{ says, world: started(world, { input: orderedInput(input, { policy, replay }) }) }];
}

/** What a command finds; undefined while a run is open, or nobody can say. */
async function knownCase(world: World, rules: Rules): Promise<KnownCase | undefined> {
  if (openRuns(world).some(({ workflowId }) => workflowId === MAIN)) return undefined;
  const { id: homeRunId, input } = homeOf(world);
  const answer = await consult(world, { question: { verificationId: VERIFICATION_ID, rule: input.policy, homeRunId }, rules });
  if (answer.kind === 'UNKNOWN') return undefined;
  const { ledger } = answer;
  const { emitted } = ledger;
  const granted = await revisionsIn(world, { first: emitted === undefined ? 1 : emitted.revision + 1, rules });
  return { kind: 'KNOWN', input, ledger, revisions: [...(emitted === undefined ? [] : [{ event: emitted }]), ...granted], owed: false };
}

function tellEach(world: World, told: Extract<Told, { kind: 'HINTED' | 'CANCEL_REQUESTED' }>): readonly Done[] {
  const says = told.kind === 'HINTED' ? 'hints to' : 'cancels';
  return openRuns(world).map((run) => ({ says: `${says} ${run.id}`, world: tell(world, { run, told }) }));
}

type InFlight = { readonly run: Run; readonly pending: Pending };

function inFlight(world: World, kind: Pending['ordered']['kind']): readonly InFlight[] {
  return openRuns(world).flatMap((run) => (run.pending?.ordered.kind === kind ? { run, pending: run.pending } : []));
}

/**
 * Pausing, resetting and re-configuring an activity can dispatch it again, and history does not show it. After an activity
 * reset it is attempt 1 again, and the answer of the worker before is taken for its own.
 */
function redispatches(world: World): readonly Done[] {
  return inFlight(world, 'READ').flatMap(({ run, pending }) => {
    if (!pending.taken) return [];
    const { ordered, scheduledAtMs } = pending;
    const who = activityName(run.id, ordered);
    const again = (changes: Pick<Pending, 'attempt' | 'dispatchedAtMs' | 'failedBefore'>): World => {
      const others = changes.attempt === 1 ? world : givenUp(world, { runId: run.id, activityId: ordered.activityId });
      return withRun(others, { ...run, pending: { ...pending, ...changes, taken: false } });
    };
    const later = { dispatchedAtMs: world.nowMs };
    return [
      { says: `has ${who} dispatched again as attempt 1`, world: again({ attempt: 1, ...later, failedBefore: false }) },
      { says: `has ${who} dispatched again as attempt 2`, world: again({ attempt: 2, ...later, failedBefore: true }) },
      {
        says: `has ${who} dispatched again as attempt 2, by a server that does not say when`,
        world: again({ attempt: 2, dispatchedAtMs: scheduledAtMs, failedBefore: true }),
      },
    ];
  });
}

/** In the back-off after a lost attempt it is reset, and its schedule-to-start time-out shortened, so that it ends at once. */
function shortenings(world: World, { rules }: Scene): readonly Done[] {
  return inFlight(world, 'READ').flatMap(({ run, pending: { ordered, taken } }) => {
    if (!taken || ordered.kind !== 'READ') return [];
    const { deadlineAt } = ordered.order;
    const neverTaken = rules.wasNeverTaken({ hadEarlierAttempt: false, endedAt: iso(world.nowMs), deadlineAt });
    const says = `makes ${activityName(run.id, ordered)} look as if no worker had taken it`;
    return [timedOut(world, { run, activityId: ordered.activityId, neverTaken, says })];
  });
}

function stops(world: World): readonly Done[] {
  return inFlight(world, 'EMIT').map(({ run: { pending: _over, ...run }, pending: { ordered } }) => ({
    says: `stops ${activityName(run.id, ordered)}`,
    world: tell(givenUp(world, { runId: run.id, activityId: ordered.activityId }), { run, told: { kind: 'EMISSION_STOPPED' } }),
  }));
}

/** `temporal activity start` with the input of the first read: no workflow hears of its answer. */
async function activityStarts(world: World, { rules }: Scene): Promise<readonly Done[]> {
  const ordered = homeOf(world)
    .tasks.map((task) => task.ordered)
    .find((one) => one?.kind === 'READ');
  if (ordered === undefined || ordered.kind !== 'READ') return [];
  const { nowMs } = world;
  const dispatch = {
    inWorkflow: false,
    isLocal: false,
    activityId: 'by-hand',
    attempt: 1,
    scheduledTimestampMs: nowMs,
    currentAttemptScheduledTimestampMs: nowMs,
  };
  const work = await begun(
    { ordered: { ...ordered, activityId: 'by-hand' }, dispatch, keyless: false, heard: [] },
    { runId: 'nobody', rules },
  );
  const over = work.next.wants === 'WITHHOLD';
  return [
    {
      says: 'starts the read as an activity of its own',
      world: over ? world : { ...world, works: [...world.works, { ...work, stale: true }] },
    },
  ];
}
