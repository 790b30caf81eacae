import { expect, it } from 'vitest';
import { filesBelow, sourceOf } from './sources.ts';

const HOOK = /^(before|after)(Each|All)\(/m;

it('no module that test files share has hooks of its own: they would be those of the first file that loads it', () => {
  const modules = filesBelow(['test'], /(?<!\.test)\.ts$/);
  const hooked = modules.filter((file) => HOOK.test(sourceOf(file)));
  expect(modules.length).toBeGreaterThan(100);
  expect(hooked).toEqual([]);
});
