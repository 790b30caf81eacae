import type { VerificationActivities } from '../src/contracts/workflow.ts';
import { minimisedReport, type Scores } from '../src/domain/judging/minimise.ts';

/**
 * The activities, whose reads answer no more of the vendor's figures than is to be kept: what they answer becomes history. Reads
 * that another run made are handed on as they are there, or the same conclusion would look like another one.
 */
export function withKeptFigures(activities: VerificationActivities, scores: Scores): VerificationActivities {
  return {
    ...activities,
    async getResult(order) {
      const answer = await activities.getResult(order);
      return answer.kind === 'RECOVERED' ? answer : minimisedReport(answer, scores);
    },
  };
}
