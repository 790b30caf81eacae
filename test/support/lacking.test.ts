import { expect, it, vi } from 'vitest';
import { filesBelow, sourceOf } from './sources.ts';
import { lacking } from './lacking.ts';

/** Skips of which `lacking` does not print the reason; `context.skip` takes its answer in the same line. */
const SILENT = /\.(?:skipIf|runIf)\((?!lacking\()|\b(?:it|test|describe)\.(?:skip|todo)\b|^(?!.*\blacking\().*\.skip\(/gm;

it('no test is skipped but by the one function that says why', () => {
  const files = filesBelow(['test'], /\.ts$/).filter((file) => file !== 'test/support/lacking.test.ts');
  expect(files.flatMap((file) => [...sourceOf(file).matchAll(SILENT)].map(([found]) => `${file}: ${found}`))).toEqual([]);
  expect("it.skipIf(isOld)('a')\nit.todo('b')\n  context.skip(why);\ncontext.skip(lacking(why, { tests }));".match(SILENT)).toHaveLength(3);
});

it('what is missing is printed with the tests it costs, and nothing if nothing is', () => {
  const log = vi.spyOn(console, 'log').mockReturnValue();
  expect([lacking('no helm', { tests: 'the chart' }), lacking(undefined, { tests: 'the chart' })]).toEqual([true, false]);
  expect(log.mock.calls).toEqual([['SKIPPED: the chart: no helm']]);
});
