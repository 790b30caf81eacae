import { setTimeout as sleep } from 'node:timers/promises';
import * as faults from './faults.ts';
import * as activities from './operator-activities.ts';
import * as runs from './operator-runs.ts';
import { openOnes } from './open-ones.ts';
import { findings } from './oracle.ts';
import type { Findings } from './oracle.ts';
import { pickOf } from './random.ts';
import type { StormRig } from './rig.ts';
import { OPERATOR_ACTIONS, scheduleOf } from './schedule.ts';
import type { Fault, OperatorAction, StormAction, StormPlan } from './schedule.ts';
import { outcomesOf, settle, stateOf } from './settle.ts';
import { stormToken } from './tokens.ts';

/** How often each kind of action took effect, and how often the server or the state of things refused it. */
export type Tally = Record<string, { done: number; refused: number; why?: string }>;
export type StormReport = Findings & {
  readonly seed: number;
  readonly tokens: number;
  readonly kills: number;
  readonly operatorActions: number;
  /** Kinds of actions that never took effect. */
  readonly withoutEffect: readonly string[];
  readonly tally: Tally;
  readonly ownEnds: readonly string[];
  /** States of the verifications that did not end. */
  readonly stuck: readonly string[];
  /** Runs that a pause of the workflow wedged for good, and that were started again; see `settle`. */
  readonly wedged: number;
  readonly ragedMs: number;
  readonly settledMs: number;
};

const CLOSED = new Set(['COMPLETED', 'TERMINATED']);
const BATCHES = 12;
const MOST_PER_BATCH = 50;
/** A read or an emission cut off in the last moment is given up after 40 s or 60 s, and then still goes on. */
const SETTLE_MARGIN_MS = 150_000;

/** Submits, storms, settles, judges. */
export async function runStorm(rig: StormRig, plan: StormPlan): Promise<StormReport> {
  const startedAtMs = Date.now();
  const tally = await rage(rig, plan);
  const ragedMs = Date.now() - startedAtMs;
  const { endings, wedged } = await settle(rig, rig.windowMs + SETTLE_MARGIN_MS);
  const settledMs = Date.now() - startedAtMs - ragedMs;
  const found = await findings(rig, { outcomes: await outcomesOf(rig), endings });
  const open = rig.submitted.filter(({ id }) => !CLOSED.has(endings.get(id) ?? ''));
  const stuck = await Promise.all(open.slice(0, 5).map(({ workflowId }) => stateOf(rig, workflowId)));
  const operatorActions = OPERATOR_ACTIONS.reduce((sum, kind) => sum + (tally[kind]?.done ?? 0), 0);
  const { seed, tokens } = plan;
  const ownEnds = rig.fleet.ownEnds();
  const withoutEffect = Object.keys(tally).filter((kind) => tally[kind]?.done === 0);
  return {
    seed,
    tokens,
    kills: rig.fleet.kills(),
    operatorActions,
    withoutEffect,
    ...found,
    ragedMs,
    settledMs,
    tally,
    ownEnds,
    stuck,
    wedged,
  };
}

/** Every submission and every action of the plan; resolves when the last one has had its effect or was refused. */
export async function rage(rig: StormRig, plan: StormPlan): Promise<Tally> {
  const tally: Tally = {};
  const startedAtMs = Date.now();
  const actions = scheduleOf(plan).map(async (action) => {
    await sleep(startedAtMs + action.atMs - Date.now());
    const entry = (tally[action.kind] ??= { done: 0, refused: 0 });
    try {
      await perform(rig, action);
      entry.done += 1;
    } catch (error) {
      // Somebody else was quicker, the server was away, the workflow had ended: that is what a storm is like.
      entry.refused += 1;
      entry.why = messageOf(error);
    }
  });
  await submitAll(rig, plan);
  await Promise.all(actions);
  return tally;
}

/** In batches, so that verifications of every age are hit. */
async function submitAll(rig: StormRig, { tokens, seconds, submitShare = 0.5 }: StormPlan): Promise<void> {
  const perBatch = Math.min(Math.ceil(tokens / BATCHES), MOST_PER_BATCH);
  const startedAtMs = Date.now();
  for (let from = 0; from < tokens; from += perBatch) {
    await rig.onTopic(async () => {
      const batch = Array.from({ length: Math.min(perBatch, tokens - from) }, (_, index) => stormToken(from + index, Date.now()));
      rig.submitted.push(...batch);
      await faults.submit(rig, batch);
    });
    await sleep(startedAtMs + ((from + perBatch) / tokens) * submitShare * seconds * 1_000 - Date.now());
  }
}

/** An operator who is refused tries with another verification. */
const TURNS = 3;
const NEEDS_OPEN: ReadonlySet<string> = new Set([
  'hint',
  'cancel',
  'terminate',
  'workflowPause',
  'workflowUnpause',
  'activityPause',
  'activityUnpause',
  'activityReset',
  'activityUpdateOptions',
]);

const FAULT_ACTS: Readonly<Record<Fault, (rig: StormRig, picks: StormAction['picks']) => Promise<void>>> = {
  kill: (rig, [pick]) => rig.fleet.kill(pick),
  // Longer than the session of the consumer group and than a workflow task.
  freeze: (rig, [pick, length]) => rig.fleet.freeze(pick, 500 + length * 11_000),
  outage: faults.outage,
  redeliver: faults.redeliver,
  resetOffsets: faults.resetOffsets,
  recreateTopic: faults.recreateTopic,
  killTemporal: faults.killTemporal,
  restartKafka: faults.restartKafka,
};

const OPERATOR_ACTS: Readonly<Record<OperatorAction, (rig: StormRig, operation: runs.Operation) => Promise<void>>> = {
  reset: runs.reset,
  batchReset: runs.batchReset,
  terminate: runs.terminate,
  terminateAndStart: runs.terminateAndStart,
  startLikeThis: runs.startLikeThis,
  cancel: runs.cancel,
  workflowPause: runs.workflowPause,
  workflowUnpause: async (rig, operation) => {
    await runs.workflowPause(rig, operation);
    await sleep(operation.picks[2] * 6_000);
    await runs.workflowUnpause(rig, operation);
  },
  ...activities.ACTS,
};

async function perform(rig: StormRig, { kind, picks }: StormAction): Promise<void> {
  if (isFault(kind)) return FAULT_ACTS[kind](rig, picks);
  for (let turn = 0; ; turn += 1) {
    const token = pickOf(NEEDS_OPEN.has(kind) ? await openOnes(rig) : rig.submitted, (picks[0] + turn * 0.37) % 1);
    try {
      if (token === undefined) throw new Error('there is no such verification yet');
      return await OPERATOR_ACTS[kind](rig, { token, picks: [picks[0], picks[1], (picks[2] + turn * 0.37) % 1, picks[3]] });
    } catch (error) {
      if (turn === TURNS - 1) throw error;
      await sleep(500);
    }
  }
}

function isFault(kind: Fault | OperatorAction): kind is Fault {
  return kind in FAULT_ACTS;
}

function messageOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
  return `${error instanceof Error ? error.message : String(error)}${cause}`.replaceAll(/\s+/g, ' ').slice(-300);
}
