import { activityInfo } from '@temporalio/activity';
import type { Breaker } from '../src/async/breaker.ts';
import type { VerificationActivities } from '../src/contracts/workflow.ts';
import { createEmitAtOnce } from './emit-at-once.ts';
import { defined } from '../src/domain/defined.ts';
import { minimisedReport, type Scores } from '../src/domain/judging/minimise.ts';
import { emitOutcome } from './emit-outcome.ts';
import { getResult } from './get-result.ts';
import { createEvidenceKeeping, type EvidencePorts } from './keep-evidence.ts';
import { SEEK_HOME_FOR_MS } from './home-gone.ts';
import type { ActivityEvents, OutcomeSink, Grants, ReadGate, ResultApi, TokenOpener, VerificationLedger } from './ports.ts';

export type ActivityPorts = {
  readonly resultApi: ResultApi;
  readonly tokenOpener: TokenOpener;
  readonly outcomeSink: OutcomeSink;
  readonly ledger: VerificationLedger;
  readonly grants: Grants;
  /** Default: one that is open for ever. */
  readonly gate?: ReadGate;
  /** Keeps images and answers. Default: nothing is kept, so no image is asked for. */
  readonly evidence?: EvidencePorts;
  /** How much of the vendor's figures the history gets. Default: all. */
  readonly scores?: Scores;
  readonly events?: ActivityEvents;
  /** A verification stopped occupying this process: its outcome is out, or it is going to wait. Idempotent, must not throw. */
  readonly onIdle?: (verificationId: string) => void;
  readonly now?: () => number;
  /** Holds emissions back while Kafka is away. Default: none is. */
  readonly breaker?: Breaker;
  /** How long an emission looks for a home run that nobody finds. Not a setting: shorter in tests alone. */
  readonly seekHomeForMs?: number;
};

const NO_BREAKER: Breaker = { run: async (work) => await work(() => undefined), isOpen: () => false };

const NO_GATE: ReadGate = { ask: () => ({ kind: 'OPEN', closedMeanwhile: () => undefined, ended: () => undefined }) };

const NO_EVENTS: ActivityEvents = {
  readEnded: () => undefined,
  readWithheld: () => undefined,
  readsRecovered: () => undefined,
  readBroke: () => undefined,
  evidenceBroke: () => undefined,
  outcomeEmitted: () => undefined,
};

/** The activities over their ports, to be registered with a worker. */
export function createActivities(ports: ActivityPorts): VerificationActivities {
  const {
    resultApi,
    tokenOpener,
    outcomeSink,
    ledger,
    grants,
    gate = NO_GATE,
    events = NO_EVENTS,
    onIdle = () => undefined,
    now = Date.now,
    seekHomeForMs = SEEK_HOME_FOR_MS,
    breaker = NO_BREAKER,
    scores = 'full',
  } = ports;
  const emission = { outcomeSink, ledger, grants, events, onIdle, now, seekHomeForMs, breaker };
  const emitAtOnce = createEmitAtOnce(emission);
  const evidence = ports.evidence && createEvidenceKeeping(ports.evidence, { events, now });
  const reading = { resultApi, tokenOpener, ledger, grants, gate, events, onIdle, now, ...defined({ evidence }) };
  return {
    async getResult(order) {
      const answer = await getResult(reading, order);
      // Reads that another run made are handed on as they are there, or the same conclusion would look like another one.
      return answer.kind === 'RECOVERED' ? answer : minimisedReport(answer, scores);
    },
    emitOutcome: (order) => (activityInfo().isLocal ? emitAtOnce(order) : emitOutcome(emission, order)),
  };
}
