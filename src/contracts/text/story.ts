import { exhausted } from '../../domain/exhaustive.ts';
import type { ReadReport } from '../../domain/reading/report.ts';
import type { Decision, ReadRecord, State } from '../../domain/state.ts';
import type { EmissionReceipt } from '../workflow.ts';
import { clockText } from './clock.ts';
import { waitText } from './labels.ts';

export type Chapter = {
  readonly state: State;
  readonly decision: Decision;
  readonly deadlineAtMs: number;
  readonly nowMs: number;
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
    nowLine(chapter),
    '',
    `**Reads** (the vendor allows ${state.assignment.policy.maxReads})`,
    '',
    ...reads,
    '',
    ...(state.hint === undefined ? [] : [`Hint received at ${clockText(state.hint.receivedAtMs, nowMs)}: ${state.hint.kind}`, '']),
    `**Deadline** ${clockText(deadlineAtMs, nowMs)}`,
  ].join('\n');
}

function nowLine({ state, decision, nowMs, emission }: Chapter): string {
  switch (decision.kind) {
    case 'READ':
      return `**Now** reading, ${decision.slot} of ${state.assignment.policy.maxReads}`;
    case 'WAIT': {
      const next = decision.nextReadAtMs === undefined ? '' : `, next read at ${clockText(decision.nextReadAtMs, nowMs)}`;
      return `**Now** ${waitText(decision.why)}${next}`;
    }
    case 'FINISH': {
      const [primary] = decision.verdict.reasons;
      const because = primary === undefined ? '' : ` (${primary.code})`;
      const where =
        emission === undefined
          ? 'being published to Kafka'
          : `published as offset ${emission.offset} of partition ${emission.partition} of ${emission.topic}`;
      return `**Outcome ${decision.verdict.outcome}**${because}, ${where}`;
    }
    default:
      return exhausted(decision);
  }
}

function readLine(record: ReadRecord, nowMs: number): string {
  const what = record.report === undefined ? 'in flight' : reportText(record.report);
  const whose = record.granted === undefined ? '' : `, granted as number ${record.granted} beyond the home run`;
  return `${record.number}: ${clockText(record.scheduledAtMs, nowMs)}, ${triggerText(record.trigger)}${whose}: ${what}`;
}

function triggerText(trigger: ReadRecord['trigger']): string {
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

function reportText(report: ReadReport): string {
  switch (report.kind) {
    case 'ANSWER':
      return `the vendor answered ${report.answer.status}`;
    case 'VENDOR_ERROR':
      return `the vendor answered the error ${report.error}`;
    case 'MALFORMED':
      return 'the answer was not readable';
    case 'UNCERTAIN':
      return `no answer (${report.cause}); it may have counted, so it is taken as spent`;
    case 'UNSENT':
      return `not sent (${report.cause}); its slot is given back`;
    case 'WITHHELD':
      return `withheld by the quota guard (${report.doubt === undefined ? report.why : `${report.why}: ${report.doubt}`})`;
    default:
      return exhausted(report);
  }
}
