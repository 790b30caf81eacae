import { z } from 'zod';
import { HINT_KINDS } from '../../domain/state.ts';
import { binaryHeaders } from './binary-headers.ts';
import { type Parsed, parseWith } from './parsed.ts';
import { justificationSchema, operatorSchema, ticketSchema } from './replay-audit.ts';
import { verificationIdSchema } from './token-identity.ts';

export const HINT_AUDIT_TYPE = 'faceid.verification.hint-audit.v1';

/** One record for every trusted hint that an operator ordered, written before the hint is sent. Nothing in it is secret. */
export const hintAuditSchema = z
  .object({
    schemaVersion: z.literal('1'),
    verificationId: verificationIdSchema,
    workflowId: z.string(),
    runId: z.string().meta({ description: 'The run that was open then.' }),
    operator: operatorSchema,
    reason: justificationSchema,
    ticket: ticketSchema.exactOptional(),
    action: z.literal('HINT'),
    hint: z.object({ kind: z.enum(HINT_KINDS), trusted: z.literal(true) }),
    readsUsed: z.int().min(0).exactOptional().meta({ description: 'Vendor reads used before, the uncertain ones included.' }),
    requestedAt: z.iso.datetime({ offset: true }),
  })
  .meta({ title: 'HintAudit', description: 'Who ordered a trusted hint, which may use the last read, and why.' });

export type HintAuditRecord = z.infer<typeof hintAuditSchema>;

/** @returns the record, or the rules it breaks, without its values. */
export function parseHintAudit(input: unknown): Parsed<HintAuditRecord> {
  return parseWith(hintAuditSchema, input);
}

/** The id to deduplicate by: an order of the same millisecond is the same order. */
export function hintAuditId({ runId, requestedAt }: HintAuditRecord): string {
  return `${runId}.hint.${requestedAt}`;
}

/** CloudEvents 1.0 in binary mode. */
export function hintAuditHeaders(record: HintAuditRecord, options: { readonly source: string }): Record<string, string> {
  const { verificationId } = record;
  return binaryHeaders({ ...options, id: hintAuditId(record), type: HINT_AUDIT_TYPE, subject: verificationId, time: record.requestedAt });
}
