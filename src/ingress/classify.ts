import { defined } from '../domain/defined.ts';
import { exhausted } from '../domain/exhaustive.ts';
import { type Envelope, openEnvelope } from '../contracts/wire/cloud-events.ts';
import type { DeadLetterReason } from '../contracts/dead-letter-reasons.ts';
import type { DeadLetterStage } from '../contracts/wire/dead-letter.ts';
import { parseHint } from '../contracts/wire/hint.ts';
import { givesTokenAway, parseRequest, type VerificationRequest } from '../contracts/wire/request.ts';
import { verificationIdOf } from '../contracts/wire/token-identity.ts';
import { MAX_VALUE_BYTES } from '../contracts/wire/value-json.ts';
import type { HintSignal, TraceContext } from '../contracts/workflow.ts';
import type { Policy, PolicyProfile } from '../domain/policy.ts';
import type { ClockObjection } from './clock.ts';
import type { Cut, InboundRecord } from './ports.ts';

const MAX_CLOCK_LEAD_MS = 5 * 60_000;
/** 2001-09-09. Below it lie 0, seconds and anything else that is no time of today in milliseconds; microseconds lie beyond the calendar. */
const MIN_INSTANT_MS = 1_000_000_000_000;
/** 9999-12-30: an instant whose window still ends in a four-digit year. */
const MAX_INSTANT_MS = 253_402_128_000_000;

export type ClassifySettings = {
  readonly hintTopic: string;
  /** True: hints may call themselves trusted. Whoever may write to the topic then decides over the reserve of every token. */
  readonly trustHints: boolean;
  /** Retention of finished workflows, in ms: deduplication reaches back this far. */
  readonly retentionMs: number;
  /** Undefined: this installation does not know the profile. Without a name: its default. */
  readonly policyFor: (profile: PolicyProfile | undefined) => Policy | undefined;
};

export type StartFacts = TraceContext & {
  readonly kind: 'START';
  readonly verificationId: string;
  readonly request: VerificationRequest;
  readonly issuedAtMs: number;
  readonly policy: Policy;
  readonly eventId?: string;
};

export type HintFacts = TraceContext & {
  readonly kind: 'HINT';
  readonly verificationId: string;
  readonly hint: HintSignal;
  /** It called itself trusted, and is taken as untrusted. */
  readonly distrusted?: true;
};

/** Why a record cannot be handled as it is: it is to be put aside. */
export type Fault = {
  readonly kind: 'DEAD_LETTER';
  readonly reason: DeadLetterReason;
  readonly stage: DeadLetterStage;
  readonly message: string;
};

/** A request that only our own clock speaks against. */
export type InDoubt = TraceContext & { readonly kind: 'CLOCK_DOUBT'; readonly verificationId: string } & ClockObjection;

export type Classification = StartFacts | HintFacts | { readonly kind: 'IGNORE'; readonly why: 'TOMBSTONE' } | Fault | InDoubt;

/** Decides what a record asks for. Pure and total: no bytes make it throw. Messages never quote the record. */
export function classify(record: InboundRecord, settings: ClassifySettings & { readonly nowMs: number }): Classification {
  if (record.cut) return fault('TOO_LARGE', 'DECODE', [whatWasCut(record.cut, record.offset)]);
  if (record.value === null) return { kind: 'IGNORE', why: 'TOMBSTONE' };
  if (record.value.length > MAX_VALUE_BYTES) {
    return fault('TOO_LARGE', 'DECODE', [`value: has ${record.value.length} bytes, at most ${MAX_VALUE_BYTES} are accepted`]);
  }
  const opened = openEnvelope(record.value, record.headers);
  if (!opened.ok) return fault(opened.reason, 'DECODE', opened.problems);
  return record.topic === settings.hintTopic
    ? classifyHint(record, opened.value, settings)
    : classifyRequest(record, opened.value, settings);
}

function whatWasCut(cut: Cut, lastOffset: bigint): string {
  switch (cut.kind) {
    case 'RECORD':
      return `record: has ${cut.bytes} bytes, at most ${MAX_VALUE_BYTES} are accepted for its value`;
    case 'BATCH':
      return `batch: its ${cut.records} records, offsets ${cut.firstOffset} to ${lastOffset}, are too many or too large together to be read; none of them was`;
    default:
      return exhausted(cut);
  }
}

type HintSettings = Pick<ClassifySettings, 'trustHints'> & { readonly nowMs: number };

function classifyHint(record: InboundRecord, envelope: Envelope, { trustHints, nowMs }: HintSettings): Classification {
  const parsed = parseHint(envelope.data);
  if (!parsed.ok) return fault('INVALID_HINT', 'VALIDATE', parsed.problems);
  const { token, verificationId, kind, trusted = false } = parsed.value;
  const id = verificationId ?? (token === undefined ? undefined : verificationIdOf(token));
  if (id === undefined) return fault('INVALID_HINT', 'VALIDATE', ['verificationId: one of token and verificationId is required']);
  const recordedAtMs = recordedAt(record);
  // A hint from the future would silence every later one of its kind, because those came before it.
  const isPlausible = recordedAtMs !== undefined && recordedAtMs <= nowMs + MAX_CLOCK_LEAD_MS;
  const at = isPlausible ? new Date(recordedAtMs).toISOString() : undefined;
  const hint = { kind, trusted: trusted && trustHints, ...defined({ recordedAt: at }) };
  const { traceparent, tracestate } = traces(envelope, token);
  const distrusted = trusted && !trustHints ? ({ distrusted: true } as const) : {};
  return { kind: 'HINT', verificationId: id, hint, ...distrusted, ...defined({ traceparent, tracestate }) };
}

function classifyRequest(
  record: InboundRecord,
  envelope: Envelope,
  settings: ClassifySettings & { readonly nowMs: number },
): Classification {
  const parsed = parseRequest(envelope.data);
  if (!parsed.ok) return fault('INVALID_REQUEST', 'VALIDATE', parsed.problems);
  const request = parsed.value;
  const recordedAtMs = recordedAt(record);
  const issuedAtMs = request.issuedAt === undefined ? recordedAtMs : Date.parse(request.issuedAt);
  if (issuedAtMs === undefined || !(issuedAtMs <= MAX_INSTANT_MS)) {
    return fault('INVALID_REQUEST', 'VALIDATE', ['issuedAt: is missing, and the record has no usable timestamp (epoch milliseconds)']);
  }
  // A timestamp that the producer wrote may be that of a record this one was made from, hours before the token was issued.
  if (record.isAppendTime === true && recordedAtMs !== undefined && issuedAtMs > recordedAtMs + MAX_CLOCK_LEAD_MS) {
    return fault('INVALID_REQUEST', 'VALIDATE', ["issuedAt: is more than 5 minutes after the record's timestamp"]);
  }
  const policy = settings.policyFor(request.policy);
  if (policy === undefined) return fault('INVALID_REQUEST', 'VALIDATE', ['policy: this profile is not configured here']);
  const verificationId = verificationIdOf(request.token);
  const objection = objectionOf(issuedAtMs, { record, settings });
  const { eventId, ...trace } = traces(envelope, request.token);
  if (objection) return { kind: 'CLOCK_DOUBT', verificationId, ...objection, ...trace };
  return { kind: 'START', verificationId, request, issuedAtMs, policy, ...defined({ eventId }), ...trace };
}

/** What the clock of this process has against a request that is valid otherwise. */
function objectionOf(
  issuedAtMs: number,
  { record, settings }: { readonly record: InboundRecord; readonly settings: ClassifySettings & { readonly nowMs: number } },
): ClockObjection | undefined {
  // A window that begins in the future would end after the vendor has destroyed the result.
  if (issuedAtMs > settings.nowMs + MAX_CLOCK_LEAD_MS) {
    const ahead = fault('INVALID_REQUEST', 'VALIDATE', ['issuedAt, or the timestamp it defaults to: is more than 5 minutes in the future']);
    const isBorneOut = record.isAppendTime === true && recordedAt(record) !== undefined;
    return { says: 'by the clock of this process, records are of the future', ...defined({ fault: isBorneOut ? undefined : ahead }) };
  }
  // Temporal forgets a verification one retention after its end, which a leading clock puts before `issuedAt`.
  if (issuedAtMs - MAX_CLOCK_LEAD_MS < settings.nowMs - settings.retentionMs) {
    const old = fault('BEYOND_DEDUPE_HORIZON', 'ADMIT', [
      'issuedAt: is older than finished verifications are remembered, so a second, different outcome could follow',
    ]);
    return { says: 'by the clock of this process, records are older than the retention of the namespace', fault: old };
  }
  return undefined;
}

/** Epoch ms of the record. Undefined if it has none (-1) or an absurd one, such as 0 or seconds. */
function recordedAt({ timestampMs }: InboundRecord): number | undefined {
  return timestampMs >= MIN_INSTANT_MS && timestampMs <= MAX_INSTANT_MS ? timestampMs : undefined;
}

/** Some producers take the token for the event's id, or put it into a trace; it must not enter the history in clear. */
function traces({ eventId, traceparent, tracestate }: Envelope, token = ''): TraceContext & { readonly eventId?: string } {
  const safe = (text: string | undefined): string | undefined => (givesTokenAway(text ?? '', token) ? undefined : text);
  const parent = safe(traceparent);
  return defined({ eventId: safe(eventId), traceparent: parent, tracestate: parent === undefined ? undefined : safe(tracestate) });
}

function fault(reason: DeadLetterReason, stage: DeadLetterStage, problems: readonly string[]): Fault {
  return { kind: 'DEAD_LETTER', reason, stage, message: problems.join('; ').slice(0, 1024) };
}
