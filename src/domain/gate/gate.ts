import { exhausted } from '../exhaustive.ts';

/**
 * OPEN: reads begin as they come. HELD: none begins. CANARY: one read by name finds out whether the vendor is well again, and
 * none beside it. RAMP: so many a second, twice as many at each step.
 */
export const GATE_PHASES = ['OPEN', 'HELD', 'CANARY', 'RAMP'] as const;
export type GatePhase = (typeof GATE_PHASES)[number];

/** Who changed something, and why. `isAutomatic`: a worker met what the vendor says to stop for, or the gate itself went on. */
export type GateCause = {
  readonly by: string;
  readonly reason: string;
  readonly ticket?: string;
  readonly isAutomatic?: true;
};

export type SinceThen = GateCause & { readonly sinceAt: string };

/** The gate of one vendor account. Instants are RFC 3339, because the Temporal UI shows it as it is. */
export type GateState = SinceThen & {
  readonly phase: GatePhase;
  /** How often its phase has changed: numbers the events. */
  readonly changes: number;
  /** How often it was held. */
  readonly holds: number;
  /** The hold that is in force, or is being undone; absent while it is open. */
  readonly hold?: SinceThen;
  /** Which read tries the vendor. */
  readonly canary?: { readonly verificationId: string; readonly claimedAt: string };
  /** Canaries in a row that brought no answer. */
  readonly lostCanaries?: number;
  /** Reads a second that the ramp lets begin, and since when. */
  readonly ramp?: { readonly perSecond: number; readonly steppedAt: string };
  /** What the account allows, if that is limited. */
  readonly accountPerSecond?: number;
};

export type CanaryResult = 'WELL' | 'STOP' | 'NO_ANSWER';

export type GateEvent =
  /** `asOfHolds`: an automatic one, by a worker that knew of so many holds: it may be late, and be undone already. */
  | ({ readonly kind: 'HOLD'; readonly at: string; readonly asOfHolds?: number } & GateCause)
  | ({ readonly kind: 'RESUME'; readonly at: string } & GateCause)
  | { readonly kind: 'CANARY_CLAIMED'; readonly at: string; readonly verificationId: string }
  | {
      readonly kind: 'CANARY_ENDED';
      readonly at: string;
      readonly verificationId: string;
      readonly result: CanaryResult;
      /** The vendor's error, by name. */
      readonly code: string;
    }
  | { readonly kind: 'TIME_PASSED'; readonly at: string }
  | { readonly kind: 'ACCOUNT'; readonly perSecond?: number };

/** Longer than a read can take (40 s): the worker of the canary is lost. */
const CANARY_LOST_AFTER_MS = 60_000;
const CANARIES = 3;
/**
 * A queue of Temporal has four parts, each of which lets its share go and begins after a whole interval. Measured on server
 * 1.32: at 1 a second the first four go after 5 s, at 4 a second after 2 s.
 */
const SLOWEST = 4;
/** Without a limit of the account the ramp ends here. */
const FASTEST_STEP = 256;
/** Long enough for the answers of a step to come before the next one. */
const STEP_MS = 5_000;

/** What is shorter where a day is, as in tests: a step of the ramp, and how long a canary may take. */
export type GatePace = { readonly stepMs?: number; readonly canaryMs?: number };

/** A gate that nobody has held yet. */
export function openGate(at: string): GateState {
  return { phase: 'OPEN', changes: 0, holds: 0, sinceAt: at, by: 'verdictflow', reason: 'nobody has held it yet', isAutomatic: true };
}

/** The one rule of the queue that reads wait on: how many a second it lets go. Undefined: as many as come. */
export function readLimit({ phase, canary, ramp, accountPerSecond }: GateState): number | undefined {
  switch (phase) {
    case 'OPEN':
      return accountPerSecond;
    case 'HELD':
      return 0;
    case 'CANARY':
      return canary === undefined ? SLOWEST : 0;
    case 'RAMP':
      return Math.min(ramp?.perSecond ?? SLOWEST, accountPerSecond ?? Number.POSITIVE_INFINITY);
    default:
      return exhausted(phase, 0);
  }
}

/**
 * Whether a read may begin. One that comes from the queue of the reads may, as long as the queue lets any go: then the server
 * has counted it. Any other has not been counted, and may only where nothing is limited.
 */
export function mayBegin(state: GateState, { isQueued }: { readonly isQueued: boolean }): 'YES' | 'NO' | 'IF_CANARY' {
  const limit = readLimit(state);
  if (!isQueued) return limit === undefined ? 'YES' : 'NO';
  if (state.phase === 'CANARY') return state.canary === undefined ? 'IF_CANARY' : 'NO';
  return limit === 0 ? 'NO' : 'YES';
}

/**
 * Whether the read that `claimed` lets try the vendor may still begin: not once the gate was held again, nor while others try because
 * it was given up. `latest` is what a worker has heard of by now, which may be older than the claim.
 */
export function mayCanaryBegin(latest: GateState, claimed: GateState): boolean {
  if (latest.phase === 'HELD' || latest.holds > claimed.holds) return false;
  return latest.changes !== claimed.changes || (latest.lostCanaries ?? 0) <= (claimed.lostCanaries ?? 0);
}

/** True while no read may begin, the canary aside. */
export function isHeld({ phase }: Pick<GateState, 'phase'>): boolean {
  return phase === 'HELD' || phase === 'CANARY';
}

/** Why the event would change nothing, for people; undefined: it changes something. */
export function refusalOf(state: GateState, event: GateEvent): string | undefined {
  switch (event.kind) {
    case 'HOLD':
      if (state.phase === 'HELD') return `is held already, ${sinceText(state)}`;
      if (event.asOfHolds !== undefined && event.asOfHolds < state.holds)
        return `was held for that already, and resumed ${sinceText(state)}`;
      return undefined;
    case 'RESUME':
      if (state.phase === 'OPEN') return `is open already, ${sinceText(state)}`;
      return state.phase === 'HELD' ? undefined : `is being resumed already, ${sinceText(state)}`;
    case 'CANARY_CLAIMED':
      if (state.phase !== 'CANARY') return `looks for no canary: it is ${state.phase}`;
      return state.canary === undefined ? undefined : `has a canary already: ${state.canary.verificationId}`;
    case 'CANARY_ENDED':
      return state.canary?.verificationId === event.verificationId ? undefined : 'knows no such canary';
    case 'TIME_PASSED':
    case 'ACCOUNT':
      return undefined;
    default:
      return exhausted(event);
  }
}

/** E.g. `since 2026-02-01T12:00:00.000Z, by jane (INC-7), because the vendor's data source is down`; `when`: the instant otherwise. */
export function sinceText({ sinceAt, by, ticket, reason }: SinceThen, when = sinceAt): string {
  return `since ${when}, by ${by}${ticket === undefined ? '' : ` (${ticket})`}, because ${reason}`;
}

/** Applies one event. Pure and total: what `refusalOf` refuses changes nothing. */
export function gateAfter(state: GateState, event: GateEvent, pace: GatePace = {}): GateState {
  if (refusalOf(state, event) !== undefined) return state;
  switch (event.kind) {
    case 'HOLD':
      return held(state, { ...causeOf(event), sinceAt: event.at });
    case 'RESUME':
      return enter(state, { phase: 'CANARY', since: { ...causeOf(event), sinceAt: event.at } });
    case 'CANARY_CLAIMED':
      return { ...state, canary: { verificationId: event.verificationId, claimedAt: event.at } };
    case 'CANARY_ENDED':
      return afterCanary(state, event);
    case 'TIME_PASSED':
      return afterTime(state, { at: event.at, pace });
    case 'ACCOUNT': {
      const { accountPerSecond: _before, ...rest } = state;
      return event.perSecond === undefined ? rest : { ...rest, accountPerSecond: event.perSecond };
    }
    default:
      return exhausted(event, state);
  }
}

/** When time alone changes something, epoch ms; undefined: it does not. */
export function changesByItselfAtMs(
  { phase, canary, ramp }: GateState,
  { stepMs = STEP_MS, canaryMs = CANARY_LOST_AFTER_MS }: GatePace = {},
): number | undefined {
  if (phase === 'CANARY' && canary !== undefined) return Date.parse(canary.claimedAt) + canaryMs;
  return phase === 'RAMP' && ramp !== undefined ? Date.parse(ramp.steppedAt) + stepMs : undefined;
}

function causeOf({ by, reason, ticket, isAutomatic }: GateCause): GateCause {
  return { by, reason, ...(ticket === undefined ? {} : { ticket }), ...(isAutomatic === true ? { isAutomatic } : {}) };
}

type Entering = { readonly phase: GatePhase; readonly since: SinceThen; readonly hold?: SinceThen; readonly holds?: number };

/** The next phase; what belonged to the last one is forgotten. */
function enter(state: GateState, { phase, since, hold = state.hold, holds = state.holds }: Entering): GateState {
  const { accountPerSecond } = state;
  return {
    phase,
    changes: state.changes + 1,
    holds,
    ...since,
    ...(phase === 'OPEN' || hold === undefined ? {} : { hold }),
    ...(accountPerSecond === undefined ? {} : { accountPerSecond }),
  };
}

function held(state: GateState, since: SinceThen): GateState {
  return enter(state, { phase: 'HELD', since, hold: since, holds: state.holds + 1 });
}

/** What the gate does by itself is still at the word of whoever resumed it; the sentence says how far it has come. */
function byItself({ by, ticket }: GateState, { at, reason }: { readonly at: string; readonly reason: string }): SinceThen {
  return { sinceAt: at, by, reason, ...(ticket === undefined ? {} : { ticket }), isAutomatic: true };
}

function afterCanary(state: GateState, { at, verificationId, result, code }: Extract<GateEvent, { kind: 'CANARY_ENDED' }>): GateState {
  switch (result) {
    case 'STOP':
      return held(state, byItself(state, { at, reason: `the canary ${verificationId} brought ${code} again` }));
    case 'NO_ANSWER':
      return withoutCanary(state, { at, why: code });
    case 'WELL': {
      const since = byItself(state, { at, reason: `the canary ${verificationId} brought ${code}` });
      return { ...enter(state, { phase: 'RAMP', since }), ramp: { perSecond: SLOWEST, steppedAt: at } };
    }
    default:
      return exhausted(result, state);
  }
}

/** Another read may try; after some that brought no answer a person has to look. */
function withoutCanary(state: GateState, { at, why }: { readonly at: string; readonly why: string }): GateState {
  const lostCanaries = (state.lostCanaries ?? 0) + 1;
  if (lostCanaries >= CANARIES) {
    return held(state, byItself(state, { at, reason: `${CANARIES} canaries in a row brought no answer, the last one ${why}` }));
  }
  const { canary: _gone, ...rest } = state;
  return { ...rest, lostCanaries };
}

function afterTime(state: GateState, { at, pace }: { readonly at: string; readonly pace: GatePace }): GateState {
  const dueMs = changesByItselfAtMs(state, pace);
  if (dueMs === undefined || Date.parse(at) < dueMs) return state;
  if (state.phase === 'CANARY') return withoutCanary(state, { at, why: 'WORKER_LOST' });
  const perSecond = (state.ramp?.perSecond ?? SLOWEST) * 2;
  if (perSecond < (state.accountPerSecond ?? FASTEST_STEP * 2)) return { ...state, ramp: { perSecond, steppedAt: at } };
  return enter(state, { phase: 'OPEN', since: byItself(state, { at, reason: 'the ramp is over' }) });
}
