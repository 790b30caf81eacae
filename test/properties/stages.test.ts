import fc from 'fast-check';
import { expect, test } from 'vitest';
import { STAGE_TRANSITIONS } from '../../src/domain/stages.ts';
import { viewOf } from '../../workflows/view.ts';
import { inputAt } from '../support/verification-input.ts';
import { T0 } from '../domain/samples.ts';
import { anyScript, anyTrouble } from './generators.ts';
import { play } from './play.ts';
import { runs } from './runs.ts';

const INPUT = inputAt(T0);

test('the stages that a verification goes through are those of the table, and each of its transitions happens', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(anyScript, anyTrouble, (script, trouble) => {
      let from = 'ADMITTED';
      for (const moment of play(script, trouble).decisions) {
        const to = viewOf(INPUT, moment).stage;
        if (to !== from) seen.add(`${from} --> ${to}`);
        from = to;
      }
    }),
    runs(1_000),
  );
  expect([...seen].toSorted()).toEqual(STAGE_TRANSITIONS.map(({ from, to }) => `${from} --> ${to}`).toSorted());
});
