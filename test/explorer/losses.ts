import { deadlineMs } from '../../src/domain/state.ts';
import type { PortAnswer } from './activities.ts';
import { homeOf } from './ledger.ts';
import { afterGrant, givenUp, hasJustBegun, heard, published, type Scene, tell, workerTakes, type Working } from './system.ts';
import { type Pending, type Run, type Step, type Work, withRun, type World } from './world.ts';
import { activityName } from './words.ts';

// What may go wrong: workers that are killed or frozen, answers of Temporal and Kafka that are lost, time that runs out. A
// worker that never goes on needs no step of its own: the time-out of its activity is enough, and whether it was killed before
// its request left, after it, or goes on after all, is the order of the steps.

export async function lossSteps(world: World, scene: Scene): Promise<Step[]> {
  const steps: Step[] = [...timePasses(world)];
  for (const run of world.runs)
    if (run.pending !== undefined && run.status === 'OPEN') steps.push(...timeOuts(world, { run, pending: run.pending, scene }));
  if (world.left.losses === 0) return steps;
  const poorer = { ...world, left: { ...world.left, losses: world.left.losses - 1 } };
  for (const run of world.runs) {
    const { pending, status } = run;
    if (status !== 'OPEN' || pending === undefined || pending.taken || pending.ordered.kind !== 'READ') continue;
    steps.push({ ...(await workerTakes(poorer, { run, pending, scene, keyless: true })), fair: false });
  }
  for (const work of world.works) steps.push(...(await lostAnswers(poorer, { work, scene })));
  return steps;
}

/** Nobody does anything until the window is over. Only where somebody looks at the time does it make a difference. */
function timePasses(world: World): Step[] {
  const endsAtMs = deadlineMs(homeOf(world).standing.state.assignment) + 1;
  const matters =
    world.left.acts > 0 ||
    world.works.some(({ next }) => next.wants === 'REQUEST') ||
    world.runs.some(
      ({ status, inbox, standing, pending }) =>
        status === 'OPEN' && (inbox.length > 0 || standing.awaits?.kind === 'TIMER' || pending?.taken === false),
    );
  if (world.nowMs >= endsAtMs || !matters) return [];
  return [{ says: 'the window ends before anything else happens', world: { ...world, nowMs: endsAtMs }, fair: false }];
}

type Waiting = { readonly run: Run; readonly pending: Pending; readonly scene: Scene };

function timeOuts(world: World, { run, pending, scene: { rules, size } }: Waiting): Step[] {
  const { ordered, taken, failedBefore } = pending;
  const { activityId } = ordered;
  const who = activityName(run.id, ordered);
  if (ordered.kind === 'READ' && !taken) {
    const { deadlineAt } = ordered.order;
    if (world.nowMs < Date.parse(deadlineAt)) return [];
    const neverTaken = rules.wasNeverTaken({ hadEarlierAttempt: failedBefore, endedAt: new Date(world.nowMs).toISOString(), deadlineAt });
    return [timedOut(world, { run, activityId, neverTaken, says: `no worker takes ${who} before the deadline: it times out` })];
  }
  // A worker that has just begun can go on, silent, to wherever it could have got before.
  const begins = size.everywhere === true ? taken : hasJustBegun(pending, { works: world.works, runId: run.id });
  if (world.left.losses === 0 || !begins) return [];
  const poorer = { ...world, left: { ...world.left, losses: world.left.losses - 1 } };
  if (ordered.kind === 'READ')
    return [timedOut(poorer, { run, activityId, neverTaken: false, says: `the worker of ${who} is silent for too long: it times out` })];
  const after = withRun(givenUp(poorer, { runId: run.id, activityId }), { ...run, pending: { ...pending, taken: false } });
  return [{ says: `the worker of ${who} is silent for too long: it will be repeated`, world: after, fair: false }];
}

type TimedOut = { readonly run: Run; readonly activityId: string; readonly neverTaken: boolean; readonly says: string };

/** The read's time-out is in the history. Whoever executes it may go on, and nobody listens. */
export function timedOut(world: World, { run, activityId, neverTaken, says }: TimedOut): Step {
  const { pending: _over, ...rest } = run;
  const told = { kind: 'READ_TIMED_OUT', activityId, atMs: world.nowMs, neverTaken } as const;
  return { says, world: tell(givenUp(world, { runId: run.id, activityId }), { run: rest, told }), fair: false };
}

const FAILED: PortAnswer = { kind: 'FAILED' };

async function lostAnswers(world: World, working: Working): Promise<Step[]> {
  const { work } = working;
  const { next } = work;
  const lost = async (says: string, { answer, after = world }: { answer: PortAnswer; after?: World }): Promise<Step> => ({
    says: `${activityName(work.runId, work.ordered)} ${says}`,
    world: await heard(after, { ...working, answer }),
    fair: false,
  });
  switch (next.wants) {
    case 'LEDGER':
      return await Promise.all(
        doubts(work).map((answer) => lost(`asks the ledger, which does not know: ${answer.answer.doubt}`, { answer })),
      );
    case 'REVISIONS':
      return [await lost('asks for the revisions, and Temporal does not answer', { answer: FAILED })];
    case 'READ_GRANT':
    case 'REVISION_GRANT': {
      const { after, answer } = afterGrant(world, { next, rules: working.scene.rules });
      const what = next.wants === 'READ_GRANT' ? `the grant of read ${next.input.read}` : `the grant of revision ${next.input.revision}`;
      const unheard = await lost(`asks for ${what}, and is not heard`, { answer: FAILED });
      if (answer === 'TAKEN') return [unheard];
      return [
        unheard,
        await lost(`is given ${what} and does not hear of it`, { answer: FAILED, after }),
        await lost(`is given ${what} and hears, asking once more, that it is taken`, { answer: { kind: 'GRANT', answer: 'TAKEN' }, after }),
      ];
    }
    case 'PUBLISH':
      return [
        await lost('does not reach Kafka', { answer: FAILED }),
        await lost('publishes and does not hear of it', { answer: FAILED, after: published(world, next.event) }),
      ];
    default:
      return [];
  }
}

/** Temporal is away; or visibility lags, which only matters to whoever has to search for the home run. */
function doubts({ next }: Work) {
  const away = { kind: 'LEDGER', answer: { kind: 'UNKNOWN', doubt: 'SERVER_UNAVAILABLE' } } as const;
  if (next.wants !== 'LEDGER' || next.question.homeRunId !== undefined) return [away];
  return [away, { kind: 'LEDGER', answer: { kind: 'UNKNOWN', doubt: 'HOME_NOT_FOUND', runIds: [] } } as const];
}
