import { describe, expect, it } from 'vitest';
import { parseCpuOptions, parseReplayOptions } from '../../bench/cpu/options.ts';
import { parseOptions } from '../../bench/options.ts';
import { runOrder } from '../../bench/order.ts';
import { workloadsOf } from '../../bench/workload.ts';

describe('bench options', () => {
  it('default to three repetitions of idle, 10/s, 20/s and a burst of 1,500', () => {
    const options = parseOptions([]);
    expect(options).toMatchObject({ systems: ['ours', 'naive'], repetitions: 3 });
    expect(workloadsOf(options)).toEqual([
      { kind: 'IDLE', title: 'idle for 20 s', durationMs: 20_000 },
      { kind: 'OPEN_LOOP', title: 'open loop, 10 tokens/s for 30 s', ratePerSecond: 10, tokens: 300 },
      { kind: 'OPEN_LOOP', title: 'open loop, 20 tokens/s for 30 s', ratePerSecond: 20, tokens: 600 },
      { kind: 'BURST', title: 'burst of 1500 tokens', tokens: 1500 },
    ]);
  });

  it('leave out what is set to nothing', () => {
    expect(workloadsOf(parseOptions(['--burst', '0', '--rates', '', '--idle-seconds', '0']))).toEqual([]);
  });

  it.each([
    { args: ['--repetitions', '0'], names: '--repetitions' },
    { args: ['--burst', 'many'], names: '--burst' },
    { args: ['--rates', '10,-1'], names: '--rates' },
    { args: ['--systems', 'ours,theirs'], names: '--systems' },
    { args: ['--fast'], names: '--fast' },
  ])('name the option at fault: $args', ({ args, names }) => {
    expect(() => parseOptions(args)).toThrow(names);
  });
});

describe('options of the measurement of CPU', () => {
  it('default to three bursts of the present sources, and a profile', () => {
    expect(parseCpuOptions([])).toEqual({ burstTokens: 1500, repetitions: 3, distDirs: [], isProfiled: true });
  });

  it('name builds to compare, each once', () => {
    expect(parseCpuOptions(['--dist', 'a,b,a', '--no-profile'])).toMatchObject({ distDirs: ['a', 'b'], isProfiled: false });
  });

  it.each([
    { args: ['--burst', '0'], names: '--burst' },
    { args: ['--repetitions', 'some'], names: '--repetitions' },
    { args: ['--dists', 'a'], names: '--dists' },
  ])('name the option at fault: $args', ({ args, names }) => {
    expect(() => parseCpuOptions(args)).toThrow(names);
  });
});

describe('options of the measurement of re-executions', () => {
  it('default to three takes of two hundred, of the present sources', () => {
    expect(parseReplayOptions([])).toEqual({ times: 200, takes: 3, distDirs: [], showsMakers: false });
  });

  it('name builds to compare, each once', () => {
    expect(parseReplayOptions(['--dist', 'a,b,a', '--makers'])).toMatchObject({ distDirs: ['a', 'b'], showsMakers: true });
  });

  it.each([
    { args: ['--times', '0'], names: '--times' },
    { args: ['--takes', 'some'], names: '--takes' },
    { args: ['--burst', '1'], names: '--burst' },
  ])('name the option at fault: $args', ({ args, names }) => {
    expect(() => parseReplayOptions(args)).toThrow(names);
  });
});

describe('the order of the systems', () => {
  it('alternates, so that drift hits both alike', () => {
    expect(runOrder(['ours', 'naive'], 3)).toEqual(['ours', 'naive', 'naive', 'ours', 'ours', 'naive']);
    expect(runOrder(['naive'], 2)).toEqual(['naive', 'naive']);
  });
});
