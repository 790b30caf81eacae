import { defined } from './defined.ts';
import { type EvidenceReference, isOfVerification, type KeptEvidence } from './evidence.ts';
import { outcomeEventId } from './ids.ts';
import { instantOf } from './instant.ts';
import type { Answer } from './judging/answer.ts';
import { requiredNames } from './judging/compare.ts';
import { criteriaOf, lastAnswerOf, tellingReads } from './judging/conclude.ts';
import type { FarLevel, PolicyProfile } from './policy.ts';
import type { ReadReport } from './reading/report.ts';
import { countedReads, accountOf } from './reading/slots.ts';
import { type Reason, reason } from './reasons.ts';
import type { ReadRecord, ReadTrigger, State } from './state.ts';
import type { ComparisonVerdict, OutcomeKind, RetryAdvice, RiskLevel, Verdict } from './verdict.ts';

/**
 * The value of an outcome record (docs/messages.md). `wire/outcome.ts` holds the zod schema of the
 * same shape; a compile-time test keeps the two equal. It is fixed when `emitOutcome` is scheduled, so every retry and
 * every re-emission sends the same bytes.
 */
export type OutcomeEvent = {
  readonly schemaVersion: '1';
  readonly verificationId: string;
  readonly revision: number;
  readonly final: true;
  /** `ce_id` of the outcome this one replaces. */
  readonly supersedes?: string;
  readonly outcome: OutcomeKind;
  readonly reasons: readonly Reason[];
  readonly retryAdvice: RetryAdvice;
  readonly riskLevel: RiskLevel;
  readonly policy: {
    readonly id: PolicyProfile;
    readonly version: number;
    readonly requiredFar: FarLevel;
    /** The names that decide, after resolving the default. */
    readonly comparisons: readonly string[];
    readonly liveness: 'REQUIRED';
  };
  readonly liveness?: {
    readonly result: string;
    readonly scores?: { readonly flashAttack?: number; readonly livingAttack?: number };
    readonly issueCounts?: Readonly<Record<string, number>>;
  };
  readonly comparisons: readonly ComparisonVerdict[];
  readonly multipleFaces?: boolean;
  readonly vendor: {
    readonly name: 'megvii-faceid';
    readonly product: 'h5-lite-raw';
    readonly region: string;
    readonly status?: string;
    readonly rawStatus?: string;
    readonly errorCode?: string;
  };
  readonly correlation: {
    readonly bizNo?: string;
    readonly sourceEventId?: string;
    readonly sourceTopic: string;
    readonly sourcePartition: number;
    readonly sourceOffset: string;
    readonly workflowId: string;
    readonly runId: string;
    readonly vendorRequestIds: readonly string[];
  };
  readonly retrieval: {
    /** Includes the uncertain ones. */
    readonly callsUsed: number;
    readonly callsUncertain: number;
    readonly callLimit: number;
    readonly firstCallAt?: string;
    readonly lastCallAt?: string;
    readonly trigger?: ReadTrigger;
    readonly windowEndsAt: string;
  };
  readonly timestamps: {
    readonly issuedAt: string;
    readonly startedAt: string;
    readonly completedAt: string;
    readonly emittedAt: string;
  };
  /** Claim checks for what was kept of the answer that the outcome tells of; empty if nothing was. */
  readonly evidence: readonly EvidenceReference[];
  readonly actor: { readonly type: 'SYSTEM' | 'OPERATOR' | 'HUMAN'; readonly id?: string; readonly justification?: string };
  readonly attributes: Readonly<Record<string, string>>;
  readonly quirks: readonly string[];
};

/** What an outcome tells of the request and of where it came from. A workflow's input has all of it. */
export type OutcomeSource = {
  readonly verificationId: string;
  readonly issuedAt: string;
  readonly admittedAt: string;
  readonly deadlineAt: string;
  readonly bizNo?: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly vendorRegion: string;
  readonly source: { readonly topic: string; readonly partition: number; readonly offset: string; readonly eventId?: string };
};

/** Everything an outcome is made of. `nowMs`: when the verdict was reached and handed over, epoch ms. */
export type OutcomeFacts = {
  readonly input: OutcomeSource;
  readonly state: State;
  readonly verdict: Verdict;
  readonly workflowId: string;
  readonly runId: string;
  readonly nowMs: number;
  /** Default 1. A higher one supersedes the revision before it unless `supersedes` names another. */
  readonly revision?: number;
  readonly supersedes?: string;
  readonly actor?: OutcomeEvent['actor'];
};

/** The outcome event of a verdict (docs/messages.md): a pure mapping, so equal facts give equal bytes. */
export function buildOutcomeEvent(facts: OutcomeFacts): OutcomeEvent {
  const { input, state, verdict, nowMs, revision = 1 } = facts;
  const told = tellingReads(state).map(({ report }) => report);
  const report = lastAnswerOf(told);
  const answer = report?.answer;
  const supersedes = facts.supersedes ?? (revision > 1 ? outcomeEventId(input.verificationId, revision - 1) : undefined);
  const at = instantOf(nowMs);
  return {
    schemaVersion: '1',
    verificationId: input.verificationId,
    revision,
    final: true,
    ...defined({ supersedes }),
    outcome: verdict.outcome,
    reasons: [...verdict.reasons, ...lostEvidence(report?.evidence)],
    retryAdvice: verdict.retryAdvice,
    riskLevel: verdict.riskLevel,
    policy: policyOf(state, answer),
    ...livenessOf(answer),
    comparisons: verdict.comparisons,
    ...defined({ multipleFaces: answer?.multipleFaces }),
    vendor: vendorOf(input, { told, answer }),
    correlation: correlationOf(facts),
    retrieval: retrievalOf(input, state),
    timestamps: { issuedAt: input.issuedAt, startedAt: input.admittedAt, completedAt: at, emittedAt: at },
    evidence: referencesOf(report?.evidence, input.verificationId),
    actor: facts.actor ?? { type: 'SYSTEM' },
    attributes: input.attributes,
    quirks: quirksOf(told),
  };
}

/** Said here alone, where the verdict is fixed: nothing that judges, plans or advises ever sees it. */
function lostEvidence({ failures = [] }: KeptEvidence = { references: [] }): readonly Reason[] {
  return failures.length === 0 ? [] : [reason('EVIDENCE_STORE_FAILED', 'EVIDENCE')];
}

/** Nobody is led to the pictures of somebody else, whoever wrote the report. */
function referencesOf({ references }: KeptEvidence = { references: [] }, verificationId: string): readonly EvidenceReference[] {
  return references.filter((one) => isOfVerification(one, verificationId)).map(referenceOf);
}

/** Field by field: whoever completes an activity by hand may put more into its history than an outcome may carry. */
function referenceOf({ kind, object, sha256, bytes, contentType, keyId, expiresAt }: EvidenceReference): EvidenceReference {
  return { kind, object, sha256, bytes, contentType, keyId, expiresAt };
}

type Told = readonly (ReadReport | undefined)[];

function policyOf(state: State, answer: Answer | undefined): OutcomeEvent['policy'] {
  const { policy, comparisons } = state.assignment;
  return {
    id: policy.id,
    version: policy.version,
    requiredFar: policy.requiredFar,
    comparisons: answer === undefined ? comparisons : requiredNames(answer, criteriaOf(state)),
    liveness: 'REQUIRED',
  };
}

/** Field by field, here and in `judging/compare.ts`: a new field of the vendor's answer must not be published unseen. */
function livenessOf(answer: Answer | undefined): Pick<OutcomeEvent, 'liveness'> {
  if (answer === undefined) return {};
  const { result, scores, issueCounts } = answer.liveness;
  const copied = scores && defined({ flashAttack: scores.flashAttack, livingAttack: scores.livingAttack });
  return { liveness: { result, ...defined({ scores: copied, issueCounts }) } };
}

function vendorOf(
  input: OutcomeSource,
  { told, answer }: { readonly told: Told; readonly answer: Answer | undefined },
): OutcomeEvent['vendor'] {
  const last = lastSaid(told);
  return {
    name: 'megvii-faceid',
    product: 'h5-lite-raw',
    region: input.vendorRegion,
    ...defined({
      status: answer?.status,
      rawStatus: answer?.rawStatus,
      errorCode: last?.kind === 'VENDOR_ERROR' ? last.error : undefined,
    }),
  };
}

function correlationOf({ input, state, workflowId, runId }: OutcomeFacts): OutcomeEvent['correlation'] {
  const { source, bizNo } = input;
  return {
    ...defined({ bizNo, sourceEventId: source.eventId }),
    sourceTopic: source.topic,
    sourcePartition: source.partition,
    sourceOffset: source.offset,
    workflowId,
    runId,
    vendorRequestIds: [...new Set(state.reads.flatMap(({ report }) => requestIdsOf(report)))],
  };
}

function quirksOf(told: Told): readonly string[] {
  const last = lastSaid(told);
  return (last?.kind === 'ANSWER' ? last.answer.quirks : last?.quirks) ?? [];
}

/** The last that the vendor said, an error being an answer too. */
function lastSaid(told: Told): Extract<ReadReport, { kind: 'ANSWER' | 'VENDOR_ERROR' }> | undefined {
  return told.findLast((report) => report?.kind === 'ANSWER' || report?.kind === 'VENDOR_ERROR');
}

function requestIdsOf(report: ReadReport | undefined): readonly string[] {
  if (report?.kind === 'ANSWER') return report.answer.vendorRequestIds;
  return report?.kind === 'VENDOR_ERROR' ? report.vendorRequestIds : [];
}

function retrievalOf(input: OutcomeSource, state: State): OutcomeEvent['retrieval'] {
  const counted = countedReads(state).map(({ record }) => record);
  const first = counted[0];
  const last = counted.at(-1);
  const { counted: calls, uncertain } = accountOf(state);
  return {
    callsUsed: calls,
    callsUncertain: uncertain,
    callLimit: state.assignment.policy.maxReads,
    ...(first === undefined ? {} : { firstCallAt: sentAt(first) }),
    ...(last === undefined ? {} : { lastCallAt: sentAt(last), trigger: last.trigger }),
    windowEndsAt: input.deadlineAt,
  };
}

/** A read whose worker was lost has no time of sending; it was scheduled at that moment at the earliest. */
function sentAt({ report, scheduledAtMs }: ReadRecord): string {
  const sent = report !== undefined && 'sentAt' in report ? report.sentAt : undefined;
  return sent ?? instantOf(scheduledAtMs);
}
