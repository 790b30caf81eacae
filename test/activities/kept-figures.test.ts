import { expect, it } from 'vitest';
import { withKeptFigures } from '../../activities/kept-figures.ts';
import type { VerificationActivities } from '../../src/contracts/workflow.ts';
import type { RecoveredReads } from '../../src/domain/ledger/asking-run.ts';
import { PASSED_READ } from '../support/verification-input.ts';

const RECOVERED: RecoveredReads = { kind: 'RECOVERED', reads: [{ scheduledAt: '2026-01-05T10:00:00.000Z', report: PASSED_READ }] };

function answering(answer: Awaited<ReturnType<VerificationActivities['getResult']>>) {
  const activities: VerificationActivities = {
    getResult: async () => answer,
    emitOutcome: async () => ({ topic: 'outcomes', partition: 0, offset: '1' }),
  };
  return { activities, ask: async (kept: VerificationActivities) => await kept.getResult(JSON.parse('{}')) };
}

it('a read enters the history without the figures that are not to be kept', async () => {
  const { activities, ask } = answering(PASSED_READ);
  expect(await ask(withKeptFigures(activities, 'full'))).toBe(PASSED_READ);
  const none = JSON.stringify(await ask(withKeptFigures(activities, 'none')));
  expect(JSON.stringify(PASSED_READ)).toContain('"confidence"');
  expect(none).not.toMatch(/"confidence"|"scores"/);
  expect(none).toContain('"reached"');
});

it('reads that another run made are handed on as they are, or the same conclusion would look like another one', async () => {
  const { activities, ask } = answering(RECOVERED);
  expect(await ask(withKeptFigures(activities, 'none'))).toBe(RECOVERED);
});
