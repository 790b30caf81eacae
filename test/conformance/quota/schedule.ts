import { exhausted } from '../../../src/domain/exhaustive.ts';
import { pickOf, randomOf } from './random.ts';

/** What breaks by itself. */
export const FAULTS = ['kill', 'freeze', 'outage', 'redeliver', 'resetOffsets', 'recreateTopic', 'killTemporal', 'restartKafka'] as const;

/** What people do to verifications, and to the gate of all their reads. */
export const OPERATOR_ACTIONS = [
  'reset',
  'batchReset',
  'terminate',
  'terminateAndStart',
  'startLikeThis',
  'activityPause',
  'activityUnpause',
  'activityReset',
  'activityUpdateOptions',
  'activityStart',
  'workflowPause',
  'workflowUnpause',
  'cancel',
  'hint',
  'gateHold',
  'gateResume',
] as const;

export type Fault = (typeof FAULTS)[number];
export type OperatorAction = (typeof OPERATOR_ACTIONS)[number];
/** `picks`, each in [0, 1), choose the token, the run, the event and the variant when the action is carried out. */
export type StormAction = {
  readonly atMs: number;
  readonly kind: Fault | OperatorAction;
  readonly picks: readonly [number, number, number, number];
};

export type StormPlan = {
  readonly seed: number;
  readonly tokens: number;
  readonly seconds: number;
  /** The part of `seconds` over which the tokens are submitted. Default: half, so that the other half hits what is left. */
  readonly submitShare?: number;
  readonly kills: number;
  /** Each kill waits until an outcome arrives on the topic, and hits a worker: in the midst of emissions. */
  readonly aimed?: boolean;
  readonly operatorActions: number;
  /** How often each fault occurs, where not the default. */
  readonly faults?: Partial<Readonly<Record<Fault, number>>>;
  /** Kinds to choose from. Default: all, each at least once. */
  readonly kinds?: readonly OperatorAction[];
};

/** Resets and restarts are what the quota is about. */
const WEIGHTS: Readonly<Record<OperatorAction, number>> = {
  reset: 8,
  batchReset: 1,
  terminate: 1,
  terminateAndStart: 4,
  startLikeThis: 4,
  activityPause: 1,
  activityUnpause: 1,
  activityReset: 3,
  activityUpdateOptions: 2,
  activityStart: 1,
  workflowPause: 1,
  workflowUnpause: 1,
  cancel: 1,
  hint: 6,
  gateHold: 1,
  gateResume: 1,
};

const SLOW: ReadonlySet<string> = new Set(['resetOffsets', 'recreateTopic', 'redeliver', 'restartKafka']);

/** The whole storm as a pure function of its plan, in order of time. */
export function scheduleOf(plan: StormPlan): readonly StormAction[] {
  const random = randomOf(plan.seed);
  const { kinds = OPERATOR_ACTIONS, operatorActions } = plan;
  const ladder = kinds.flatMap((kind) => Array.from({ length: WEIGHTS[kind] }, () => kind));
  const rest = Math.max(0, operatorActions - kinds.length);
  const operator = [...kinds, ...Array.from({ length: rest }, () => pickOf(ladder, random()) ?? 'reset')];
  const faults = FAULTS.flatMap((fault) => Array.from({ length: countOf(fault, plan) }, () => fault));
  const actions = [...operator, ...faults].map((kind): StormAction => {
    // What takes long begins early, so that other things happen meanwhile.
    const latest = SLOW.has(kind) ? 0.4 : 0.9;
    const atMs = Math.round((0.1 + latest * random()) * plan.seconds * 1_000);
    return { atMs, kind, picks: [random(), random(), random(), random()] };
  });
  return actions.toSorted((one, other) => one.atMs - other.atMs);
}

function countOf(fault: Fault, { kills, seconds, faults = {} }: StormPlan): number {
  const given = faults[fault];
  if (given !== undefined) return given;
  switch (fault) {
    case 'kill':
      return kills;
    case 'freeze':
      return Math.ceil(kills / 3);
    case 'outage':
      return Math.ceil(seconds / 8);
    case 'redeliver':
      return 2;
    case 'killTemporal':
      return Math.ceil(seconds / 60);
    case 'resetOffsets':
    case 'recreateTopic':
      return 1;
    // Slow to come back: in a short storm nothing else would happen.
    case 'restartKafka':
      return seconds < 45 ? 0 : 1;
    default:
      return exhausted(fault);
  }
}
