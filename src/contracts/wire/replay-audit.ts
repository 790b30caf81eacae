import { z } from 'zod';
import { FAR_LEVELS } from '../../domain/policy.ts';
import { LONGEST_REASON, ONE_LINE, OPERATOR_NAME, OPERATOR_RULE, TICKET, TICKET_RULE } from '../mandate.ts';
import { OUTCOMES } from '../../domain/verdict.ts';
import { binaryHeaders } from './binary-headers.ts';
import { type Parsed, parseWith, textSchema } from './parsed.ts';
import { verificationIdSchema } from './token-identity.ts';

export const REPLAY_AUDIT_TYPE = 'faceid.verification.replay-audit.v1';

const count = z.int().min(0);
const instant = z.iso.datetime({ offset: true });

export const operatorSchema = z
  .string()
  .regex(OPERATOR_NAME, { error: OPERATOR_RULE })
  .meta({ description: 'Who ordered it; pseudonymous.' });
export const justificationSchema = textSchema(LONGEST_REASON, 'Why it was ordered.').regex(ONE_LINE, {
  error: 'must not contain line separators or marks that turn the writing round',
});
export const ticketSchema = z.string().regex(TICKET, { error: TICKET_RULE }).meta({ description: 'Where it was asked for.' });

/** One record for every verification that an operator's replay started. Nothing in it is secret. */
export const replayAuditSchema = z
  .object({
    schemaVersion: z.literal('1'),
    verificationId: verificationIdSchema,
    workflowId: z.string(),
    runId: z.string().meta({ description: 'The run that the replay started.' }),
    homeRunId: z.string().meta({ description: 'The run that ingress had started.' }),
    operator: operatorSchema,
    reason: justificationSchema,
    ticket: ticketSchema.exactOptional(),
    action: z
      .enum(['RE_EMIT', 'RE_DECIDE', 'READ'])
      .meta({ description: 'The latest outcome again, another outcome from the reads made so far, or further reads.' }),
    readsUsed: count.meta({ description: 'Vendor reads used before, the uncertain ones included.' }),
    readsAtMost: count.meta({ description: 'Vendor reads that the replay was allowed to spend.' }),
    policy: z.object({ requiredFar: z.enum(FAR_LEVELS), comparisons: z.array(z.string()) }),
    before: z
      .object({ ceId: z.string(), outcome: z.enum(OUTCOMES), reasons: z.array(z.string()) })
      .exactOptional()
      .meta({ description: 'The outcome that stood when the replay was ordered.' }),
    requestedAt: instant,
    startedAt: instant,
  })
  .meta({ title: 'ReplayAudit', description: 'Who replayed a verification, why, and what was planned.' });

export type ReplayAuditRecord = z.infer<typeof replayAuditSchema>;

/** @returns the record, or the rules it breaks, without its values. */
export function parseReplayAudit(input: unknown): Parsed<ReplayAuditRecord> {
  return parseWith(replayAuditSchema, input);
}

/** CloudEvents 1.0 in binary mode. Written at least once: `ce_id` is the run that the replay started. */
export function replayAuditHeaders(record: ReplayAuditRecord, options: { readonly source: string }): Record<string, string> {
  const { verificationId } = record;
  return binaryHeaders({ ...options, id: record.runId, type: REPLAY_AUDIT_TYPE, subject: verificationId, time: record.startedAt });
}
