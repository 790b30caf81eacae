import type { OutcomeEvent } from '../../domain/outcome.ts';
import type { DecisionAuditRecord } from './decision-audit.ts';
import type { EvidenceAuditRecord } from './evidence-audit.ts';
import type { GateEventRecord } from './gate-event.ts';
import type { HintAuditRecord } from './hint-audit.ts';
import type { SessionHint } from './hint.ts';
import type { RedriveAuditRecord } from './redrive-audit.ts';
import type { ReplayAuditRecord } from './replay-audit.ts';
import type { VerificationRequest } from './request.ts';

/** Examples for the documents. All values are invented. */
export const EXAMPLE_REQUEST: VerificationRequest = {
  token: 'EXAMPLE-TOKEN-0001',
  issuedAt: '2026-01-15T09:30:00Z',
  bizNo: 'order-20260115-0001',
  comparisons: ['result_ref1'],
  attributes: { tenant: 'example' },
};

export const EXAMPLE_HINT: SessionHint = { token: 'EXAMPLE-TOKEN-0001', kind: 'SESSION_ENDED' };

const VERIFICATION_ID = 'dwo7f5duyy4bp6gv3yi5xvnkk2';

export const EXAMPLE_OUTCOME: OutcomeEvent = {
  schemaVersion: '1',
  verificationId: VERIFICATION_ID,
  revision: 1,
  final: true,
  outcome: 'PASSED',
  reasons: [],
  retryAdvice: 'NONE',
  riskLevel: 'LOW',
  policy: { id: 'issued', version: 1, requiredFar: '1e-4', comparisons: ['result_ref1'], liveness: 'REQUIRED' },
  liveness: { result: 'PASS' },
  comparisons: [
    {
      name: 'result_ref1',
      confidence: 88.5,
      thresholds: { '1e-3': 62.2, '1e-4': 69.3, '1e-5': 74.4, '1e-6': 78.1 },
      farLevelMet: '1e-6',
      required: true,
      passed: true,
    },
  ],
  multipleFaces: false,
  vendor: { name: 'megvii-faceid', product: 'h5-lite-raw', region: 'sgp', status: 'OK' },
  correlation: {
    bizNo: 'order-20260115-0001',
    sourceTopic: 'faceid.verification.requested.v1',
    sourcePartition: 0,
    sourceOffset: '42',
    workflowId: `fv-${VERIFICATION_ID}`,
    runId: '019bc0de-0000-7000-8000-000000000001',
    vendorRequestIds: ['1768470000,00000000-0000-4000-8000-000000000001'],
  },
  retrieval: {
    callsUsed: 1,
    callsUncertain: 0,
    callLimit: 3,
    firstCallAt: '2026-01-15T09:35:00.000Z',
    lastCallAt: '2026-01-15T09:35:00.000Z',
    trigger: 'SCHEDULE',
    windowEndsAt: '2026-01-16T09:30:00.000Z',
  },
  timestamps: {
    issuedAt: '2026-01-15T09:30:00.000Z',
    startedAt: '2026-01-15T09:30:01.000Z',
    completedAt: '2026-01-15T09:35:00.400Z',
    emittedAt: '2026-01-15T09:35:00.400Z',
  },
  evidence: [
    {
      kind: 'IMAGE_BEST',
      object: `${VERIFICATION_ID}/image_best-1f0c9a53d2e8b7a4`,
      sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
      bytes: 84_120,
      contentType: 'image/jpeg',
      keyId: 'e1',
      expiresAt: '2026-02-14T09:35:00.400Z',
    },
  ],
  actor: { type: 'SYSTEM' },
  attributes: { tenant: 'example' },
  quirks: [],
};

export const EXAMPLE_REPLAY_AUDIT: ReplayAuditRecord = {
  schemaVersion: '1',
  verificationId: VERIFICATION_ID,
  workflowId: `fv-${VERIFICATION_ID}`,
  runId: '019bc0de-0000-7000-8000-000000000002',
  homeRunId: '019bc0de-0000-7000-8000-000000000001',
  operator: 'jane',
  reason: 'the vendor has confirmed that its data source is back',
  ticket: 'INC-7',
  action: 'READ',
  readsUsed: 1,
  readsAtMost: 2,
  policy: { requiredFar: '1e-4', comparisons: ['result_ref1'] },
  before: { ceId: `${VERIFICATION_ID}.r1`, outcome: 'ERROR', reasons: ['DATA_SOURCE_ERROR'] },
  requestedAt: '2026-01-15T11:00:00.000Z',
  startedAt: '2026-01-15T11:00:00.200Z',
};

export const EXAMPLE_DECISION_AUDIT: DecisionAuditRecord = {
  schemaVersion: '1',
  verificationId: VERIFICATION_ID,
  workflowId: `fv-${VERIFICATION_ID}`,
  runId: '019bc0de-0000-7000-8000-000000000003',
  homeRunId: '019bc0de-0000-7000-8000-000000000001',
  operator: 'back-office',
  reviewer: 'mia',
  reason: 'the second face is a portrait on the wall',
  ticket: 'CASE-9',
  action: 'DECIDE',
  verdict: 'APPROVED',
  readsUsed: 1,
  before: { ceId: `${VERIFICATION_ID}.r1`, outcome: 'NEEDS_REVIEW', reasons: ['MULTIPLE_FACES'] },
  requestedAt: '2026-01-15T13:00:00.000Z',
  startedAt: '2026-01-15T13:00:00.200Z',
};

export const EXAMPLE_HINT_AUDIT: HintAuditRecord = {
  schemaVersion: '1',
  verificationId: VERIFICATION_ID,
  workflowId: `fv-${VERIFICATION_ID}`,
  runId: '019bc0de-0000-7000-8000-000000000001',
  operator: 'jane',
  reason: 'the user has closed the browser and waits on the phone',
  ticket: 'INC-8',
  action: 'HINT',
  hint: { kind: 'SESSION_ENDED', trusted: true },
  readsUsed: 2,
  requestedAt: '2026-01-15T12:00:00.000Z',
};

export const EXAMPLE_GATE_EVENT: GateEventRecord = {
  schemaVersion: '1',
  region: 'sgp',
  state: 'HELD',
  before: 'OPEN',
  readsHeld: true,
  change: 1,
  at: '2026-01-15T10:40:00.000Z',
  actor: { type: 'OPERATOR', id: 'jane' },
  reason: 'the vendor asks to stop',
  ticket: 'INC-7',
  heldSince: '2026-01-15T10:40:00.000Z',
};

export const EXAMPLE_REDRIVE_AUDIT: RedriveAuditRecord = {
  schemaVersion: '1',
  action: 'REDRIVE',
  operator: 'jane',
  reason: 'the profile is configured by now',
  ticket: 'INC-9',
  letter: { topic: 'faceid.verification.requested.v1.dlq', partition: 3, offset: '88', timestamp: '1768470000123' },
  origin: { topic: 'faceid.verification.requested.v1', partition: 3, offset: '1207' },
  sentTo: { topic: 'faceid.verification.requested.v1', partition: 3, offset: '1950' },
  refusedFor: 'INVALID_REQUEST',
  verificationId: VERIFICATION_ID,
  redrives: 1,
  requestedAt: '2026-01-15T11:00:00.000Z',
  redrivenAt: '2026-01-15T11:00:02.100Z',
};

export const EXAMPLE_EVIDENCE_AUDIT: EvidenceAuditRecord = {
  schemaVersion: '1',
  verificationId: VERIFICATION_ID,
  operator: 'jane',
  reason: 'the person asks to be forgotten',
  ticket: 'DSR-31',
  action: 'ERASE',
  erasedAt: '2026-01-20T08:15:00.000Z',
};
