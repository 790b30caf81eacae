import type { Mandate } from '../../contracts/mandate.ts';
import { evidenceAuditHeaders, type EvidenceAuditRecord } from '../../contracts/wire/evidence-audit.ts';
import { defined } from '../../domain/defined.ts';
import { type AuditPorts, publishAudit } from '../audit.ts';
import type { EvidenceObject, EvidenceState } from './ports.ts';

/** `source` of audit records: the command line or the sweeper, no worker. */
const AUDIT_SOURCE = '/verdictflow/evidence';

type Ordered = { readonly verificationId: string; readonly mandate: Mandate; readonly requestedAt: string };

/** Writes that somebody is about to see the objects. Rejects if the brokers do not have the record; then nothing may be opened. */
export async function auditOpening(
  ports: AuditPorts,
  { objects, ...order }: Ordered & { readonly objects: readonly EvidenceObject[] },
): Promise<void> {
  const named = objects.map(({ object, kind }) => ({ object, kind }));
  await write(ports, { ...commonOf(order), action: 'OPEN', objects: named, requestedAt: order.requestedAt });
}

/** Writes that a hold is about to be laid on it, or lifted. */
export async function auditHold(ports: AuditPorts, { action, ...order }: Ordered & { readonly action: 'HOLD' | 'RELEASE' }): Promise<void> {
  await write(ports, { ...commonOf(order), action, requestedAt: order.requestedAt });
}

type Erased = Extract<EvidenceState, { kind: 'ERASED' }>;

/** Writes the erasure as its marker tells it, hence the same record however often. */
export async function auditErasure(
  ports: AuditPorts,
  { verificationId, erased: { by, erasedAt } }: { readonly verificationId: string; readonly erased: Erased },
): Promise<void> {
  await write(ports, { ...commonOf({ verificationId, mandate: by }), action: 'ERASE', erasedAt });
}

function commonOf({ verificationId, mandate }: Pick<Ordered, 'verificationId' | 'mandate'>) {
  const { operator, reason, ticket } = mandate;
  return { schemaVersion: '1', verificationId, operator, reason, ...defined({ ticket }) } as const;
}

async function write(ports: AuditPorts, record: EvidenceAuditRecord): Promise<void> {
  await publishAudit(ports, { record, headers: evidenceAuditHeaders(record, { source: AUDIT_SOURCE }) });
}
