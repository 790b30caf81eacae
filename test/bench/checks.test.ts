import { describe, expect, it } from 'vitest';
import { problemsOf, type RunEvidence } from '../../bench/checks.ts';
import { createLedger } from '../../bench/traffic/ledger.ts';
import { readsPerToken } from '../../bench/vendor/reads.ts';

const sound: RunEvidence = {
  tokens: 2,
  missing: 0,
  repeated: 0,
  strangers: 0,
  reads: new Map([
    ['a', 1],
    ['b', 3],
  ]),
  exitCode: 0,
};

describe('the verdict over a run', () => {
  it('accepts a sound run, repeated outcomes included', () => {
    expect(problemsOf(sound, 3)).toEqual([]);
    expect(problemsOf({ ...sound, repeated: 4 }, 3)).toEqual([]);
  });

  it.each([
    { fault: 'a lost token', answer: { missing: 1 }, problem: '1 of 2 tokens have no outcome' },
    { fault: 'an outcome nobody asked for', answer: { strangers: 1 }, problem: '1 outcomes belong to no token of this run' },
    {
      fault: 'a fourth read',
      answer: {
        reads: new Map([
          ['a', 4],
          ['b', 1],
        ]),
      },
      problem: '1 tokens were read more than 3 times',
    },
    { fault: 'an outcome without a read', answer: { reads: new Map([['a', 1]]) }, problem: 'the vendor saw reads of 1 tokens, not 2' },
    { fault: 'a process that died', answer: { exitCode: 70 }, problem: 'the service did not stop cleanly: 70' },
    { fault: 'a process that had to be killed', answer: { exitCode: null }, problem: 'the service did not stop cleanly: killed' },
  ])('fails on $fault', ({ answer, problem }) => {
    expect(problemsOf({ ...sound, ...answer }, 3)).toEqual([problem]);
  });
});

describe('the ledger', () => {
  it('measures from the producer’s clock to the first arrival', () => {
    const ledger = createLedger();
    ledger.sent('a', 100);
    ledger.sent('b', 110);
    ledger.arrived('b', 150);
    expect(ledger.missing(['a', 'b'])).toEqual(['a']);
    ledger.arrived('a', 180);
    ledger.arrived('a', 500);
    ledger.arrived('x', 501);
    expect(ledger.latenciesMs(['a', 'b'])).toEqual([80, 40]);
    expect(ledger.spanMs(['a', 'b'])).toBe(80);
    expect(ledger.surplus()).toEqual({ repeated: 1, strangers: 1 });
  });

  it('gives no latency for what has not arrived', () => {
    const ledger = createLedger();
    ledger.sent('a', 1);
    expect(() => ledger.latenciesMs(['a'])).toThrow('no outcome for a');
  });
});

describe('the vendor’s log', () => {
  it('counts reads a token and leaves refused requests out', () => {
    const line = (type: string, verificationId: string): string => JSON.stringify({ seq: 1, type, verificationId });
    const text = [line('read', 'a'), line('refused', 'a'), line('read', 'b'), line('read', 'a'), '{"seq":9,"type":"started"}', ''].join(
      '\n',
    );
    expect([...readsPerToken(text)]).toEqual([
      ['a', 2],
      ['b', 1],
    ]);
  });
});
