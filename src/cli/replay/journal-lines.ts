import { z } from 'zod';
import { FAR_LEVELS } from '../../domain/policy.ts';
import { OUTCOMES } from '../../domain/verdict.ts';
import { PLAN_CODES, type PlanLine, REPLAY_ACTIONS } from '../../operator/replay/plan-line.ts';

const said = z.object({ outcome: z.enum(OUTCOMES), reasons: z.array(z.string()) });
const count = z.int().min(0);

/** `doubt` is not kept: a refused line is never executed. */
const planLine: z.ZodType<PlanLine> = z.object({
  verificationId: z.string(),
  action: z.enum(REPLAY_ACTIONS),
  code: z.enum(PLAN_CODES),
  homeRunId: z.string().exactOptional(),
  reads: z.object({ used: count, left: count, limit: count, atMost: count }).exactOptional(),
  window: z.object({ endsAt: z.string(), leftMs: z.number() }).exactOptional(),
  present: said.extend({ ceId: z.string() }).exactOptional(),
  next: said.exactOptional(),
  policy: z.object({ requiredFar: z.enum(FAR_LEVELS), comparisons: z.array(z.string()) }).exactOptional(),
});

const verificationId = z.string();
const journalLine = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('ORDER'),
    v: z.literal(1),
    at: z.string(),
    operator: z.string(),
    reason: z.string(),
    ticket: z.string().exactOptional(),
  }),
  z.object({ kind: z.literal('PLANNED'), line: planLine }),
  z.object({ kind: z.literal('PLAN_COMPLETE'), verifications: count }),
  z.object({ kind: z.literal('STARTING'), verificationId, requestedAt: z.string(), line: planLine.exactOptional() }),
  z.object({ kind: z.literal('STARTED'), verificationId, runId: z.string(), startedAt: z.string() }),
  z.object({ kind: z.literal('DONE'), verificationId }),
  z.object({ kind: z.literal('UNAUDITED'), verificationId, why: z.string() }),
  z.object({ kind: z.literal('SKIPPED'), verificationId, why: z.string() }),
]);

export type JournalLine = z.infer<typeof journalLine>;

/** Undefined for what a crash cut off. */
export function parseJournalLine(text: string): JournalLine | undefined {
  try {
    const parsed = journalLine.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    // Only a line that was being written when the process died is no JSON; its step was not confirmed to anybody.
    return undefined;
  }
}
