import { describe, expect, it } from 'vitest';
import { compare, standingOf } from '../../bench/report/compare.ts';
import { renderReport, type Sample, summarize } from '../../bench/report/report.ts';

const machine = { cpu: 'Test CPU', cores: 2, memoryGiB: 8, system: 'Linux 6', node: 'v20.19.0', loadBefore: 0.1 };

const samples: readonly Sample[] = [
  { system: 'ours', workload: 'burst', measurements: { tokensPerSecond: 60, serviceCpuMsPerToken: 12 } },
  { system: 'naive', workload: 'burst', measurements: { tokensPerSecond: 40, serviceCpuMsPerToken: 10 } },
  { system: 'naive', workload: 'burst', measurements: { tokensPerSecond: 42, serviceCpuMsPerToken: 8 } },
  { system: 'ours', workload: 'burst', measurements: { tokensPerSecond: 50, serviceCpuMsPerToken: 14 } },
];

describe('the ratio table', () => {
  it('divides our median by the baseline’s', () => {
    const [row] = compare({
      ours: [{ tokensPerSecond: 60 }, { tokensPerSecond: 50 }, { tokensPerSecond: 90 }],
      naive: [{ tokensPerSecond: 40 }],
    });
    expect(row).toEqual({
      metric: 'tokensPerSecond',
      ours: { median: 60, min: 50, max: 90 },
      naive: { median: 40, min: 40, max: 40 },
      ratio: 1.5,
      standing: 'ahead',
    });
  });

  it.each([
    { metric: 'tokensPerSecond', ratio: 1.2, standing: 'ahead' },
    { metric: 'tokensPerSecond', ratio: 0.8, standing: 'behind' },
    { metric: 'latencyP99Ms', ratio: 1.2, standing: 'behind' },
    { metric: 'latencyP99Ms', ratio: 0.8, standing: 'ahead' },
    { metric: 'latencyP99Ms', ratio: 1.04, standing: 'level' },
    { metric: 'tokensPerSecond', ratio: 0.96, standing: 'level' },
    { metric: 'tokensPerSecond', ratio: undefined, standing: 'unknown' },
  ] as const)('calls $metric at $ratio $standing', ({ metric, ratio, standing }) => {
    expect(standingOf(metric, ratio)).toBe(standing);
  });

  it('gives no ratio for a system that was not measured or a baseline of zero', () => {
    expect(compare({ ours: [{ serviceRssMiB: 100 }], naive: [] })[0]).not.toHaveProperty('ratio');
    expect(compare({ ours: [{ serviceCpuPercent: 1 }], naive: [{ serviceCpuPercent: 0 }] })[0]?.standing).toBe('unknown');
  });
});

describe('the report', () => {
  it('names every row in which we are behind', () => {
    const text = renderReport(summarize(samples), machine);
    expect(text).toMatch(/rate, tokens\/s +55\.0 +\(50\.0–60\.0\) +41\.0 +\(40\.0–42\.0\) +1\.34 +ahead/);
    expect(text).toMatch(/service CPU, ms\/token +13\.00 +\(12\.00–14\.00\) +9\.00 +\(8\.00–10\.00\) +1\.44 +behind/);
    expect(text).toContain('Behind the baseline in:\n  burst: service CPU, ms/token (1.44)');
  });

  it('says so when we are behind in nothing', () => {
    const good = samples.map(({ measurements: { tokensPerSecond = 0 }, ...sample }) => ({ ...sample, measurements: { tokensPerSecond } }));
    expect(renderReport(summarize(good), machine)).toContain('Behind the baseline in nothing.');
  });

  it('claims no victory when only one system was measured', () => {
    const alone = samples.filter(({ system }) => system === 'ours');
    expect(renderReport(summarize(alone), machine)).toContain('Nothing to compare: only one system was measured.');
  });

  it('keeps the workloads in the order in which they ran', () => {
    const order = ['idle', 'loop', 'burst'].map((workload): Sample => ({ system: 'ours', workload, measurements: { serviceRssMiB: 1 } }));
    expect(summarize([...order, ...samples]).map(({ workload }) => workload)).toEqual(['idle', 'loop', 'burst']);
  });
});
