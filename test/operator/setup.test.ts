import { expect, it } from 'vitest';
import type { SetupPort } from '../../src/operator/ports.ts';
import { setUp, shortcomingIn, warningsIn } from '../../src/operator/setup.ts';

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
  const found = await setUp(ports, { dryRun: true });
  expect(found.map(({ result }) => result)).toEqual(['kept', 'missing']);
  expect(ports.map(({ makes }) => makes)).toEqual([0, 0]);
  expect(shortcomingIn(found)).toBe('missing: namespace x; run `verdictflow setup`, or set VF_AUTO_SETUP=true');
  expect((await setUp(ports, { dryRun: false })).map(({ result }) => result)).toEqual(['kept', 'made']);
  expect((await setUp(ports, { dryRun: false })).map(({ result }) => result)).toEqual(['kept', 'kept']);
  expect(shortcomingIn(await setUp(ports, { dryRun: true }))).toBeUndefined();
});

it('names what is there and cannot be used before what is missing', async () => {
  const attribute = { what: 'search attribute', name: 'a', result: 'unfit', problem: 'is of type Text' } as const;
  const unfit: SetupPort = {
    what: 'search attribute',
    inspect: async () => await Promise.resolve([attribute]),
    make: async () => await Promise.resolve([attribute]),
  };
  expect(shortcomingIn(await setUp([port('topic', new Set()), unfit], { dryRun: true }))).toMatch(
    /^search attribute a is of type Text; missing: topic x; run/,
  );
});

it('warns of what is there in one line each', () => {
  const warnings = ['it has one replica', 'it is compacted'];
  const found = [
    { what: 'topic', name: 't', result: 'kept', warnings } as const,
    { what: 'namespace', name: 'n', result: 'made' } as const,
  ];
  expect(warningsIn(found)).toEqual(['topic t: it has one replica', 'topic t: it is compacted']);
});
