import { z } from 'zod';
import { EVIDENCE_KINDS } from '../../domain/evidence.ts';
import { FAR_LEVELS, POLICY_PROFILES } from '../../domain/policy.ts';
import { isReasonCode, REASON_CATEGORIES, REASON_STAGES, REASONS } from '../../domain/reasons.ts';
import { READ_TRIGGERS } from '../../domain/state.ts';
import { OUTCOMES, RETRY_ADVICE, RISK_LEVELS } from '../../domain/verdict.ts';
import { type Parsed, parseWith } from './parsed.ts';
import { verificationIdSchema } from './token-identity.ts';

const count = z.int().min(0);
const instant = z.iso.datetime({ offset: true });
const thresholds = z.partialRecord(z.enum(FAR_LEVELS), z.number());

const reasonSchema = z.object({
  code: z
    .enum(Object.keys(REASONS).filter(isReasonCode))
    .meta({ description: 'Closed set, extended additively: treat an unknown code as generic.' }),
  category: z.enum(REASON_CATEGORIES),
  stage: z.enum(REASON_STAGES),
});

const comparisonSchema = z.object({
  name: z.string(),
  confidence: z.number().exactOptional(),
  thresholds,
  farLevelMet: z.enum(FAR_LEVELS).exactOptional(),
  required: z.boolean().meta({ description: 'True if this comparison decides.' }),
  passed: z.boolean(),
});

const livenessSchema = z.object({
  result: z.string(),
  scores: z.object({ flashAttack: z.number().exactOptional(), livingAttack: z.number().exactOptional() }).exactOptional(),
  issueCounts: z
    .record(z.string(), z.number())
    .exactOptional()
    .meta({ description: 'How often each kind of issue occurred; only kinds that did.' }),
});

const correlationSchema = z.object({
  bizNo: z.string().exactOptional(),
  sourceEventId: z.string().exactOptional(),
  sourceTopic: z.string(),
  sourcePartition: count,
  sourceOffset: z.string(),
  workflowId: z.string(),
  runId: z.string(),
  vendorRequestIds: z.array(z.string()),
});

const retrievalSchema = z.object({
  callsUsed: count.meta({ description: 'Reads that counted, the uncertain ones included.' }),
  callsUncertain: count.meta({ description: 'Reads that may or may not have reached the vendor.' }),
  callLimit: count,
  firstCallAt: instant.exactOptional(),
  lastCallAt: instant.exactOptional(),
  trigger: z.enum(READ_TRIGGERS).exactOptional(),
  windowEndsAt: instant,
});

const evidenceSchema = z.object({
  kind: z.enum(EVIDENCE_KINDS),
  object: z.string().meta({ description: 'Its name in the evidence store.' }),
  sha256: z.string().meta({ description: 'Of the plain bytes, hexadecimal.' }),
  bytes: count.meta({ description: 'How many plain bytes.' }),
  contentType: z.string(),
  keyId: z.string().meta({ description: 'Key-encryption key that wrapped its data key then.' }),
  expiresAt: instant.meta({ description: 'After it, it is erased unless it is on legal hold.' }),
});

/** Value of an outcome record. The same shape as `OutcomeEvent` in `../outcome.ts`: a compile-time test keeps them equal. */
export const outcomeSchema = z
  .object({
    schemaVersion: z.literal('1'),
    verificationId: verificationIdSchema,
    revision: z.int().min(1).meta({ description: 'Consumers take the highest revision of a verification.' }),
    final: z.literal(true),
    supersedes: z.string().exactOptional().meta({ description: 'ce_id of the outcome this one replaces.' }),
    outcome: z.enum(OUTCOMES).meta({ description: 'EXPIRED and ERROR mean "we do not know"; they are never a rejection.' }),
    reasons: z.array(reasonSchema).meta({
      description:
        'Ordered, the first is primary; PASSED has none, or MANUAL_APPROVED. EVIDENCE_STORE_FAILED stands at the end, beside whatever verdict, and is never primary.',
    }),
    retryAdvice: z.enum(RETRY_ADVICE),
    riskLevel: z.enum(RISK_LEVELS),
    policy: z.object({
      id: z.enum(POLICY_PROFILES),
      version: z.number(),
      requiredFar: z.enum(FAR_LEVELS),
      comparisons: z.array(z.string()),
      liveness: z.literal('REQUIRED'),
    }),
    liveness: livenessSchema.exactOptional(),
    comparisons: z.array(comparisonSchema),
    multipleFaces: z.boolean().exactOptional(),
    vendor: z.object({
      name: z.literal('megvii-faceid'),
      product: z.literal('h5-lite-raw'),
      region: z.string(),
      status: z.string().exactOptional(),
      rawStatus: z
        .string()
        .exactOptional()
        .meta({ description: 'The word of the vendor if it is none that we know; `status` is then UNKNOWN.' }),
      errorCode: z.string().exactOptional(),
    }),
    correlation: correlationSchema,
    retrieval: retrievalSchema,
    timestamps: z.object({ issuedAt: instant, startedAt: instant, completedAt: instant, emittedAt: instant }),
    evidence: z
      .array(evidenceSchema)
      .meta({ description: 'Claim checks for what was kept of the answer that the outcome tells of; empty if nothing was.' }),
    actor: z
      .object({
        type: z.enum(['SYSTEM', 'OPERATOR', 'HUMAN']).meta({
          description:
            'Who brought this revision about: the reads, an operator who ordered a replay, or a person who looked at it and decided.',
        }),
        id: z.string().exactOptional().meta({ description: 'Pseudonym of the operator or the reviewer.' }),
        justification: z.string().exactOptional().meta({ description: 'Why, with the ticket in brackets.' }),
      })
      .meta({ description: 'HUMAN with the reason MANUAL_APPROVED or MANUAL_REJECTED: nothing but a person stands behind the outcome.' }),
    attributes: z.record(z.string(), z.string()).meta({ description: 'Copied from the request.' }),
    quirks: z.array(z.string()).meta({ description: 'Tolerances the parser used.' }),
  })
  .meta({
    title: 'VerificationOutcome',
    description: 'The final verdict of one verification. New fields may be added; unknown ones are to be ignored.',
  });

export type WireOutcome = z.infer<typeof outcomeSchema>;

/** @returns the outcome, or the rules it breaks, without its values. */
export function parseOutcome(input: unknown): Parsed<WireOutcome> {
  return parseWith(outcomeSchema, input);
}
