import { defined } from '../domain/defined.ts';
import { exhausted } from '../domain/exhaustive.ts';
import type { Semaphore } from '../async/semaphore.ts';
import type { Sequencer } from '../async/sequencer.ts';
import { RecordRefusedError } from '../contracts/errors.ts';
import { DEAD_LETTER_HEADERS, type DeadLetterHeaders, stubHeaders, withDeadLetterHeaders } from '../contracts/wire/dead-letter.ts';
import { fingerprintOf } from '../contracts/wire/token-identity.ts';
import type { HintAnswer, VerificationInput } from '../contracts/workflow.ts';
import { workflowIdOf } from '../domain/ids.ts';
import { type Burial, classify, type ClassifySettings, type StartFacts } from './classify.ts';
import type { HintWaiting, WaitingHint } from './hints.ts';
import {
  type Admission,
  type DeadLetter,
  type DeadLetterSink,
  type HintSender,
  type InboundRecord,
  positionOf,
  type StartOrder,
  type TokenSealer,
  type VerificationStarter,
} from './ports.ts';
import type { RecentRequests } from './recent-requests.ts';
import { AbandonedError, persevere, type PersevereDeps, PoisonError } from './retry.ts';

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
      return exhausted(seen);
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

type BuryDeps = PersevereDeps & {
  readonly settings: { readonly groupId: string };
  readonly deadLetters: DeadLetterSink;
  readonly signal: AbortSignal;
  readonly burial: Burial;
  readonly attempts: number;
};

/** Waits for the dead-letter topic however long it takes: a record is never dropped. */
async function bury(record: InboundRecord, deps: BuryDeps): Promise<void> {
  const { burial, attempts, settings, clock, events } = deps;
  const failure: Failure = { burial, groupId: settings.groupId, nowMs: clock.now(), attempts };
  const at = positionOf(record);
  const refused = await persevere(async () => await publish(record, { deadLetters: deps.deadLetters, failure }), { ...deps, at });
  if (refused) events.deadLetterCut({ ...at, valueBytes: record.value?.length ?? 0, refusal: refused.message });
  events.deadLettered({ ...at, reason: burial.reason, stage: burial.stage, message: burial.message });
}

/** @returns why the topic does not take the record as it is, if only a stub was written: waiting would hold up all behind it. */
async function publish(
  record: InboundRecord,
  { deadLetters, failure }: { readonly deadLetters: DeadLetterSink; readonly failure: Failure },
): Promise<RecordRefusedError | undefined> {
  try {
    await deadLetters.publish(deadLetterOf(record, failure));
    return undefined;
  } catch (error) {
    if (!(error instanceof RecordRefusedError)) throw error;
    await deadLetters.publish(stubOf(record, failure));
    return error;
  }
}

const MAX_STUB_KEY_BYTES = 256;
const MAX_STUB_VALUE_BYTES = 1024;

type Failure = { readonly burial: Burial; readonly groupId: string; readonly nowMs: number; readonly attempts: number };

/** The record byte for byte, with headers that say where it came from and which rule it breaks. */
function deadLetterOf(record: InboundRecord, failure: Failure): DeadLetter {
  return { key: record.key, value: record.value, headers: withDeadLetterHeaders(record.headers, headersOf(record, failure)) };
}

/**
 * Stands for a record that the dead-letter topic refuses as it is: too large with our headers, or without the key that a
 * compacted topic asks for. Small whatever the record holds; never without key or value.
 */
function stubOf(record: InboundRecord, failure: Failure): DeadLetter {
  const { key, topic, partition, offset } = record;
  const value = record.value ?? Buffer.alloc(0);
  return {
    key: key !== null && key.length <= MAX_STUB_KEY_BYTES ? key : Buffer.from(`${topic}/${partition}/${offset}`),
    value: value.subarray(0, MAX_STUB_VALUE_BYTES),
    headers: withDeadLetterHeaders(new Map(), { ...headersOf(record, failure), ...stubHeaders(value) }),
  };
}

function headersOf(record: InboundRecord, { burial, groupId, nowMs, attempts }: Failure): DeadLetterHeaders {
  return {
    [DEAD_LETTER_HEADERS.topic]: record.topic,
    [DEAD_LETTER_HEADERS.partition]: String(record.partition),
    [DEAD_LETTER_HEADERS.offset]: record.offset.toString(),
    [DEAD_LETTER_HEADERS.timestamp]: String(record.timestampMs),
    [DEAD_LETTER_HEADERS.group]: groupId,
    [DEAD_LETTER_HEADERS.reason]: burial.reason,
    [DEAD_LETTER_HEADERS.stage]: burial.stage,
    [DEAD_LETTER_HEADERS.message]: burial.message,
    [DEAD_LETTER_HEADERS.attempts]: String(attempts),
    [DEAD_LETTER_HEADERS.failedAt]: new Date(nowMs).toISOString(),
  };
}

/** A token begins no session later than this after its issue, unless the request says otherwise (design §5). */
const DEFAULT_TOKEN_LIFE_MS = 60 * 60_000;

type StartOrderOptions = {
  readonly record: InboundRecord;
  readonly sealer: TokenSealer;
  readonly vendorRegion: string;
  readonly nowMs: number;
};

/** The order to start a verification: every default applied, the token sealed, the source stamped. */
function startOrderOf(facts: StartFacts, options: StartOrderOptions): StartOrder {
  const { record } = options;
  const admittedAt = instant(options.nowMs);
  const place = { topic: record.topic, partition: record.partition, offset: record.offset.toString() };
  return {
    workflowId: workflowIdOf(facts.verificationId),
    input: inputOf(facts, { ...options, admittedAt, place }),
    origin: { origin: 'ingress', ...place, admittedAt },
  };
}

type Place = { readonly topic: string; readonly partition: number; readonly offset: string };

function inputOf(facts: StartFacts, options: StartOrderOptions & { admittedAt: string; place: Place }): VerificationInput {
  const { request, policy, issuedAtMs, verificationId } = facts;
  return {
    v: 1,
    verificationId,
    sealedToken: options.sealer.seal(request.token, verificationId),
    issuedAt: instant(issuedAtMs),
    admittedAt: options.admittedAt,
    tokenExpiresAt: instant(request.tokenExpiresAt === undefined ? issuedAtMs + DEFAULT_TOKEN_LIFE_MS : Date.parse(request.tokenExpiresAt)),
    ...(request.sessionEndedAt === undefined ? {} : { sessionEndedAt: instant(Date.parse(request.sessionEndedAt)) }),
    deadlineAt: instant(issuedAtMs + policy.windowMs),
    comparisons: request.comparisons ?? [],
    ...defined({ bizNo: request.bizNo }),
    returnImage: request.returnImage ?? 0,
    attributes: request.attributes ?? {},
    policy,
    vendorRegion: options.vendorRegion,
    source: { ...options.place, ...defined({ eventId: facts.eventId }) },
    ...defined({ traceparent: facts.traceparent }),
  };
}

function instant(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
