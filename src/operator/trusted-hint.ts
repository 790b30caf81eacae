import { DependencyUnavailableError, RecordRefusedError } from '../contracts/errors.ts';
import type { Mandate } from '../contracts/mandate.ts';
import { hintAuditHeaders, hintAuditId, type HintAuditRecord } from '../contracts/wire/hint-audit.ts';
import type { HintAnswer } from '../contracts/workflow.ts';
import { defined } from '../domain/defined.ts';
import { workflowIdOf } from '../domain/ids.ts';
import type { Hint } from '../domain/state.ts';
import { type AuditPorts, publishAudit } from './audit.ts';
import type { HintPort, VerificationReader } from './ports.ts';

export type TrustedHintPorts = AuditPorts & {
  readonly reader: Pick<VerificationReader, 'details'>;
  readonly hints: HintPort;
};

export type TrustedHintOrder = {
  readonly verificationId: string;
  readonly kind: Hint['kind'];
  readonly mandate: Mandate;
  /** RFC 3339. */
  readonly requestedAt: string;
};

/** `auditId` names the record that says it was ordered; without one there is none, and nothing was signalled. */
export type TrustedHintResult =
  | { readonly result: HintAnswer; readonly auditId?: string }
  | { readonly result: 'UNAUDITED'; readonly error: DependencyUnavailableError | RecordRefusedError }
  /** Nobody knows whether the signal arrived. */
  | { readonly result: 'UNCONFIRMED'; readonly auditId: string; readonly error: DependencyUnavailableError };

/** `source` of audit records: the command line, not a worker. */
const AUDIT_SOURCE = '/verdictflow/hint';

/**
 * Sends a hint that may use the last read. Who ordered it and why is on record before anything can come of it: without the
 * record no signal. Rejects with `DependencyUnavailableError` if nobody can say whether the verification is running.
 */
export async function sendTrustedHint(ports: TrustedHintPorts, order: TrustedHintOrder): Promise<TrustedHintResult> {
  const workflowId = workflowIdOf(order.verificationId);
  const seen = await ports.reader.details(workflowId);
  if (seen === undefined || seen.closedAt !== undefined) return { result: 'NOT_FOUND' };
  const { kind, mandate, verificationId, requestedAt } = order;
  const record: HintAuditRecord = {
    schemaVersion: '1',
    verificationId,
    workflowId,
    runId: seen.runId,
    operator: mandate.operator,
    reason: mandate.reason,
    ...defined({ ticket: mandate.ticket }),
    action: 'HINT',
    hint: { kind, trusted: true },
    ...defined({ readsUsed: seen.readsCounted }),
    requestedAt,
  };
  const unaudited = await failureOf(publishAudit(ports, { record, headers: hintAuditHeaders(record, { source: AUDIT_SOURCE }) }));
  if (unaudited !== undefined) return { result: 'UNAUDITED', error: unaudited };
  const auditId = hintAuditId(record);
  try {
    return { result: await ports.hints.send(workflowId, record.hint), auditId };
  } catch (error) {
    if (!(error instanceof DependencyUnavailableError)) throw error;
    return { result: 'UNCONFIRMED', auditId, error };
  }
}

/** Why there is no record, or perhaps none; undefined if the brokers have it. */
async function failureOf(written: Promise<void>): Promise<DependencyUnavailableError | RecordRefusedError | undefined> {
  try {
    await written;
    return undefined;
  } catch (error) {
    if (error instanceof DependencyUnavailableError || error instanceof RecordRefusedError) return error;
    throw error;
  }
}
