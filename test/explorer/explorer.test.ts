import { describe, expect, it } from 'vitest';
import { REAL_RULES } from './rules.ts';
import { explore } from './search.ts';
import { ONE_READ, type Size, SIZES } from './size.ts';

const TIMEOUT_MS = 180_000;

describe('in a small world everything holds, whatever happens in whatever order', () => {
  it.each(SIZES)(
    '$name: $what',
    async (size) => {
      const { violation, complete, states } = await explore({ size, rules: REAL_RULES });
      expect(violation).toBeUndefined();
      expect({ complete, many: states > 1_000 }).toEqual({ complete: true, many: true });
    },
    TIMEOUT_MS,
  );

  it(
    'acts and losses that were left out, because another moment does the same, would change nothing',
    async () => {
      const size: Size = {
        name: 'everywhere',
        what: 'one read, an act and a loss',
        ...ONE_READ,
        acts: ['RESET', 'START_AGAIN', 'CANCEL', 'REDISPATCH', 'STOP_EMISSION'],
        atMost: { acts: 1, losses: 1 },
      };
      const few = await explore({ size, rules: REAL_RULES });
      const all = await explore({ size: { ...size, everywhere: true }, rules: REAL_RULES });
      expect(all.violation).toBeUndefined();
      expect(all.states).toBeGreaterThan(few.states);
      expect([...few.endings].toSorted()).toEqual([...all.endings].toSorted());
    },
    TIMEOUT_MS,
  );
});
