import { setTimeout as sleep } from 'node:timers/promises';
import { defined } from '../../../src/domain/defined.ts';
import { type Aim, aimAtOutcomes } from './aim.ts';
import * as faults from './faults.ts';
import { findings, type Findings } from './oracle.ts';
import { attempt, insist, type Tally } from './perform.ts';
import type { StormRig } from './rig.ts';
import { OPERATOR_ACTIONS, scheduleOf, type StormPlan } from './schedule.ts';
import { outcomesOf, settle, stateOf } from './settle.ts';
import { stormToken } from './tokens.ts';

export type StormReport = Findings & {
  readonly seed: number;
  readonly tokens: number;
  readonly kills: number;
  /** How many of them were ordered as an outcome arrived. */
  readonly aimed: number;
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
  const { tally, aimed } = plan.aimed === true ? await rageAimed(rig, plan) : { tally: await rage(rig, plan), aimed: 0 };
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
    aimed,
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

async function rageAimed(rig: StormRig, plan: StormPlan): Promise<{ readonly tally: Tally; readonly aimed: number }> {
  const aim = await aimAtOutcomes(rig);
  try {
    return { tally: await rage(rig, { ...plan, aim }), aimed: aim.hits() };
  } finally {
    await aim.stop();
  }
}

/** Every submission and every action of the plan; resolves when the last one has had its effect or was refused. */
export async function rage(rig: StormRig, plan: StormPlan & { readonly aim?: Aim }): Promise<Tally> {
  const tally: Tally = {};
  const startedAtMs = Date.now();
  const actions = scheduleOf(plan).map(async (action) => {
    await sleep(startedAtMs + action.atMs - Date.now());
    await attempt(rig, { tally, action, ...defined({ aim: plan.aim }) });
  });
  await submitAll(rig, plan);
  await Promise.all(actions);
  await insist(rig, { tally, plan });
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
