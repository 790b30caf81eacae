import type { GateAnswer, ReadGate } from '../../../activities/ports.ts';
import type { CanaryEnd } from '../../contracts/gate.ts';
import { defined } from '../../domain/defined.ts';
import { type GateState, isHeld, mayBegin, mayCanaryBegin, type SinceThen } from '../../domain/gate/gate.ts';
import {
  canaryResult,
  NOTHING_MET,
  type StopSettings,
  type StopSign,
  stopSignOf,
  type Tally,
  tallied,
} from '../../domain/gate/stop-signs.ts';
import { instantOf } from '../../domain/instant.ts';
import { codeOf, isAnswered, type ReadReport } from '../../domain/reading/report.ts';
import type { GateWords } from './words.ts';

export type ReadGateOptions = {
  /** Undefined: nobody here can say. */
  readonly state: () => GateState | undefined;
  readonly words: GateWords;
  /** Name of this worker, where the gate says who held it. */
  readonly by: string;
  readonly readsQueue: string;
  readonly settings: StopSettings;
  readonly onStop: (stop: { readonly sign: StopSign; readonly reason: string }) => void;
  readonly now?: () => number;
};

/** What this worker knows that the gate does not yet: it must be held. */
type Suspicion = { readonly asOfHolds: number; readonly since: SinceThen };

export type WorkersGate = ReadGate & {
  /** True while the gate, or this worker before the gate knows, lets no read begin, the canary aside. */
  isHeldIn(known: GateState): boolean;
};

/** The gate as the reads of one worker meet it. It closes at once when a report says so, before the gate itself knows. */
export function createReadGate(options: ReadGateOptions): WorkersGate {
  const { state, words, by, readsQueue, settings, now = Date.now } = options;
  let tally: Tally = NOTHING_MET;
  let suspicion: Suspicion | undefined;

  /** What this worker knows itself forbids a read whatever the gate's own state would allow. */
  function suspected(known: GateState): SinceThen | undefined {
    if (suspicion !== undefined && known.holds > suspicion.asOfHolds) suspicion = undefined;
    return suspicion?.since;
  }

  function closedIn(known: GateState, mayBeginThen: boolean): SinceThen | undefined {
    return suspected(known) ?? (mayBeginThen ? undefined : whyClosed(known));
  }

  function closedNow(mayBeginIn: (known: GateState) => boolean): SinceThen | undefined {
    const known = state();
    return known === undefined ? unknown() : closedIn(known, mayBeginIn(known));
  }

  function unknown(): SinceThen {
    return { sinceAt: instantOf(now()), by, reason: 'the gate cannot be asked at present', isAutomatic: true };
  }

  /** The one read that may begin while all others wait. */
  async function claim(verificationId: string, known: GateState): Promise<GateAnswer> {
    const claimed = await words.claim({ verificationId });
    if (claimed === undefined) return { kind: 'CLOSED', gate: whyClosed(state() ?? known) };
    return {
      kind: 'OPEN',
      closedMeanwhile: () => closedNow((latest) => mayCanaryBegin(latest, claimed)),
      ended(report) {
        void words.canaryEnded(canaryEnd(verificationId, report));
        // The gate does not listen any more to one that it has given up; then what that met counts like what any read meets.
        if ((state() ?? claimed).phase !== 'CANARY') ended(report, claimed);
      },
    };
  }

  /** `asked`: the gate as the read met it, which is what is known while nobody here can say. */
  function ended(report: ReadReport | undefined, asked: GateState): void {
    if (report === undefined) return;
    const known = state() ?? asked;
    const counted = tallied(tally, { report, atMs: now(), settings });
    ({ tally } = counted);
    const sign = stopSignOf(report);
    const { reason } = counted;
    if (sign === undefined || reason === undefined || known.phase === 'HELD' || suspicion !== undefined) return;
    const mine: Suspicion = { asOfHolds: known.holds, since: { sinceAt: instantOf(now()), by, reason, isAutomatic: true } };
    suspicion = mine;
    options.onStop({ sign, reason });
    void words.stop({ by, reason, asOfHolds: known.holds }).then((isTold) => {
      // Who could not tell the others reads on like them; who was told off knows it from the gate's state.
      if (isTold !== 'HELD' && suspicion === mine) suspicion = undefined;
    });
  }

  return {
    isHeldIn: (known) => suspected(known) !== undefined || isHeld(known),
    ask({ taskQueue, verificationId }) {
      const isQueued = taskQueue === readsQueue;
      const known = state();
      if (known === undefined) return { kind: 'CLOSED', gate: unknown() };
      const may = mayBegin(known, { isQueued });
      const gate = closedIn(known, may !== 'NO');
      if (gate !== undefined) return { kind: 'CLOSED', gate };
      if (may === 'IF_CANARY') return claim(verificationId, known);
      return {
        kind: 'OPEN',
        closedMeanwhile: () => closedNow((latest) => mayBegin(latest, { isQueued }) === 'YES'),
        ended: (report) => ended(report, known),
      };
    },
  };
}

function whyClosed(state: GateState): SinceThen {
  if (state.hold !== undefined) return state.hold;
  const { sinceAt, by, ticket, isAutomatic } = state;
  if (state.accountPerSecond === undefined) return { sinceAt, by, reason: state.reason, ...defined({ ticket, isAutomatic }) };
  return { sinceAt, by: 'verdictflow', reason: `the account allows ${state.accountPerSecond} reads a second`, isAutomatic: true };
}

function canaryEnd(verificationId: string, report: ReadReport | undefined): CanaryEnd {
  if (report === undefined) return { verificationId, result: 'NO_ANSWER', code: 'NOT_MADE' };
  const sign = stopSignOf(report);
  return {
    verificationId,
    result: canaryResult(report),
    code: sign ?? (isAnswered(report) ? codeOf(report) : `${report.kind}_${codeOf(report)}`),
  };
}
