import { fingerprintOf } from '../contracts/token-identity.ts';
import type { HintAnswer, VerificationInput } from '../contracts/workflow.ts';
import { workflowIdOf } from '../domain/ids.ts';
import { bury } from './bury.ts';
import { type Burial, classify, type ClassifySettings, type StartFacts } from './classify.ts';
import { positionOf } from './events.ts';
import type { HintWaiting, WaitingHint } from './hint-waiting.ts';
import type { Sequencer } from './in-order.ts';
import { AbandonedError, persevere, type PersevereDeps, PoisonError } from './persevere.ts';
import type { Admission, DeadLetterSink, HintSender, InboundRecord, StartOrder, TokenSealer, VerificationStarter } from './ports.ts';
import type { RecentRequests } from './recent-requests.ts';
import type { Semaphore } from './semaphore.ts';
import { startOrderOf } from './start-order.ts';

export type SettleDeps = PersevereDeps & {
  readonly settings: ClassifySettings & { readonly groupId: string; readonly vendorRegion: string };
  readonly starter: VerificationStarter;
  readonly hintSender: HintSender;
  readonly deadLetters: DeadLetterSink;
  readonly sealer: TokenSealer;
  readonly admission: Admission;
  readonly startsWithRead: (input: VerificationInput, nowMs: number) => boolean;
  readonly permits: Semaphore;
  readonly perToken: Sequencer;
  readonly recent: RecentRequests;
  readonly hintWaiting: HintWaiting;
  /** Answers got so far; they tell a record's own fault from everybody's. */
  readonly answers: { starts: number; hints: number };
};

/**
 * Resolves once the record is durable: its verification is started, it is in the dead letters, or it needs neither.
 * @throws AbandonedError when `signal` aborts first; the record is then to be read again.
 */
export async function settle(record: InboundRecord, deps: SettleDeps & { readonly signal: AbortSignal }): Promise<void> {
  const seen = classify(record, { ...deps.settings, nowMs: deps.clock.now() });
  switch (seen.kind) {
    case 'START':
      return await settleStart(record, { ...deps, facts: seen });
    case 'HINT':
      return await settleHint(record, { ...deps, waiting: { ...seen, workflowId: workflowIdOf(seen.verificationId) } });
    case 'IGNORE':
      return deps.events.ignored({ ...positionOf(record), why: seen.why });
    case 'DEAD_LETTER':
      return await bury(record, { ...deps, burial: seen, attempts: 1 });
    default:
      return seen satisfies never;
  }
}

type With<T> = SettleDeps & { readonly signal: AbortSignal } & T;

/** One token's records start in order, so that the first one wins. */
async function settleStart(record: InboundRecord, deps: With<{ facts: StartFacts }>): Promise<void> {
  const { facts } = deps;
  try {
    await deps.perToken.run(facts.verificationId, async () => await start(record, deps));
  } catch (error) {
    await buryPoison(record, { ...deps, error });
  }
}

async function start(record: InboundRecord, deps: With<{ facts: StartFacts }>): Promise<void> {
  const { verificationId, request } = deps.facts;
  const fingerprint = fingerprintOf(request);
  const at = { ...positionOf(record), verificationId };
  const answer = await persevere(async () => await admitAndStart(orderOf(record, deps), deps), {
    ...deps,
    at,
    successes: () => deps.answers.starts,
  });
  deps.answers.starts += 1;
  if (answer === 'STARTED') deps.events.started(at);
  else deps.events.alreadyStarted(at);
  if (answer === 'ALREADY_STARTED' && deps.recent.differs(verificationId, fingerprint)) deps.events.differs(at);
  deps.recent.remember(verificationId, fingerprint);
}

function orderOf(record: InboundRecord, { facts, sealer, settings, clock }: With<{ facts: StartFacts }>): StartOrder {
  return startOrderOf(facts, { record, sealer, vendorRegion: settings.vendorRegion, nowMs: clock.now() });
}

/** Only what reads at once is counted in progress; a token started before will not be started again. */
async function admitAndStart(order: StartOrder, deps: With<object>): Promise<'STARTED' | 'ALREADY_STARTED'> {
  const { verificationId } = order.input;
  const counted = !deps.recent.has(verificationId) && deps.startsWithRead(order.input, deps.clock.now());
  let keeps = false;
  if (counted) await deps.admission.acquire(verificationId, deps.signal);
  try {
    const answer = await permitted(async () => await deps.starter.start(order), deps);
    keeps = answer === 'STARTED';
    return answer;
  } finally {
    if (counted && !keeps) deps.admission.release(verificationId);
  }
}

/** In an outage each call takes its full time-out: those that still wait for their turn must not hold up a stop one after another. */
async function permitted<T>(call: () => Promise<T>, { permits, signal }: With<object>): Promise<T> {
  return await permits.run(async () => {
    if (signal.aborted) throw new AbandonedError();
    return await call();
  });
}

async function settleHint(record: InboundRecord, deps: With<{ waiting: WaitingHint }>): Promise<void> {
  const { waiting, hintSender } = deps;
  const send = async (): Promise<HintAnswer> => await permitted(async () => await hintSender.send(waiting.workflowId, waiting.hint), deps);
  try {
    const answer = await persevere(send, { ...deps, at: positionOf(record), successes: () => deps.answers.hints });
    deps.answers.hints += 1;
    const { verificationId, hint } = waiting;
    if (answer === 'NOT_FOUND') deps.hintWaiting.hold(waiting);
    else if (answer === 'REFUSED') deps.events.hintDropped({ verificationId, why: answer });
    else deps.events.hintDelivered({ verificationId, kind: hint.kind });
  } catch (error) {
    await buryPoison(record, { ...deps, error });
  }
}

async function buryPoison(record: InboundRecord, deps: With<{ error: unknown }>): Promise<void> {
  const { error } = deps;
  if (!(error instanceof PoisonError)) throw error;
  const burial: Burial = { kind: 'DEAD_LETTER', reason: 'PROCESSING_DEFECT', stage: 'START', message: error.message };
  await bury(record, { ...deps, burial, attempts: error.attempts });
}
