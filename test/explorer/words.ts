import type { Next } from './activities.ts';
import type { OutcomeEvent } from '../../src/domain/outcome.ts';
import { accountOf } from '../../src/domain/reading/slots.ts';
import type { Ordered, Run } from './world.ts';

// How a trace tells what happened.

export function activityName(runId: string, ordered: Exclude<Ordered, { kind: 'TIMER' }>): string {
  return `${ordered.kind === 'READ' ? `read ${ordered.order.slot}` : 'the emission'} of ${runId} (activity ${ordered.activityId})`;
}

export function outcomeName({ outcome, revision, reasons }: OutcomeEvent): string {
  const why = reasons.length === 0 ? '' : ` (${reasons.map(({ code }) => code).join(', ')})`;
  return `${outcome}${why} as revision ${revision}`;
}

/** What a workflow task came to. */
export function decisionText(before: Run, { status, standing }: Run): string {
  if (status !== 'OPEN') return `ends: ${status}`;
  const { awaits, state } = standing;
  if (before.standing.awaits === awaits) return 'goes on waiting';
  switch (awaits?.kind) {
    case 'READ':
      return `orders read ${awaits.order.slot} (activity ${awaits.activityId}, ${awaits.order.trigger})`;
    case 'EMIT':
      return `orders the emission of ${outcomeName(awaits.order.event)} (activity ${awaits.activityId})`;
    case 'TIMER':
      return `waits, with ${accountOf(state).counted} reads counted`;
    case undefined:
      return 'waits for nothing';
  }
}

/** Where an activity stands. */
export function standText(next: Next): string {
  switch (next.wants) {
    case 'LEDGER':
      return 'it has to ask the ledger';
    case 'REVISIONS':
      return 'it has to ask for the revisions';
    case 'READ_GRANT':
      return `it needs the grant of read ${next.input.read}`;
    case 'REVISION_GRANT':
      return `it needs the grant of revision ${next.input.revision}`;
    case 'REQUEST':
      return 'it may ask the vendor';
    case 'PUBLISH':
      return `it may publish ${outcomeName(next.event)}`;
    case 'REPORT': {
      const { answer } = next;
      if (answer.kind === 'RECOVERED') return `reports what the ledger knows: ${answer.reads.length} reads`;
      return `reports ${answer.kind}${answer.kind === 'ANSWER' ? ` ${answer.answer.status}` : ''}`;
    }
    case 'WITHHOLD':
      return `reports that it is withheld: ${next.why}${next.doubt === undefined ? '' : ` (${next.doubt})`}`;
    case 'KEEP':
      return `reports UNSENT ${next.cause}`;
    case 'CONFIRM':
      return 'reports that the outcome is published';
    case 'RECOVER':
      return `reports what the ledger knows: ${next.answer.reads.length} reads`;
    case 'FAIL':
      return next.gone ? 'gives up, because the home run is gone' : 'fails and will be repeated';
  }
}
