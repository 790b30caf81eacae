import { exhausted } from '../../src/domain/exhaustive.ts';
import type { OutcomeEvent } from '../../src/domain/outcome.ts';
import type { ReadReport } from '../../src/domain/reading/report.ts';
import { deadlineMs } from '../../src/domain/state.ts';
import { type Next, nextOf, type PortAnswer, type Started } from './activities.ts';
import { idOf } from './interned.ts';
import { consult, homeOf, revisionsIn } from './ledger.ts';
import type { Rules } from './rules.ts';
import type { Size } from './size.ts';
import { afterRequest, type AnswerName, httpAnswer, possibleAnswers } from './vendor.ts';
import { iso, type Pending, type Run, runOf, type Step, type Told, type Work, withRun, withWork, type World } from './world.ts';
import { activityName, decisionText, outcomeName, standText } from './words.ts';
import { afterTask, publishedAtOnce } from './workflow.ts';

// What the system does by itself: workflow tasks, timers, workers who take activities and go on with them, the vendor's answers.

export type Scene = { readonly size: Size; readonly rules: Rules };

/** Everything that may happen next by itself. `answer`s of the vendor are its choice, hence one step for each. */
export async function systemSteps(world: World, scene: Scene): Promise<Step[]> {
  // A workflow task follows at once: nothing that a worker or the vendor does meanwhile would make a difference to it.
  const told = world.runs.find(({ status, inbox }) => status === 'OPEN' && inbox.length > 0);
  if (told !== undefined) return workflowTask(world, { run: told, scene });
  const steps: Step[] = [];
  for (const run of world.runs) {
    if (run.status !== 'OPEN') continue;
    const { awaits } = run.standing;
    if (awaits?.kind === 'TIMER') steps.push(timerFires(world, { run, untilMs: awaits.untilMs }));
    if (run.pending?.taken === false) steps.push(await workerTakes(world, { run, pending: run.pending, scene }));
  }
  for (const work of world.works) steps.push(...(await workGoesOn(world, { work, scene })));
  return steps;
}

/** The step that puts an event into the history of a run. */
export function tell(world: World, { run, told }: { readonly run: Run; readonly told: Told }): World {
  return withRun(world, { ...run, inbox: [...run.inbox, told] });
}

function workflowTask(world: World, { run, scene: { rules } }: { readonly run: Run; readonly scene: Scene }): Step[] {
  const after = afterTask({ run, rules, nowMs: world.nowMs });
  const ordinary = { says: `${run.id} ${decisionText(run, after)}`, world: withRun(world, after), fair: true };
  const ordered = after.tasks.at(-1)?.ordered;
  if (ordered?.kind !== 'EMIT' || ordered.atOnce === undefined) return [ordinary];
  const { event } = ordered.order;
  if (!rules.isHome({ workflowId: run.workflowId, runId: run.id }, { ...ordered.order, verificationId: event.verificationId }))
    return [ordinary];
  const sent = published(world, event);
  const says = `${run.id} publishes ${outcomeName(event)} at once and ends`;
  const steps = [
    { says, world: withRun(sent, publishedAtOnce(after)), fair: true },
    { ...ordinary, fair: false },
  ];
  if (world.left.losses === 0) return steps;
  // Its worker dies, or something else comes meanwhile: nothing of the task is in history, and it will be repeated.
  const lost = { ...sent, left: { ...world.left, losses: world.left.losses - 1 } };
  return [...steps, { says: `${run.id} publishes ${outcomeName(event)} at once, and its task is lost`, world: lost, fair: false }];
}

function timerFires(world: World, { run, untilMs }: { readonly run: Run; readonly untilMs: number }): Step {
  const nowMs = Math.max(world.nowMs, untilMs);
  const waited = nowMs - world.nowMs;
  const says = `${waited === 0 ? 'without delay' : `${waited} ms pass, and`} the timer of ${run.id} fires`;
  return { says, world: tell({ ...world, nowMs }, { run, told: { kind: 'TIMER_FIRED' } }), fair: true };
}

type Taking = { readonly run: Run; readonly pending: Pending; readonly scene: Scene; readonly keyless?: boolean };

/** `keyless`: a worker that lacks the key of the token. */
export async function workerTakes(world: World, { run, pending, scene, keyless = false }: Taking): Promise<Step> {
  const { ordered, scheduledAtMs, dispatchedAtMs, attempt } = pending;
  const dispatch = {
    inWorkflow: true,
    isLocal: false,
    activityId: ordered.activityId,
    attempt,
    scheduledTimestampMs: scheduledAtMs,
    currentAttemptScheduledTimestampMs: dispatchedAtMs,
    workflowExecution: { workflowId: run.workflowId, runId: run.id },
  };
  const started = { ordered, dispatch, keyless, heard: [] };
  const work = await begun(started, { runId: run.id, rules: scene.rules });
  const after = withRun(world, { ...run, pending: { ...pending, taken: true } });
  const again =
    attempt === 1 && dispatchedAtMs === scheduledAtMs ? '' : ` again (attempt ${attempt}, ${dispatchedAtMs - scheduledAtMs} ms later)`;
  return {
    says: `a worker${keyless ? ' without the key' : ''} takes ${activityName(run.id, ordered)}${again}: ${standText(work.next)}`,
    world: { ...after, works: [...world.works, work] },
    fair: true,
  };
}

/** A worker begins with an activity. */
export async function begun(started: Started, { runId, rules }: { readonly runId: string; readonly rules: Rules }): Promise<Work> {
  return { ...started, runId, stale: false, next: await nextOf(started, rules) };
}

/** Its worker has asked nobody yet. */
export function hasJustBegun(
  { taken, ordered }: Pending,
  { works, runId }: { readonly works: readonly Work[]; readonly runId: string },
): boolean {
  const isIts = (work: Work): boolean => !work.stale && work.runId === runId && work.ordered.activityId === ordered.activityId;
  return taken && works.some((work) => isIts(work) && work.heard.length === 0);
}

export type Working = { readonly work: Work; readonly scene: Scene };

/** The world once a port has answered the work. */
export async function heard(world: World, { work, scene, answer }: Working & { readonly answer: PortAnswer }): Promise<World> {
  const started = { ...work, heard: [...work.heard, answer] };
  return settled(world, { from: work, to: { ...started, next: await nextOf(started, scene.rules) } });
}

/** The server will not take the answer of whatever executes this activity, or any activity of the run; it goes on all the same. */
export function givenUp(world: World, { runId, activityId }: { readonly runId: string; readonly activityId?: string }): World {
  const isMeant = (work: Work): boolean => work.runId === runId && (activityId === undefined || work.ordered.activityId === activityId);
  return world.works.filter(isMeant).reduce((after, work) => settled(after, { from: work, to: { ...work, stale: true } }), world);
}

/**
 * What a work that the server has given up can still do. Its report is not heard. A request may leave at any time, and none
 * that leaves later counts for more than one that leaves at once; an outcome that it may publish may be on the topic from
 * now on. So only one that asks Temporal first has to be followed any further.
 */
function settled(world: World, { from, to }: { readonly from: Work; readonly to: Work }): World {
  const { next, ordered } = to;
  if (!to.stale) return withWork(world, { from, to });
  switch (next.wants) {
    case 'LEDGER':
    case 'REVISIONS':
    case 'READ_GRANT':
    case 'REVISION_GRANT':
      return withWork(world, { from, to });
    case 'REQUEST': {
      const gone = withWork(world, { from, to: undefined });
      if (ordered.kind !== 'READ' || world.nowMs > Date.parse(ordered.order.deadlineAt)) return gone;
      return { ...gone, vendor: afterRequest(world.vendor, { name: 'NO_ANSWER', inTime: true }) };
    }
    case 'PUBLISH': {
      const gone = withWork(world, { from, to: undefined });
      return { ...gone, perhaps: withEvent(gone.perhaps, next.event) };
    }
    default:
      return withWork(world, { from, to: undefined });
  }
}

async function workGoesOn(world: World, working: Working): Promise<Step[]> {
  const { work, scene } = working;
  const { next } = work;
  const who = activityName(work.runId, work.ordered) + (work.stale ? ', given up by the server,' : '');
  const step = (says: string, after: World): Step[] => [{ says: `${who} ${says}`, world: after, fair: true }];
  const hears = (answer: PortAnswer): Promise<World> => heard(world, { ...working, answer });
  switch (next.wants) {
    case 'LEDGER': {
      const answer = await consult(world, { question: next.question, rules: scene.rules });
      return step(
        `asks the ledger: ${answer.kind === 'UNKNOWN' ? answer.doubt : `${answer.ledger.counted} counted`}`,
        await hears({ kind: 'LEDGER', answer }),
      );
    }
    case 'REVISIONS':
      return step(
        'asks for the revisions',
        await hears({ kind: 'REVISIONS', answer: await revisionsIn(world, { ...next, rules: scene.rules }) }),
      );
    case 'READ_GRANT':
    case 'REVISION_GRANT': {
      const { after, answer } = afterGrant(world, { next, rules: scene.rules });
      const what = next.wants === 'READ_GRANT' ? `read ${next.input.read}` : `revision ${next.input.revision}`;
      return step(`asks for the grant of ${what}: ${answer}`, await heard(after, { ...working, answer: { kind: 'GRANT', answer } }));
    }
    case 'REQUEST':
      return await requestSteps(world, working);
    case 'PUBLISH':
      return step(
        `publishes ${outcomeName(next.event)}`,
        await heard(published(world, next.event), { ...working, answer: { kind: 'RECEIPT' } }),
      );
    default:
      return step(standText(next), reported(world, { work, next }));
  }
}

type GrantWanted = Extract<Next, { wants: 'READ_GRANT' | 'REVISION_GRANT' }>;

/** A grant is made once ever, unless a control forgets it. */
export function afterGrant(
  world: World,
  { next, rules }: { readonly next: GrantWanted; readonly rules: Rules },
): { after: World; answer: 'GRANTED' | 'TAKEN' } {
  const takenAtMs = world.nowMs;
  if (next.wants === 'READ_GRANT') {
    const { input } = next;
    if (world.readGrants.some(({ read }) => read === input.read)) return { after: world, answer: 'TAKEN' };
    const readGrants = rules.keeps.reads ? [...world.readGrants, { ...input, takenAtMs }] : world.readGrants;
    return { after: { ...world, readGrants }, answer: 'GRANTED' };
  }
  const { input } = next;
  if (world.revisionGrants.some(({ revision }) => revision === input.revision)) return { after: world, answer: 'TAKEN' };
  const revisionGrants = rules.keeps.revisions ? [...world.revisionGrants, { ...input, takenAtMs }] : world.revisionGrants;
  return { after: { ...world, revisionGrants }, answer: 'GRANTED' };
}

export function published(world: World, event: OutcomeEvent): World {
  return { ...world, topic: withEvent(world.topic, event) };
}

function withEvent(events: readonly OutcomeEvent[], event: OutcomeEvent): readonly OutcomeEvent[] {
  return events.some((other) => idOf(other) === idOf(event)) ? events : [...events, event];
}

async function requestSteps(world: World, working: Working): Promise<Step[]> {
  const { work, scene } = working;
  const { size, rules } = scene;
  const { ordered } = work;
  if (ordered.kind !== 'READ') throw new Error('only a read asks the vendor');
  const who = activityName(work.runId, ordered) + (work.stale ? ', given up by the server,' : '');
  const at = iso(world.nowMs);
  const report = async (says: string, { answer, after }: { answer: ReadReport; after: World }): Promise<Step> => ({
    says: `${who} ${says}`,
    world: await heard(after, { ...working, answer: { kind: 'REPORT', answer } }),
    fair: true,
  });
  if (!rules.sends(world.nowMs, Date.parse(ordered.order.deadlineAt))) {
    return [
      await report('is too late and sends nothing', { answer: { kind: 'UNSENT', cause: 'WINDOW_PASSED', endedAt: at }, after: world }),
    ];
  }
  const inTime = world.nowMs <= deadlineMs(homeOf(world).standing.state.assignment);
  const steps: Step[] = [];
  for (const name of possibleAnswers(world.vendor, { among: size.answers, maxReads: size.maxReads })) {
    const losses = world.left.losses - (name === 'NOT_CONNECTED' ? 1 : 0);
    if (losses < 0) continue;
    const vendor = afterRequest(world.vendor, { name, inTime });
    const after = { ...world, vendor, left: { ...world.left, losses } };
    const says =
      name === 'NOT_CONNECTED'
        ? 'does not reach the vendor'
        : `sends request ${vendor.requests}: ${name}, ${vendor.counted} counted by the vendor`;
    steps.push(await report(says, { answer: reportOf(name, { at, rules }), after }));
  }
  return steps;
}

function reportOf(name: AnswerName, { at, rules }: { readonly at: string; readonly rules: Rules }): ReadReport {
  if (name === 'NOT_CONNECTED') return { kind: 'UNSENT', cause: 'CONNECT_FAILED', endedAt: at };
  const answer = httpAnswer(name, at);
  return answer === undefined ? { kind: 'UNCERTAIN', cause: 'TIMEOUT', sentAt: at, endedAt: at } : rules.classify(answer);
}

/** The end of an activity reaches the server, and with it the history of its run. */
function reported(world: World, { work, next }: { readonly work: Work; readonly next: Next }): World {
  const { pending, ...run } = runOf(world, work.runId);
  const { activityId } = work.ordered;
  const others = withWork(world, { from: work, to: undefined });
  const after = next.wants === 'FAIL' && !next.gone ? others : givenUp(others, { runId: run.id, activityId });
  const atMs = world.nowMs;
  switch (next.wants) {
    case 'REPORT':
      return tell(after, { run, told: { kind: 'READ_COMPLETED', activityId, atMs, answer: next.answer } });
    case 'WITHHOLD': {
      const { wants: _wanted, ...refusal } = next;
      return tell(after, {
        run,
        told: { kind: 'READ_COMPLETED', activityId, atMs, answer: { kind: 'WITHHELD', ...refusal, endedAt: iso(atMs) } },
      });
    }
    case 'KEEP': {
      const { cause } = next;
      return tell(after, {
        run,
        told: { kind: 'READ_COMPLETED', activityId, atMs, answer: { kind: 'UNSENT', cause, endedAt: iso(atMs) } },
      });
    }
    case 'CONFIRM': {
      const { wants: _wanted, ...emitted } = next;
      return tell(after, { run, told: { kind: 'EMITTED', ...emitted } });
    }
    case 'RECOVER':
      return tell(after, { run, told: { kind: 'EMISSION_RECOVERED', answer: next.answer } });
    case 'FAIL':
      if (next.gone) return tell(after, { run, told: { kind: 'HOME_GONE' } });
      return pending === undefined ? after : withRun(after, { ...run, pending: { ...pending, taken: false } });
    case 'LEDGER':
    case 'READ_GRANT':
    case 'REVISIONS':
    case 'REVISION_GRANT':
    case 'REQUEST':
    case 'PUBLISH':
      throw new Error(`${next.wants} is no end of an activity`);
    default:
      return exhausted(next);
  }
}
