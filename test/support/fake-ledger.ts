import { vi } from 'vitest';
import { defined } from '../../src/domain/defined.ts';
import type { Grants, VerificationLedger } from '../../activities/ports.ts';
import type { GrantedReadInput, GrantedRevisionInput } from '../../src/contracts/workflow.ts';
import type { LedgerAnswer } from '../../src/domain/ledger/ledger.ts';
import type { Revision } from '../../src/domain/ledger/revisions.ts';

const never = (): never => {
  throw new Error('the home run asks neither ledger nor grants');
};

/** For activities of the home run: any use of ledger or grants fails the test. */
export const NO_AWAY: { readonly ledger: VerificationLedger; readonly grants: Grants } = {
  ledger: { consult: never, revisions: never },
  grants: { grantRead: never, grantRevision: never },
};

/** Answers of the ledger in order (the last repeats) and grants that are granted once each, as the server does. */
export function fakeAway(answers: readonly LedgerAnswer[], options: { readonly takenReads?: readonly number[] } = {}) {
  const reads: GrantedReadInput[] = [];
  const revisions: GrantedRevisionInput[] = [];
  const taken = new Set(options.takenReads);
  const outcomes: Revision[] = [];
  let consultations = 0;
  const ledger = {
    consult: vi.fn<VerificationLedger['consult']>(async () => {
      consultations += 1;
      const answer = answers[Math.min(consultations, answers.length) - 1];
      if (answer === undefined) throw new Error('the fake ledger needs an answer');
      return answer;
    }),
    revisions: vi.fn<VerificationLedger['revisions']>(async (_id, first) => outcomes.filter(({ event }) => event.revision >= first)),
  };
  const grants = {
    grantRead: vi.fn<Grants['grantRead']>(async (input) => {
      if (taken.has(input.read)) return 'TAKEN';
      taken.add(input.read);
      reads.push(input);
      return 'GRANTED';
    }),
    grantRevision: vi.fn<Grants['grantRevision']>(async (input) => {
      if (outcomes.some(({ event }) => event.revision === input.revision)) return 'TAKEN';
      const { replay } = input.grantedTo;
      outcomes.push({ event: input.event, ...defined({ replay }) });
      revisions.push(input);
      return 'GRANTED';
    }),
  };
  return { ledger, grants, reads, revisions, outcomes };
}
