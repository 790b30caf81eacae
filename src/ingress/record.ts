import { createSequencer } from '../async/sequencer.ts';
import type { Clock } from '../async/sleep.ts';
import { fingerprintOf } from '../contracts/wire/token-identity.ts';
import { traceOfHeaders } from '../contracts/wire/cloud-events.ts';
import type { TraceContext, VerificationInput } from '../contracts/workflow.ts';
import { defined } from '../domain/defined.ts';
import { exhausted } from '../domain/exhaustive.ts';
import { workflowIdOf } from '../domain/ids.ts';
import { instantOf } from '../domain/instant.ts';
import { startsWithRead } from './admission.ts';
import { type Classification, classify, type ClassifySettings, type Fault, type StartFacts } from './classify.ts';
import { faultOrDoubt } from './clock.ts';
import { createPutAside } from './dead-letter.ts';
import { createHintDelivery } from './hints.ts';
import {
  type Admission,
  type DeadLetterSink,
  type HintSender,
  type InboundRecord,
  type IngressEvents,
  positionOf,
  type RecordTracing,
  type StartOrder,
  type TimeWitness,
  type TokenSealer,
  type VerificationStarter,
  type Wait,
} from './ports.ts';
import { createRetry, createTurns, type InTurn, RecordAtFaultError, type UntilDone } from './retry.ts';

export type RecordPorts = {
  readonly settings: ClassifySettings & {
    readonly groupId: string;
    readonly vendorRegion: string;
    readonly readsQueued?: true;
    readonly returnImage?: 0 | 1 | 2;
  };
  readonly starter: VerificationStarter;
  readonly hintSender: HintSender;
  readonly deadLetters: DeadLetterSink;
  readonly sealer: TokenSealer;
  readonly admission: Admission;
  readonly clock: Clock;
  /** Asked when records do not agree with our clock. Absent: nobody can be asked, so they wait until they do. */
  readonly timeWitness?: TimeWitness;
  readonly events: IngressEvents;
  /** Default: nobody traces. */
  readonly tracing?: RecordTracing;
  readonly random?: () => number;
  /** Whether a verification's first decision is an immediate read. Default: asks the domain. */
  readonly startsWithRead?: (input: VerificationInput, nowMs: number) => boolean;
  /** Starts and hint sends under way at once, over all partitions. */
  readonly maxConcurrentStarts: number;
  /** How long a hint waits for its workflow, in ms. Default 30 s. */
  readonly hintRetryMs?: number;
  /** Default 1000. */
  readonly maxWaitingHints?: number;
};

export type RecordHandler = {
  /**
   * Resolves once the record is durable: its verification is started, it is in the dead letters, or it needs neither.
   * @throws AbandonedError when `signal` aborts first; the record is then to be read again.
   */
  handle(record: InboundRecord, signal: AbortSignal): Promise<void>;
  /** What records wait for; not empty: not ready. */
  waits(): readonly Wait[];
  /** Drops waiting hints. */
  close(): Promise<void>;
};

export function createRecordHandler(ports: RecordPorts): RecordHandler {
  const { settings, clock, events, random = Math.random, tracing = NO_TRACING } = ports;
  const retry = createRetry({ clock, events, random });
  const inTurn = createTurns(ports.maxConcurrentStarts);
  const start = createStart({ ...ports, untilStarted: retry.kindOfWork({ mayBlameRecord: true }), inTurn });
  const hints = createHintDelivery({ ...ports, random, untilSent: retry.kindOfWork({ mayBlameRecord: true }), inTurn });
  const putAside = createPutAside({ ...ports, untilWritten: retry.kindOfWork({ mayBlameRecord: false }) });
  const untilClear = retry.kindOfWork({ mayBlameRecord: false });
  const witness = ports.timeWitness ?? NO_WITNESS;
  const perToken = createSequencer();

  /** Waits while nothing but our clock speaks against the request; its time may come meanwhile. */
  async function cleared(record: InboundRecord, signal: AbortSignal): Promise<StartFacts | Fault> {
    const ask = async (): Promise<StartFacts | Fault> => {
      const nowMs = clock.now();
      const asked = classify(record, { ...settings, nowMs });
      if (asked.kind === 'START' || asked.kind === 'DEAD_LETTER') return asked;
      if (asked.kind === 'CLOCK_DOUBT') return await faultOrDoubt(asked, { nowMs, witness });
      throw new TypeError(`a request is classified as ${asked.kind}`);
    };
    return await untilClear(ask, { record, signal });
  }

  async function startOrPutAside(record: InboundRecord, { asked, carried, signal }: Asked): Promise<void> {
    if (asked.kind === 'START') await start(record, { facts: { ...asked, ...carried }, signal });
    else await putAside(record, { fault: asked, attempts: 1, signal });
  }

  async function settle(record: InboundRecord, { asked, carried, signal }: Taken): Promise<void> {
    try {
      switch (asked.kind) {
        // One token's records start in order, so that the first one wins.
        case 'START':
          return await perToken.run(asked.verificationId, async () => await start(record, { facts: { ...asked, ...carried }, signal }));
        case 'CLOCK_DOUBT':
          return await perToken.run(asked.verificationId, async () => {
            await startOrPutAside(record, { asked: await cleared(record, signal), carried, signal });
          });
        case 'HINT':
          return await hints.deliver(record, { asked, signal });
        case 'IGNORE':
          return events.ignored({ ...positionOf(record), why: asked.why });
        case 'DEAD_LETTER':
          return await putAside(record, { fault: asked, attempts: 1, signal });
        default:
          return exhausted(asked);
      }
    } catch (error) {
      if (!(error instanceof RecordAtFaultError)) throw error;
      const fault = { kind: 'DEAD_LETTER', reason: 'PROCESSING_DEFECT', stage: 'START', message: error.message } as const;
      await putAside(record, { fault, attempts: error.attempts, signal });
    }
  }

  async function handle(record: InboundRecord, signal: AbortSignal): Promise<void> {
    const asked = classify(record, { ...settings, nowMs: clock.now() });
    const about = { ...positionOf(record), trace: traceOf(record, asked) };
    await tracing(about, async (carried) => await settle(record, { asked, carried, signal }));
    events.taken(positionOf(record));
  }

  return { handle, waits: retry.waits, close: hints.close };
}

type Taken = { readonly asked: Classification; readonly carried: TraceContext; readonly signal: AbortSignal };
type Asked = Taken & { readonly asked: StartFacts | Fault };

const NO_TRACING: RecordTracing = async ({ trace }, work) => await work(trace);

/** What is put aside was not understood: of its headers the part that can hold nothing but numbers. */
function traceOf(record: InboundRecord, asked: Classification): TraceContext {
  if (asked.kind === 'DEAD_LETTER' || asked.kind === 'IGNORE') return defined({ traceparent: traceOfHeaders(record.headers).traceparent });
  return defined({ traceparent: asked.traceparent, tracestate: asked.tracestate });
}

const NO_WITNESS: TimeWitness = { lastSeenMs: async () => await Promise.resolve(undefined) };

type StartPorts = RecordPorts & { readonly untilStarted: UntilDone; readonly inTurn: InTurn };

/** Starts the verification that a record asks for; resolves once Temporal has it. */
function createStart(ports: StartPorts) {
  const { starter, admission, clock, events, untilStarted, inTurn } = ports;
  const readsAtOnce = ports.startsWithRead ?? startsWithRead;
  const recent = createRecentRequests(10_000);

  /** Only what reads at once occupies a worker, so that it needs a place; a token started before will not be started again. */
  async function admitAndStart(order: StartOrder, signal: AbortSignal): Promise<'STARTED' | 'ALREADY_STARTED'> {
    const { verificationId } = order.input;
    const needsPlace = !recent.has(verificationId) && readsAtOnce(order.input, clock.now());
    let keepsPlace = false;
    if (needsPlace) await admission.acquire(verificationId, signal);
    try {
      const answer = await inTurn(async () => await starter.start(order), signal);
      keepsPlace = answer === 'STARTED';
      return answer;
    } finally {
      if (needsPlace && !keepsPlace) admission.release(verificationId);
    }
  }

  return async (record: InboundRecord, { facts, signal }: { facts: StartFacts; signal: AbortSignal }): Promise<void> => {
    const { verificationId, request } = facts;
    // Made anew for each attempt: it tells when the verification was admitted.
    const answer = await untilStarted(async () => await admitAndStart(orderOf(record, { facts, ...ports }), signal), { record, signal });
    const at = { ...positionOf(record), verificationId };
    const fingerprint = fingerprintOf(request);
    if (answer === 'STARTED') events.started(at);
    else events.alreadyStarted(at);
    if (answer === 'ALREADY_STARTED' && recent.differs(verificationId, fingerprint)) events.differs(at);
    recent.remember(verificationId, fingerprint);
  };
}

/** A token begins no session later than this after its issue, unless the request says otherwise. */
const DEFAULT_TOKEN_LIFE_MS = 60 * 60_000;

type OrderOptions = Pick<RecordPorts, 'sealer' | 'settings' | 'clock'> & { readonly facts: StartFacts };

/** The order to start a verification: every default applied, the token sealed, the source stamped. */
export function orderOf(record: InboundRecord, { facts, sealer, settings, clock }: OrderOptions): StartOrder {
  const { request, policy, issuedAtMs, verificationId } = facts;
  const admittedAt = instantOf(clock.now());
  const place = { topic: record.topic, partition: record.partition, offset: record.offset.toString() };
  const expiresAtMs = request.tokenExpiresAt === undefined ? issuedAtMs + DEFAULT_TOKEN_LIFE_MS : Date.parse(request.tokenExpiresAt);
  const input: VerificationInput = {
    v: 1,
    verificationId,
    sealedToken: sealer.seal(request.token, verificationId),
    issuedAt: instantOf(issuedAtMs),
    admittedAt,
    tokenExpiresAt: instantOf(expiresAtMs),
    ...defined({ sessionEndedAt: request.sessionEndedAt === undefined ? undefined : instantOf(Date.parse(request.sessionEndedAt)) }),
    deadlineAt: instantOf(issuedAtMs + policy.windowMs),
    comparisons: request.comparisons ?? [],
    ...defined({ bizNo: request.bizNo }),
    returnImage: request.returnImage ?? settings.returnImage ?? 0,
    attributes: request.attributes ?? {},
    policy,
    ...defined({ readsQueued: settings.readsQueued }),
    vendorRegion: settings.vendorRegion,
    source: { ...place, ...defined({ eventId: facts.eventId }) },
    ...defined({ traceparent: facts.traceparent, tracestate: facts.tracestate }),
  };
  return { workflowId: workflowIdOf(verificationId), input, origin: { origin: 'ingress', ...place, admittedAt } };
}

/** Fingerprints of the last requests this process started: tells cheaply whether a repeated token came with other fields. */
type RecentRequests = {
  remember(verificationId: string, fingerprint: string): void;
  has(verificationId: string): boolean;
  /** True only if the remembered request of this verification had other fields. */
  differs(verificationId: string, fingerprint: string): boolean;
};

function createRecentRequests(capacity: number): RecentRequests {
  const known = new Map<string, string>();
  return {
    remember(verificationId, fingerprint) {
      if (known.has(verificationId)) return;
      known.set(verificationId, fingerprint);
      const [oldest] = known.keys();
      if (known.size > capacity && oldest !== undefined) known.delete(oldest);
    },
    has: (verificationId) => known.has(verificationId),
    differs(verificationId, fingerprint) {
      const first = known.get(verificationId);
      return first !== undefined && first !== fingerprint;
    },
  };
}
