import type { CanaryResult, GatePace, GatePhase, GateState } from '../domain/gate/gate.ts';
import type { EmissionReceipt } from './workflow.ts';

// What crosses the border of the gate's workflow, as `workflow.ts` for verifications.

export const GATE_WORKFLOW_TYPE = 'vendorGate';
/** Updates of people: each takes a mandate and answers a {@link GateView}. */
export const HOLD_UPDATE = 'hold';
export const RESUME_UPDATE = 'resume';
/** Updates and signals of workers. */
export const STOP_UPDATE = 'stop';
export const CLAIM_UPDATE = 'claimCanary';
export const CANARY_SIGNAL = 'canaryEnded';
export const ACCOUNT_SIGNAL = 'account';
export const GATE_QUERY = 'gate';
/** In the memo, and so in the history whenever it changes: what followers read, and what is left of a gate that was terminated. */
export const GATE_MEMO_KEY = 'vfGate';
/** Type of the failure of an update that would change nothing. */
export const GATE_REFUSED = 'GateRefused';

export type GateInput = {
  readonly v: 1;
  readonly region: string;
  /** How it goes on where an earlier run stopped; absent: it is open. */
  readonly state?: GateState;
  /** Changes before, newest first, for the current details. */
  readonly latest?: readonly GateState[];
  /** Changes that Kafka does not have yet, oldest first. */
  readonly unannounced?: readonly GateChange[];
  /** Not a setting: shorter in tests alone. */
  readonly pace?: GatePace;
};

/** One change, as it is announced on Kafka. */
export type GateChange = { readonly region: string; readonly before: GatePhase; readonly state: GateState };

/** A worker's word that the vendor must not be asked any more. `asOfHolds`: the holds it knew of. */
export type StopOrder = { readonly by: string; readonly reason: string; readonly asOfHolds: number };
export type CanaryClaim = { readonly verificationId: string };
export type CanaryEnd = CanaryClaim & { readonly result: CanaryResult; readonly code: string };
export type AccountLimit = { readonly perSecond?: number };

/** The answer of updates and query. */
export type GateView = {
  readonly region: string;
  readonly phase: GatePhase;
  /** For people: since when, by whom and why. */
  readonly says: string;
  readonly state: GateState;
  /** How many a second the queue of the reads lets go; absent: as many as come. */
  readonly readsPerSecond?: number;
  /** Absent: not counted. */
  readonly readsWaiting?: number;
  /** False: workers heed the gate, but the server's queue does not yet. */
  readonly queueFollows: boolean;
};

export type GateActivities = {
  /** @returns how many reads wait. */
  limitReads(order: { readonly taskQueue: string; readonly perSecond?: number; readonly reason: string }): Promise<number>;
  announceGate(change: GateChange): Promise<EmissionReceipt>;
};
