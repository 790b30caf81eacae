import type { VerificationInput } from '../contracts/workflow.ts';
import { workflowIdOf } from '../domain/ids.ts';
import type { StartFacts } from './classify.ts';
import type { InboundRecord, StartOrder, TokenSealer } from './ports.ts';

/** A token begins no session later than this after its issue, unless the request says otherwise (design §5). */
const DEFAULT_TOKEN_LIFE_MS = 60 * 60_000;

export type StartOrderOptions = {
  readonly record: InboundRecord;
  readonly sealer: TokenSealer;
  readonly vendorRegion: string;
  readonly nowMs: number;
};

/** The order to start a verification: every default applied, the token sealed, the source stamped. */
export function startOrderOf(facts: StartFacts, options: StartOrderOptions): StartOrder {
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
    ...(request.bizNo === undefined ? {} : { bizNo: request.bizNo }),
    returnImage: request.returnImage ?? 0,
    attributes: request.attributes ?? {},
    policy,
    vendorRegion: options.vendorRegion,
    source: { ...options.place, ...(facts.eventId === undefined ? {} : { eventId: facts.eventId }) },
    ...(facts.traceparent === undefined ? {} : { traceparent: facts.traceparent }),
  };
}

function instant(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
