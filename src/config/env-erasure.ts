import { duration, flag } from './fields.ts';
import { withDefault } from './variable.ts';

const HOUR_MS = 3_600_000;

export const erasureVariables = {
  VF_EVIDENCE_SWEEP_EVERY: withDefault(duration({ minMs: 1_000, maxMs: 24 * HOUR_MS }), {
    description: 'How often the sweeper looks for evidence that has expired, and for what an erasure that was killed has left.',
    form: 'duration',
    default: '1h',
  }),
  VF_ERASE_TOMBSTONE: withDefault(flag(), {
    description:
      '`verdictflow erase` also writes a record without a value under the key of the outcome, which makes a compacted outcome topic forget it. ' +
      'Only where every consumer of the topic bears records without a value.',
    form: 'true or false',
    default: 'false',
  }),
};
