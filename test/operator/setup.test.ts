import { expect, it } from 'vitest';
import type { SetupPort } from '../../src/operator/ports.ts';
import { missingIn, setUp, warningsIn } from '../../src/operator/setup.ts';

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
  expect(missingIn(found)).toEqual(['namespace x']);
  expect((await setUp(ports, { dryRun: false })).map(({ result }) => result)).toEqual(['kept', 'made']);
  expect((await setUp(ports, { dryRun: false })).map(({ result }) => result)).toEqual(['kept', 'kept']);
});

it('warns of what is there in one line each', () => {
  const warnings = ['it has one replica', 'it is compacted'];
  const found = [
    { what: 'topic', name: 't', result: 'kept', warnings } as const,
    { what: 'namespace', name: 'n', result: 'made' } as const,
  ];
  expect(warningsIn(found)).toEqual(['topic t: it has one replica', 'topic t: it is compacted']);
});
