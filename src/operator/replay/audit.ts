import { decisionAuditHeaders, type DecisionAuditRecord } from '../../contracts/wire/decision-audit.ts';
import { replayAuditHeaders, type ReplayAuditRecord } from '../../contracts/wire/replay-audit.ts';
import { defined } from '../../domain/defined.ts';
import { workflowIdOf } from '../../domain/ids.ts';
import { type AuditPorts, publishAudit } from '../audit.ts';
import type { PlanLine } from './plan-line.ts';
import type { ReplayMandate, RulingAsked, StartedReplay } from './ports.ts';

/** What is put on record of one run. `line`: what was executed. */
export type AuditEntry = {
  readonly line: PlanLine;
  readonly mandate: ReplayMandate;
  readonly requestedAt: string;
  readonly run: StartedReplay;
};

/** Resolves once the brokers have the record. Rejects with `RecordRefusedError` if they will never take it. */
export type ReplayAudit = (entry: AuditEntry) => Promise<void>;

/** `source` of audit records: the command line, not a worker. */
const REPLAY_SOURCE = '/verdictflow/replay';
const DECISION_SOURCE = '/verdictflow/decide';

/** Writes one record for every run that was started to `topic`: of a replay, or of a person's decision. */
export function createReplayAudit(ports: AuditPorts): ReplayAudit {
  return async (entry) => {
    const { ruling } = entry.mandate;
    if (ruling === undefined) {
      const record = replayRecord(entry);
      if (record !== undefined) await publishAudit(ports, { record, headers: replayAuditHeaders(record, { source: REPLAY_SOURCE }) });
      return;
    }
    const record = decisionRecord(entry, ruling);
    if (record !== undefined) await publishAudit(ports, { record, headers: decisionAuditHeaders(record, { source: DECISION_SOURCE }) });
  };
}

/** Undefined for a line that no replay is started by. */
function replayRecord(entry: AuditEntry): ReplayAuditRecord | undefined {
  const { action, reads, policy } = entry.line;
  const common = commonRecord(entry);
  if (common === undefined || action === 'REFUSE' || action === 'DECIDE' || reads === undefined || policy === undefined) return undefined;
  const { requiredFar, comparisons } = policy;
  return { ...common, action, readsAtMost: reads.atMost, policy: { requiredFar, comparisons: [...comparisons] } };
}

/** Undefined for a line that no decision is published by. */
function decisionRecord(entry: AuditEntry, { verdict, reviewer, override }: RulingAsked): DecisionAuditRecord | undefined {
  const { action } = entry.line;
  const common = commonRecord(entry);
  if (common === undefined || (action !== 'DECIDE' && action !== 'RE_EMIT')) return undefined;
  return { ...common, action, verdict, reviewer, ...defined({ override }) };
}

function commonRecord({ line, mandate, requestedAt, run }: AuditEntry) {
  const { verificationId, homeRunId, reads, present } = line;
  if (homeRunId === undefined || reads === undefined) return undefined;
  const { operator, reason, ticket } = mandate;
  const before = present && { ceId: present.ceId, outcome: present.outcome, reasons: [...present.reasons] };
  return {
    schemaVersion: '1',
    verificationId,
    workflowId: workflowIdOf(verificationId),
    runId: run.runId,
    homeRunId,
    operator,
    reason,
    ...defined({ ticket, before }),
    readsUsed: reads.used,
    requestedAt,
    startedAt: run.startedAt,
  } as const;
}
