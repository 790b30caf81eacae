import type { VerificationActivities } from '../src/contracts/workflow.ts';
import type { RecoveredReads } from '../src/domain/ledger/asking-run.ts';
import { minimisedReport, type Scores } from '../src/domain/judging/minimise.ts';

/** The activities, whose answers hold no more of the vendor's figures than is to be kept: what they answer becomes history. */
export function withKeptFigures(activities: VerificationActivities, scores: Scores): VerificationActivities {
  const recovered = (answer: RecoveredReads): RecoveredReads => ({
    ...answer,
    reads: answer.reads.map((read) => ({ ...read, report: minimisedReport(read.report, scores) })),
  });
  return {
    async getResult(order) {
      const answer = await activities.getResult(order);
      return answer.kind === 'RECOVERED' ? recovered(answer) : minimisedReport(answer, scores);
    },
    async emitOutcome(order) {
      const answer = await activities.emitOutcome(order);
      return 'kind' in answer && answer.kind === 'RECOVERED' ? recovered(answer) : answer;
    },
  };
}
