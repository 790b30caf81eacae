import { replayAuditHeaders, type ReplayAuditRecord } from '../../contracts/wire/replay-audit.ts';
import { defined } from '../../domain/defined.ts';
import { workflowIdOf } from '../../domain/ids.ts';
import { type AuditPorts, publishAudit } from '../audit.ts';
import type { PlanLine } from './plan-line.ts';
import type { ReplayMandate, StartedReplay } from './ports.ts';

/** What is put on record of one replay. `line`: what was executed. */
export type AuditEntry = {
  readonly line: PlanLine;
  readonly mandate: ReplayMandate;
  readonly requestedAt: string;
  readonly run: StartedReplay;
};

/** Resolves once the brokers have the record. Rejects with `RecordRefusedError` if they will never take it. */
export type ReplayAudit = (entry: AuditEntry) => Promise<void>;

/** `source` of audit records: the command line, not a worker. */
const AUDIT_SOURCE = '/verdictflow/replay';

/** Writes one record for every replay that was started to `topic`. */
export function createReplayAudit(ports: AuditPorts): ReplayAudit {
  return async (entry) => {
    const record = auditRecord(entry);
    if (record === undefined) return;
    await publishAudit(ports, { record, headers: replayAuditHeaders(record, { source: AUDIT_SOURCE }) });
  };
}

/** Undefined for a line that no replay is started by. */
function auditRecord({ line, mandate, requestedAt, run }: AuditEntry): ReplayAuditRecord | undefined {
  const { verificationId, action, homeRunId, reads, policy, present } = line;
  if (action === 'REFUSE' || homeRunId === undefined || reads === undefined || policy === undefined) return undefined;
  return {
    schemaVersion: '1',
    verificationId,
    workflowId: workflowIdOf(verificationId),
    runId: run.runId,
    homeRunId,
    operator: mandate.operator,
    reason: mandate.reason,
    ...defined({ ticket: mandate.ticket }),
    action,
    readsUsed: reads.used,
    readsAtMost: reads.atMost,
    policy: { requiredFar: policy.requiredFar, comparisons: [...policy.comparisons] },
    ...defined({ before: present && { ...present, reasons: [...present.reasons] } }),
    requestedAt,
    startedAt: run.startedAt,
  };
}
