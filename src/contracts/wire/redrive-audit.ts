import { z } from 'zod';
import { binaryHeaders } from './binary-headers.ts';
import { DEAD_LETTER_REASONS } from '../dead-letter-reasons.ts';
import { type Parsed, parseWith } from './parsed.ts';
import { justificationSchema, operatorSchema, ticketSchema } from './replay-audit.ts';
import { verificationIdSchema } from './token-identity.ts';

export const REDRIVE_AUDIT_TYPE = 'faceid.verification.redrive-audit.v1';

const instant = z.iso.datetime({ offset: true });
const place = { topic: z.string(), partition: z.int().min(0), offset: z.string().regex(/^\d{1,19}$/) };

/** One record for every dead letter that an operator's redrive sent again. Nothing in it is secret. */
export const redriveAuditSchema = z
  .object({
    schemaVersion: z.literal('1'),
    action: z.literal('REDRIVE'),
    operator: operatorSchema,
    reason: justificationSchema,
    ticket: ticketSchema.exactOptional(),
    letter: z
      .object({ ...place, timestamp: z.string().regex(/^-?\d{1,19}$/) })
      .meta({ description: 'The dead letter, by its place and the time of its record in epoch ms: a topic may be made anew.' }),
    origin: z.object(place).meta({ description: 'Where the record was when it was put aside.' }),
    sentTo: z.object(place).meta({ description: 'Where it is now.' }),
    refusedFor: z.enum(DEAD_LETTER_REASONS).exactOptional().meta({ description: 'Why it had been put aside.' }),
    verificationId: verificationIdSchema.exactOptional().meta({ description: 'If its record says it.' }),
    redrives: z.int().min(1).meta({ description: 'How often it was sent again, this time included.' }),
    requestedAt: instant,
    redrivenAt: instant,
  })
  .meta({ title: 'RedriveAudit', description: 'Who sent a dead letter again, why, and where it went.' });

export type RedriveAuditRecord = z.infer<typeof redriveAuditSchema>;

/** @returns the record, or the rules it breaks, without its values. */
export function parseRedriveAudit(input: unknown): Parsed<RedriveAuditRecord> {
  return parseWith(redriveAuditSchema, input);
}

/** The id to deduplicate by: one order sends a letter once. */
function redriveAuditId({ letter, requestedAt }: RedriveAuditRecord): string {
  return `${letter.topic}/${letter.partition}/${letter.offset}.redrive.${requestedAt}`;
}

/** What the record is about, and its key: the verification, or else the letter. */
export function redriveAuditSubject({ verificationId, letter }: RedriveAuditRecord): string {
  return verificationId ?? `${letter.topic}/${letter.partition}/${letter.offset}`;
}

/** CloudEvents 1.0 in binary mode. */
export function redriveAuditHeaders(record: RedriveAuditRecord, options: { readonly source: string }): Record<string, string> {
  const about = {
    id: redriveAuditId(record),
    type: REDRIVE_AUDIT_TYPE,
    subject: redriveAuditSubject(record),
    time: record.redrivenAt,
  };
  return binaryHeaders({ ...options, ...about });
}
