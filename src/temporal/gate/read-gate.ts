import type { GateAnswer, ReadGate } from '../../../activities/ports.ts';
import type { CanaryEnd } from '../../contracts/gate.ts';
import { defined } from '../../domain/defined.ts';
import { type GateState, mayBegin, type SinceThen } from '../../domain/gate/gate.ts';
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

/** The gate as the reads of one worker meet it. It closes at once when a report says so, before the gate itself knows. */
export function createReadGate(options: ReadGateOptions): ReadGate {
  const { state, words, by, readsQueue, settings, now = Date.now } = options;
  let tally: Tally = NOTHING_MET;
  let suspicion: Suspicion | undefined;

  /** Why no read may begin here at all, whatever the gate's own state would allow. */
  function own(known: GateState | undefined): SinceThen | undefined {
    if (known === undefined) {
      return { sinceAt: instantOf(now()), by, reason: 'the gate cannot be asked at present', isAutomatic: true };
    }
    if (suspicion !== undefined && known.holds > suspicion.asOfHolds) suspicion = undefined;
    return suspicion?.since;
  }

  function closedFor(isQueued: boolean): SinceThen | undefined {
    const known = state();
    const mine = own(known);
    if (mine !== undefined || known === undefined) return mine;
    return mayBegin(known, { isQueued }) === 'YES' ? undefined : whyClosed(known);
  }

  /** The one read that may begin while all others wait. */
  async function claim(verificationId: string, known: GateState): Promise<GateAnswer> {
    const isOurs = await words.claim({ verificationId });
    if (!isOurs) return { kind: 'CLOSED', gate: whyClosed(state() ?? known) };
    return {
      kind: 'OPEN',
      // Only a hold that came after the claim takes it back.
      closedMeanwhile: () => {
        const latest = state();
        return latest === undefined || latest.holds === known.holds ? undefined : whyClosed(latest);
      },
      ended: (report) => void words.canaryEnded(canaryEnd(verificationId, report)),
    };
  }

  function ended(report: ReadReport | undefined): void {
    const known = state();
    if (report === undefined || known === undefined) return;
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
    ask({ taskQueue, verificationId }) {
      const isQueued = taskQueue === readsQueue;
      const gate = closedFor(isQueued);
      if (gate === undefined) return { kind: 'OPEN', closedMeanwhile: () => closedFor(isQueued), ended };
      const known = state();
      const mayTry = known !== undefined && own(known) === undefined && mayBegin(known, { isQueued }) === 'IF_CANARY';
      return mayTry ? claim(verificationId, known) : { kind: 'CLOSED', gate };
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
