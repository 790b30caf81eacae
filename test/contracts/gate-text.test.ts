import { expect, it } from 'vitest';
import { LONGEST_REASON, mandateIn } from '../../src/contracts/mandate.ts';
import { limitReason } from '../../src/contracts/text/gate.ts';
import { GATE_PHASES, openGate } from '../../src/domain/gate/gate.ts';

const LONGEST = { operator: 'o'.repeat(64), reason: '停'.repeat(LONGEST_REASON), ticket: 'T'.repeat(64) };

it('the longest mandate fits what the server takes as the reason of a limit', () => {
  expect(mandateIn(LONGEST)).toEqual(LONGEST);
  const { operator: by, ...why } = LONGEST;
  const lengths = GATE_PHASES.map((phase) => Buffer.byteLength(limitReason({ ...openGate(new Date().toISOString()), phase, by, ...why })));
  expect(Math.max(...lengths)).toBeLessThanOrEqual(1_000);
});
