import { campaignRecords, sumOf } from '../../test/conformance/quota/record.ts';
import { markdownTable } from './tables.ts';

/** What the recorded storms add up to. */
export function stormTable(): string {
  const records = campaignRecords();
  const days = [...new Set(records.map(({ at }) => at.slice(0, 10)))].toSorted();
  const rows: readonly (readonly [what: string, figure: number | string])[] = [
    ['storms', `${records.length} (${days.join(', ')})`],
    ['verifications', sumOf(records, 'tokens')],
    ['kill -9 of a worker or ingress', sumOf(records, 'kills')],
    ['operations of operators that took effect', sumOf(records, 'operatorActions')],
    ['verifications read at least once (the others stayed in the queue until their compressed day was over)', sumOf(records, 'tokensRead')],
    ['reads at the vendor', sumOf(records, 'reads')],
    ['most reads of one token', Math.max(...records.map(({ mostReadsOfOneToken }) => mostReadsOfOneToken))],
    ['**fourth reads**', sumOf(records, 'fourthReads')],
    ['**reads that arrived after the end of the window**', sumOf(records, 'readAfterWindow')],
    ['**verifications without an outcome** (those terminated by an operator aside)', sumOf(records, 'withoutOutcome')],
    ['**second bodies of one revision**', sumOf(records, 'severalBodies')],
    ['**verdicts taken back, or other than the vendor gave**', sumOf(records, 'verdictLost') + sumOf(records, 'wrongConclusion')],
    ['verdicts told (counted from seed 9 on)', sumOf(records, 'verdictsTold')],
    ['verdicts that died with the process that had read them, or came too late for it (from seed 9 on)', sumOf(records, 'verdictsUnheard')],
    ['verifications that an operator terminated for good', sumOf(records, 'terminated')],
    ['runs that a workflow pause wedged, started again as the runbook says', sumOf(records, 'wedged')],
    ['processes that ended by themselves', sumOf(records, 'ownEnds')],
  ];
  return markdownTable(
    ['What', 'Total'],
    rows.map(([what, figure]) => [what, figure.toLocaleString('en')]),
  );
}
