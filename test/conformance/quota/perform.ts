import { setTimeout as sleep } from 'node:timers/promises';
import type { Aim } from './aim.ts';
import * as faults from './faults.ts';
import * as gate from './gate-acts.ts';
import { openOnes } from './open-ones.ts';
import * as activities from './operator-activities.ts';
import * as runs from './operator-runs.ts';
import { pickOf } from './random.ts';
import type { StormRig } from './rig.ts';
import { type Fault, OPERATOR_ACTIONS, type OperatorAction, type StormAction, type StormPlan } from './schedule.ts';
import { stormToken } from './tokens.ts';

/** How often each kind of action took effect, and how often the server or the state of things refused it. */
export type Tally = Record<string, { done: number; refused: number; why?: string }>;
type Attempted = Pick<StormAction, 'kind' | 'picks'>;

const TIMES_TO_INSIST = 6;
const FRESH_TOKENS = 8;

/** Carries out one action and notes whether it took effect. */
export async function attempt(rig: StormRig, { tally, action, aim }: { tally: Tally; action: Attempted; aim?: Aim }): Promise<void> {
  const entry = (tally[action.kind] ??= { done: 0, refused: 0 });
  try {
    if (action.kind === 'kill' && aim !== undefined) await aim.kill(action.picks[0]);
    else await perform(rig, action);
    entry.done += 1;
  } catch (error) {
    // Somebody else was quicker, the server was away, the workflow had ended: that is what a storm is like.
    entry.refused += 1;
    entry.why = messageOf(error);
  }
}

/** An action that was refused every time would test nothing: operators try it again, with verifications of the last moment. */
export async function insist(rig: StormRig, { tally, plan }: { tally: Tally; plan: StormPlan }): Promise<void> {
  for (const kind of OPERATOR_ACTIONS) {
    for (let time = 0; time < TIMES_TO_INSIST && tally[kind]?.done === 0; time += 1) {
      const from = rig.submitted.length;
      const fresh = Array.from({ length: FRESH_TOKENS }, (_, index) => stormToken(plan.tokens + from + index, Date.now()));
      rig.submitted.push(...fresh);
      await rig.onTopic(() => faults.submit(rig, fresh));
      const share = (time + 1) / (TIMES_TO_INSIST + 1);
      await attempt(rig, { tally, action: { kind, picks: [0.95, share, share, 0.5] } });
    }
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

type GateAct = Extract<OperatorAction, 'gateHold' | 'gateResume'>;

const GATE_ACTS: Readonly<Record<GateAct, (rig: StormRig, operation: Pick<runs.Operation, 'picks'>) => Promise<void>>> = {
  gateHold: gate.gateHold,
  gateResume: gate.gateResume,
};

const OPERATOR_ACTS: Readonly<Record<Exclude<OperatorAction, GateAct>, (rig: StormRig, operation: runs.Operation) => Promise<void>>> = {
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

async function perform(rig: StormRig, { kind, picks }: Attempted): Promise<void> {
  if (isFault(kind)) return FAULT_ACTS[kind](rig, picks);
  if (isGateAct(kind)) return GATE_ACTS[kind](rig, { picks });
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

function isGateAct(kind: OperatorAction): kind is GateAct {
  return kind in GATE_ACTS;
}

function messageOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
  return `${error instanceof Error ? error.message : String(error)}${cause}`.replaceAll(/\s+/g, ' ').slice(-300);
}
