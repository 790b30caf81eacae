import { z } from 'zod';
import { RULINGS } from '../../domain/ledger/asking-run.ts';
import { binaryHeaders } from './binary-headers.ts';
import { type Parsed, parseWith } from './parsed.ts';
import { operatorSchema, replayAuditSchema } from './replay-audit.ts';

export const DECISION_AUDIT_TYPE = 'faceid.verification.decision-audit.v1';

/** One record for every verification that a person decided by hand. Nothing in it is secret. */
export const decisionAuditSchema = replayAuditSchema
  .omit({ readsAtMost: true, policy: true })
  .extend({
    runId: z.string().meta({ description: 'The run that publishes it.' }),
    operator: operatorSchema.meta({ description: 'Who entered it; pseudonymous.' }),
    action: z.enum(['DECIDE', 'RE_EMIT']).meta({ description: 'The next revision, or the outcome of the same decision again.' }),
    verdict: z.enum(RULINGS),
    reviewer: operatorSchema.meta({ description: 'Who looked at it and decides; pseudonymous. It goes into the outcome.' }),
    override: z.literal(true).exactOptional().meta({ description: 'It was to hold in the place of any outcome.' }),
    before: replayAuditSchema.shape.before.meta({
      description: 'The outcome that was looked at. The decision holds only if it was still the latest.',
    }),
  })
  .meta({ title: 'DecisionAudit', description: 'Who decided a verification by hand, why, and upon which outcome.' });

export type DecisionAuditRecord = z.infer<typeof decisionAuditSchema>;

/** @returns the record, or the rules it breaks, without its values. */
export function parseDecisionAudit(input: unknown): Parsed<DecisionAuditRecord> {
  return parseWith(decisionAuditSchema, input);
}

/** CloudEvents 1.0 in binary mode. Written at least once: `ce_id` is the run that publishes it. */
export function decisionAuditHeaders(record: DecisionAuditRecord, options: { readonly source: string }): Record<string, string> {
  const { runId, verificationId, startedAt } = record;
  return binaryHeaders({ ...options, id: runId, type: DECISION_AUDIT_TYPE, subject: verificationId, time: startedAt });
}
