import { z } from 'zod';
import { EVIDENCE_KINDS } from '../../domain/evidence.ts';
import { binaryHeaders } from './binary-headers.ts';
import { type Parsed, parseWith } from './parsed.ts';
import { justificationSchema, operatorSchema, ticketSchema } from './replay-audit.ts';
import { verificationIdSchema } from './token-identity.ts';

export const EVIDENCE_AUDIT_TYPE = 'faceid.verification.evidence-audit.v1';

const instant = z.iso.datetime({ offset: true });
const common = {
  schemaVersion: z.literal('1'),
  verificationId: verificationIdSchema,
  operator: operatorSchema,
  reason: justificationSchema,
  ticket: ticketSchema.exactOptional(),
};

/** One record for everything that was ordered about the evidence of a verification. Nothing in it is secret. */
export const evidenceAuditSchema = z
  .discriminatedUnion('action', [
    z
      .object({
        ...common,
        action: z.literal('OPEN'),
        objects: z.array(z.object({ object: z.string(), kind: z.enum(EVIDENCE_KINDS) })).min(1),
        requestedAt: instant,
      })
      .meta({ description: 'Somebody is about to see it: written before the first byte is decrypted.' }),
    z
      .object({ ...common, action: z.enum(['HOLD', 'RELEASE']), requestedAt: instant })
      .meta({ description: 'A legal hold is about to be laid on it, or lifted: written before.' }),
    z
      .object({ ...common, action: z.literal('ERASE'), erasedAt: instant })
      .meta({ description: 'Its key is gone, and with it what was kept: written after.' }),
  ])
  .meta({ title: 'EvidenceAudit', description: 'Who ordered what about the evidence of a verification, and why.' });

export type EvidenceAuditRecord = z.infer<typeof evidenceAuditSchema>;

/** @returns the record, or the rules it breaks, without its values. */
export function parseEvidenceAudit(input: unknown): Parsed<EvidenceAuditRecord> {
  return parseWith(evidenceAuditSchema, input);
}

function atOf(record: EvidenceAuditRecord): string {
  return record.action === 'ERASE' ? record.erasedAt : record.requestedAt;
}

/** The id to deduplicate by: an erasure is one, however often it is told; an order of the same millisecond is the same order. */
export function evidenceAuditId(record: EvidenceAuditRecord): string {
  return `${record.verificationId}.${record.action.toLowerCase()}.${atOf(record)}`;
}

/** CloudEvents 1.0 in binary mode. */
export function evidenceAuditHeaders(record: EvidenceAuditRecord, options: { readonly source: string }): Record<string, string> {
  const { verificationId } = record;
  return binaryHeaders({ ...options, id: evidenceAuditId(record), type: EVIDENCE_AUDIT_TYPE, subject: verificationId, time: atOf(record) });
}
