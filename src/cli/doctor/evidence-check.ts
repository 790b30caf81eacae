import { judgeStores } from '../../operator/doctor/evidence.ts';
import type { Check } from '../../operator/doctor/examine.ts';
import { ok } from '../../operator/doctor/findings.ts';
import { type Examination, settingsAtFault } from './examination.ts';

/** Both stores of evidence, by a probe. */
export function evidenceCheck({ config, sights }: Examination): Check {
  return {
    id: 'evidence-stores',
    look: async () => {
      if (config.evidence === undefined) return [ok('VF_EVIDENCE_STORE is off: no image is asked for or kept')];
      try {
        return judgeStores(await sights.stores());
      } catch (error) {
        return settingsAtFault(error);
      }
    },
  };
}
