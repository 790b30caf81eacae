import { expect, it } from 'vitest';
import { SEARCH_ATTRIBUTES } from '../../src/contracts/workflow.ts';
import { startAttributes } from '../../src/temporal/start.ts';
import { sourceText } from '../support/sources.ts';
import { inputAt } from '../support/verification-input.ts';

it('every search attribute that setup registers is written, at the start or by the workflow', () => {
  const input = inputAt(0, { bizNo: 'order-7' });
  const atStart = startAttributes(input, { stage: 'WAITING', bizKeyOf: () => 'key' }).map(({ key }) => key.name);
  const later = Array.from(sourceText(['workflows']).matchAll(/key: SEARCH_ATTRIBUTES\.(\w+)/g), ([, key]) => key);
  const unwritten = Object.entries(SEARCH_ATTRIBUTES).filter(([key, { name }]) => !atStart.includes(name) && !later.includes(key));
  expect(unwritten).toEqual([]);
});
