import { EvidenceUnreadableError } from '../../contracts/errors.ts';
import { SWEEPER } from '../../contracts/mandate.ts';
import type { ReplayCases } from '../replay/ports.ts';
import type { EvidenceVault } from './ports.ts';

/**
 * Cases of which those are told apart whose evidence somebody ordered to be erased: whoever was forgotten is neither decided upon nor
 * published again. What merely expired is a case like any other.
 */
export function tellingErased(cases: ReplayCases, vault: Pick<EvidenceVault, 'state'>): ReplayCases {
  return {
    async load(verificationId) {
      const state = await vault.state(verificationId);
      if (state.kind === 'ERASED' && state.by.operator !== SWEEPER.operator) return { kind: 'ERASED', at: state.erasedAt };
      // It may be the marker of an erasure.
      if (state.kind === 'UNREADABLE') throw new EvidenceUnreadableError(state.why);
      return await cases.load(verificationId);
    },
  };
}
