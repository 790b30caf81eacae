import { expect, it } from 'vitest';
import type { SetupPort } from '../../src/operator/ports.ts';
import { shortcomingOf, setUp } from '../../src/operator/setup.ts';

function port(what: string, exists: Set<string>): SetupPort & { makes: number } {
  const fake = {
    what,
    makes: 0,
    inspect: async () => await Promise.resolve([{ what, name: 'x', result: exists.has(what) ? ('kept' as const) : ('missing' as const) }]),
    make: async () => {
      const result = exists.has(what) ? ('kept' as const) : ('made' as const);
      exists.add(what);
      fake.makes += 1;
      return await Promise.resolve([{ what, name: 'x', result }]);
    },
  };
  return fake;
}

it('makes what is missing once, keeps it after that, and only looks in a dry run', async () => {
  const exists = new Set(['topic']);
  const ports = [port('topic', exists), port('namespace', exists)];
  expect((await setUp(ports, { dryRun: true })).map(({ result }) => result)).toEqual(['kept', 'missing']);
  expect(ports.map(({ makes }) => makes)).toEqual([0, 0]);
  expect(await shortcomingOf(ports)).toBe('missing: namespace x; run `verdictflow setup`, or set VF_AUTO_SETUP=true');
  expect((await setUp(ports, { dryRun: false })).map(({ result }) => result)).toEqual(['kept', 'made']);
  expect((await setUp(ports, { dryRun: false })).map(({ result }) => result)).toEqual(['kept', 'kept']);
  expect(await shortcomingOf(ports)).toBeUndefined();
});

it('names what is there and cannot be used before what is missing', async () => {
  const attribute = { what: 'search attribute', name: 'a', result: 'unfit', problem: 'is of type Text' } as const;
  const unfit: SetupPort = {
    what: 'search attribute',
    inspect: async () => await Promise.resolve([attribute]),
    make: async () => await Promise.resolve([attribute]),
  };
  expect(await shortcomingOf([port('topic', new Set()), unfit])).toMatch(/^search attribute a is of type Text; missing: topic x; run/);
});
