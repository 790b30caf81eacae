import { expect, test } from 'vitest';
import { STAGE_TRANSITIONS } from '../../src/domain/stages.ts';

test('every stage is reached from admission, and DECIDED is the only one without an exit', () => {
  const stages = new Set(STAGE_TRANSITIONS.flatMap(({ from, to }) => [from, to]));
  const entered = new Set(STAGE_TRANSITIONS.map(({ to }) => to));
  const left = new Set<string>(STAGE_TRANSITIONS.map(({ from }) => from));
  expect([...stages].filter((stage) => stage !== 'ADMITTED').toSorted()).toEqual([...entered].toSorted());
  expect([...stages].filter((stage) => !left.has(stage))).toEqual(['DECIDED']);
});
