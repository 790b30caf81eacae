import type { KeptEvidence } from '../../domain/evidence.ts';
import { exhausted } from '../../domain/exhaustive.ts';
import { criteriaOf, tellingAnswer } from '../../domain/judging/conclude.ts';
import type { OutcomeEvent } from '../../domain/outcome.ts';
import { heldBy } from '../../domain/reading/parking.ts';
import type { ReadReport } from '../../domain/reading/report.ts';
import { primaryOf } from '../../domain/reasons.ts';
import type { Decision, ReadRecord, State } from '../../domain/state.ts';
import type { Verdict } from '../../domain/verdict.ts';
import type { EmissionReceipt } from '../workflow.ts';
import { clockText } from './clock.ts';
import { explain } from './explain.ts';
import { heldText } from './gate.ts';
import { waitText, whatFollows } from './labels.ts';

export type Chapter = {
  readonly state: State;
  readonly decision: Decision;
  readonly deadlineAtMs: number;
  readonly nowMs: number;
  /** Who brought the outcome about. */
  readonly actor?: OutcomeEvent['actor'];
  /** Present once the outcome is on Kafka. */
  readonly emission?: EmissionReceipt;
};

/**
 * The live story of a verification for the Temporal UI ("Current Details"): what it does now, what every read brought,
 * when it will end. Markdown without tables, which the UI collapses.
 */
export function story(chapter: Chapter): string {
  const { state, deadlineAtMs, nowMs } = chapter;
  const reads = state.reads.length === 0 ? ['- none yet'] : state.reads.map((record) => `- ${readLine(record, nowMs)}`);
  return [
    ...nowLines(chapter),
    ...actorLines(chapter),
    '',
    `**Reads** (the vendor allows ${state.assignment.policy.maxReads})`,
    '',
    ...reads,
    '',
    ...(state.hint === undefined ? [] : [`Hint received at ${clockText(state.hint.receivedAtMs, nowMs)}: ${state.hint.kind}`, '']),
    `**Deadline** ${clockText(deadlineAtMs, nowMs)}`,
  ].join('\n');
}

function nowLines({ state, decision, nowMs, emission }: Chapter): readonly string[] {
  switch (decision.kind) {
    case 'READ': {
      const which = `${decision.slot} of ${state.assignment.policy.maxReads}`;
      if (decision.parked !== true) return [`**Now** reading, ${which}`];
      const gate = heldBy(state);
      if (gate === undefined) return [`**Now** waiting for a turn at the vendor, whose account has a limit: read ${which}`];
      return [`**Now** ${heldText(gate, nowMs)}`, '', `Read ${which} waits until the gate opens, at most until the deadline`];
    }
    case 'WAIT': {
      const follows = whatFollows(decision);
      const next = follows === undefined ? '' : `, ${follows} at ${clockText(decision.untilMs, nowMs)}`;
      const why = decision.why === 'HELD' ? heldText(heldBy(state), nowMs) : waitText(decision.why);
      const now = `**Now** ${why}${next}`;
      // Whether an emission that was stopped had reached Kafka, nobody knows.
      return state.emission === undefined
        ? [now]
        : [now, '', ...outcomeLines(state, { verdict: state.emission.verdict, where: 'not confirmed by Kafka yet' })];
    }
    case 'FINISH':
      return outcomeLines(state, {
        verdict: decision.verdict,
        where:
          emission === undefined
            ? 'being published to Kafka'
            : `published as offset ${emission.offset} of partition ${emission.partition} of ${emission.topic}`,
      });
    default:
      return exhausted(decision);
  }
}

const WHO: Readonly<Record<OutcomeEvent['actor']['type'], string | undefined>> = {
  SYSTEM: undefined,
  OPERATOR: 'Replayed',
  HUMAN: 'Decided by hand',
};

function actorLines({ decision, actor }: Chapter): readonly string[] {
  const what = actor && WHO[actor.type];
  if (decision.kind !== 'FINISH' || actor?.id === undefined || what === undefined) return [];
  return ['', `**${what}** by ${actor.id}: ${actor.justification ?? ''}`];
}

function outcomeLines(state: State, { verdict, where }: { readonly verdict: Verdict; readonly where: string }): readonly string[] {
  const { outcome, reasons } = verdict;
  const primary = primaryOf(reasons);
  const answer = tellingAnswer(state);
  const { requiredFar } = criteriaOf(state);
  return [
    `**Outcome ${outcome}**${primary === undefined ? '' : ` (${primary.code})`}, ${where}`,
    '',
    `**Why** ${explain({ verdict, requiredFar, answer })}`,
  ];
}

function readLine(record: ReadRecord, nowMs: number): string {
  const what = record.report === undefined ? 'in flight' : reportText(record.report);
  const whose = record.granted === undefined ? '' : `, granted as number ${record.granted} beyond the home run`;
  return `${record.number}: ${clockText(record.scheduledAtMs, nowMs)}, ${triggerText(record.trigger)}${whose}: ${what}`;
}

/** What made a read due, for people. */
export function triggerText(trigger: ReadRecord['trigger']): string {
  switch (trigger) {
    case 'SCHEDULE':
      return 'as planned';
    case 'HINT':
      return 'brought forward by a hint';
    case 'DEADLINE':
      return 'at the end of the window';
    case 'OPERATOR':
      return 'asked for by an operator';
    default:
      return exhausted(trigger);
  }
}

/** What became of the evidence of a read: how many objects were kept, and which were not and why. */
function keptText(evidence: KeptEvidence | undefined): string {
  if (evidence === undefined) return '';
  const { references, failures = [] } = evidence;
  const kept = references.length === 0 ? [] : [`kept ${references.map(({ kind }) => kind).join(', ')}`];
  const lost = failures.map(({ kind, why }) => `${kind} not kept (${why})`);
  return [...kept, ...lost].map((text) => `; ${text}`).join('');
}

/** What a read brought, for people. */
export function reportText(report: ReadReport): string {
  switch (report.kind) {
    case 'ANSWER':
      return `the vendor answered ${report.answer.status}${keptText(report.evidence)}`;
    case 'VENDOR_ERROR':
      return `the vendor answered the error ${report.error}`;
    case 'MALFORMED':
      return 'the answer was not readable';
    case 'UNCERTAIN':
      return `no answer (${report.cause}); it may have counted, so it counts`;
    case 'UNSENT':
      return `not sent (${report.cause}); its slot is given back`;
    case 'WITHHELD':
      return `withheld by the quota guard (${report.doubt === undefined ? report.why : `${report.why}: ${report.doubt}`})`;
    default:
      return exhausted(report);
  }
}
