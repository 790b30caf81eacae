import { RecordRefusedError } from '../contracts/errors.ts';
import type { DecisionAuditRecord } from '../contracts/wire/decision-audit.ts';
import type { EvidenceAuditRecord } from '../contracts/wire/evidence-audit.ts';
import type { HintAuditRecord } from '../contracts/wire/hint-audit.ts';
import type { ReplayAuditRecord } from '../contracts/wire/replay-audit.ts';
import type { RecordPublisher } from './ports.ts';

/** Where audit records go. */
export type AuditPorts = { readonly publisher: RecordPublisher; readonly topic: string };

/** Resolves once the brokers have the record. Rejects with `RecordRefusedError` if they will never take it. */
export async function publishAudit(
  { publisher, topic }: AuditPorts,
  {
    record,
    headers,
  }: {
    readonly record: DecisionAuditRecord | EvidenceAuditRecord | HintAuditRecord | ReplayAuditRecord;
    readonly headers: Readonly<Record<string, string>>;
  },
): Promise<void> {
  await publisher.publish({ topic, key: record.verificationId, value: JSON.stringify(record), headers });
}

/** Why the brokers will never take it; undefined if they have it. */
export async function refusalOf(published: Promise<unknown>): Promise<string | undefined> {
  try {
    await published;
    return undefined;
  } catch (error) {
    if (!(error instanceof RecordRefusedError)) throw error;
    return error.message;
  }
}
