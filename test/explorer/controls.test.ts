import { describe, expect, it } from 'vitest';
import { CONTROLS } from './controls.ts';
import { REAL_RULES } from './rules.ts';
import { explore } from './search.ts';

/** Each part of the protocol is there for something: without it the explorer finds what the part prevents. */
describe('without the rule that', () => {
  it.each(CONTROLS)(
    '$part, $finds is broken',
    async ({ part, without, in: size, finds }) => {
      const whole = { ...size, name: part, what: part };
      const broken = await explore({ size: whole, rules: { ...REAL_RULES, ...without } }, { lookFor: [finds] });
      expect(broken.violation?.property).toBe(finds);
      expect(broken.violation?.trace[0]).toBe('ingress starts the home run r0');
      // With the rule the same walk finds nothing.
      const sound = await explore({ size: whole, rules: REAL_RULES }, { mostStates: broken.states });
      expect(sound.violation).toBeUndefined();
    },
    120_000,
  );
});
