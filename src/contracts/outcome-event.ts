import { requiredNames } from '../domain/compare.ts';
import type { Evidence } from '../domain/evidence.ts';
import { outcomeEventId } from '../domain/ids.ts';
import type { ReadReport } from '../domain/read-report.ts';
import { criteriaOf } from '../domain/settle.ts';
import { countedReads, spending } from '../domain/slots.ts';
import type { ReadRecord, State } from '../domain/state.ts';
import type { Verdict } from '../domain/verdict.ts';
import type { OutcomeEvent } from './outcome.ts';
import type { VerificationInput } from './workflow.ts';

/** Everything an outcome is made of. `nowMs`: when the verdict was reached and handed over, epoch ms. */
export type OutcomeFacts = {
  readonly input: VerificationInput;
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

/** The outcome event of a verdict (reference §4.2): a pure mapping, so equal facts give equal bytes. */
export function buildOutcomeEvent(facts: OutcomeFacts): OutcomeEvent {
  const { input, state, verdict, nowMs, revision = 1 } = facts;
  const evidence = lastEvidence(state);
  const supersedes = facts.supersedes ?? (revision > 1 ? outcomeEventId(input.verificationId, revision - 1) : undefined);
  const at = new Date(nowMs).toISOString();
  return {
    schemaVersion: '1',
    verificationId: input.verificationId,
    revision,
    final: true,
    ...(supersedes === undefined ? {} : { supersedes }),
    outcome: verdict.outcome,
    reasons: verdict.reasons,
    retryAdvice: verdict.retryAdvice,
    riskLevel: verdict.riskLevel,
    policy: policyOf(state, evidence),
    ...livenessOf(evidence),
    comparisons: verdict.comparisons,
    ...(evidence?.multipleFaces === undefined ? {} : { multipleFaces: evidence.multipleFaces }),
    vendor: vendorOf(input, { state, evidence }),
    correlation: correlationOf(facts),
    retrieval: retrievalOf(input, state),
    timestamps: { issuedAt: input.issuedAt, startedAt: input.admittedAt, completedAt: at, emittedAt: at },
    evidence: [],
    actor: facts.actor ?? { type: 'SYSTEM' },
    attributes: input.attributes,
    quirks: evidence?.quirks ?? [],
  };
}

function lastEvidence(state: State): Evidence | undefined {
  const report = state.reads.map((read) => read.report).findLast((candidate) => candidate?.kind === 'EVIDENCE');
  return report?.kind === 'EVIDENCE' ? report.evidence : undefined;
}

function policyOf(state: State, evidence: Evidence | undefined): OutcomeEvent['policy'] {
  const { policy, comparisons } = state.assignment;
  return {
    id: policy.id,
    version: policy.version,
    requiredFar: policy.requiredFar,
    comparisons: evidence === undefined ? comparisons : requiredNames(evidence, criteriaOf(state)),
    liveness: 'REQUIRED',
  };
}

function livenessOf(evidence: Evidence | undefined): Pick<OutcomeEvent, 'liveness'> {
  return evidence === undefined ? {} : { liveness: evidence.liveness };
}

function vendorOf(
  input: VerificationInput,
  { state, evidence }: { readonly state: State; readonly evidence: Evidence | undefined },
): OutcomeEvent['vendor'] {
  const last = state.reads.at(-1)?.report;
  return {
    name: 'megvii-faceid',
    product: 'h5-lite-raw',
    region: input.vendorRegion,
    ...(evidence === undefined ? {} : { status: evidence.status }),
    ...(evidence?.rawStatus === undefined ? {} : { rawStatus: evidence.rawStatus }),
    ...(last?.kind === 'VENDOR_ERROR' ? { errorCode: last.error } : {}),
  };
}

function correlationOf({ input, state, workflowId, runId }: OutcomeFacts): OutcomeEvent['correlation'] {
  const { source, bizNo } = input;
  return {
    ...(bizNo === undefined ? {} : { bizNo }),
    ...(source.eventId === undefined ? {} : { sourceEventId: source.eventId }),
    sourceTopic: source.topic,
    sourcePartition: source.partition,
    sourceOffset: source.offset,
    workflowId,
    runId,
    vendorRequestIds: [...new Set(state.reads.flatMap(({ report }) => requestIdsOf(report)))],
  };
}

function requestIdsOf(report: ReadReport | undefined): readonly string[] {
  if (report?.kind === 'EVIDENCE') return report.evidence.vendorRequestIds;
  return report?.kind === 'VENDOR_ERROR' ? report.vendorRequestIds : [];
}

function retrievalOf(input: VerificationInput, state: State): OutcomeEvent['retrieval'] {
  const counted = countedReads(state).map(({ record }) => record);
  const first = counted[0];
  const last = counted.at(-1);
  const { spent, uncertain } = spending(state);
  return {
    callsUsed: spent + uncertain,
    callsUncertain: uncertain,
    callLimit: state.assignment.policy.maxCalls,
    ...(first === undefined ? {} : { firstCallAt: sentAt(first) }),
    ...(last === undefined ? {} : { lastCallAt: sentAt(last), trigger: last.trigger }),
    windowEndsAt: input.deadlineAt,
  };
}

/** A read whose worker was lost has no time of sending; it was scheduled at that moment at the earliest. */
function sentAt({ report, scheduledAtMs }: ReadRecord): string {
  const sent = report !== undefined && 'sentAt' in report ? report.sentAt : undefined;
  return sent ?? new Date(scheduledAtMs).toISOString();
}
