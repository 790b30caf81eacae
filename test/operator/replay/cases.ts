import { assignmentOf } from '../../../src/contracts/assignment.ts';
import { decide } from '../../../src/domain/decide.ts';
import { evolve } from '../../../src/domain/evolve.ts';
import { ledgerOf, type RunFacts, type ScheduledRead } from '../../../src/domain/ledger/ledger.ts';
import { buildOutcomeEvent, type OutcomeEvent } from '../../../src/domain/outcome.ts';
import type { ReadReport } from '../../../src/domain/reading/report.ts';
import { initialState, type State } from '../../../src/domain/state.ts';
import { foresee, orderOn } from '../../../src/operator/replay/plan.ts';
import type { KnownCase, RulingAsked } from '../../../src/operator/replay/ports.ts';
import * as s from '../../domain/samples.ts';
import { inputAt, iso } from '../../support/verification-input.ts';

export const ID = 'abcdefghijklmnopqrstuvwxyz';
export const INPUT = inputAt(s.T0, { verificationId: ID });

/** How a home run ended. `cancelled`: by an operator. `emitted: false`: it was terminated before an outcome. */
export type Home = {
  readonly reads: readonly ReadReport[];
  readonly endedAtMs?: number;
  readonly cancelled?: boolean;
  readonly emitted?: boolean;
  readonly owed?: boolean;
  readonly overrides?: Partial<typeof INPUT>;
};

const READ_EVERY_MS = 60_000;

/** The case that `reads` leave behind, made by the home run's own rules: one read a minute. */
export function caseOf({ reads, endedAtMs, cancelled = false, emitted = true, owed = !emitted, overrides = {} }: Home): KnownCase {
  const input = { ...INPUT, ...overrides };
  const scheduled = reads.map((report, index): ScheduledRead => {
    const atMs = s.T0 + index * READ_EVERY_MS;
    return {
      activityId: String(index),
      scheduledAt: iso(atMs),
      trigger: 'SCHEDULE',
      end: { kind: 'COMPLETED', at: iso(atMs + 1_000), report },
    };
  });
  const event = emitted ? outcomeOf(reads, { input, cancelled, atMs: endedAtMs ?? s.T0 + reads.length * READ_EVERY_MS }) : undefined;
  const { maxReads, maxRefusals, countRefused } = input.policy;
  const terms = { maxReads, maxRefusals, countRefused, deadlineAt: input.deadlineAt };
  const home: RunFacts = {
    runId: 'home',
    originalRunId: 'home',
    stamped: true,
    closed: true,
    terms,
    reads: scheduled,
    ...(event && { emitted: event }),
  };
  const ledger = ledgerOf(home, { rule: terms, taken: [] });
  return { kind: 'KNOWN', input, ledger, revisions: event ? [{ event }] : [], owed };
}

function outcomeOf(
  reads: readonly ReadReport[],
  { input, cancelled, atMs }: { input: typeof INPUT; cancelled: boolean; atMs: number },
): OutcomeEvent | undefined {
  let state: State = initialState(assignmentOf(input));
  for (const [index, report] of reads.entries()) {
    state = evolve(state, { kind: 'READ_SCHEDULED', atMs: s.T0 + index * READ_EVERY_MS, trigger: 'SCHEDULE' });
    state = evolve(state, { kind: 'READ_ENDED', atMs: s.T0 + index * READ_EVERY_MS + 1_000, report });
  }
  if (cancelled) state = evolve(state, { kind: 'CANCEL_REQUESTED', atMs });
  const decision = decide(state, atMs);
  if (decision.kind !== 'FINISH') throw new Error(`this home run would still ${decision.kind}`);
  return buildOutcomeEvent({ input, state, verdict: decision.verdict, workflowId: `fv-${ID}`, runId: 'home', nowMs: atMs });
}

/** The case after a person has decided, as that run's emission leaves it behind. */
export function decidedBy(known: KnownCase, asked: RulingAsked, { nowMs, owed = false }: { nowMs: number; owed?: boolean }): KnownCase {
  const present = { requiredFar: known.input.policy.requiredFar, comparisons: known.input.comparisons };
  const replay = orderOn(known, { mandate: { operator: asked.reviewer, reason: 'seen', ruling: asked }, nowMs });
  const { event } = foresee(known, { policy: present, nowMs, ruling: asked });
  if (event === undefined) throw new Error('a decision ends in an outcome');
  const actor = { type: 'HUMAN', id: asked.reviewer, justification: 'seen' } as const;
  const revision = (known.revisions.at(-1)?.event.revision ?? 0) + 1;
  return { ...known, owed, revisions: [...known.revisions, { event: { ...event, revision, actor }, replay }] };
}
