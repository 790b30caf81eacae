import { describe, expect, it } from 'vitest';
import { type Burst, profileTables, usageTables } from '../../bench/cpu/report.ts';

function burstOf(dist: string, serviceCpuMs: number): Burst {
  const serviceThreads = [
    { name: 'node', cpuMs: serviceCpuMs / 2 },
    { name: 'node', cpuMs: serviceCpuMs / 4 },
    { name: 'tokio-runtime-w', cpuMs: serviceCpuMs / 8 },
    { name: 'grpc', cpuMs: serviceCpuMs / 8 },
  ];
  return { dist, usage: { serviceCpuMs, serviceThreads, temporalCpuMs: 2 * serviceCpuMs } };
}

describe('the tables of CPU', () => {
  const text = usageTables([burstOf('base', 100), burstOf('other', 80), burstOf('base', 140)], { tokens: 10 });

  it('show every burst beside the median, which lies between two', () => {
    expect(text).toContain('| base | 12.00 (10.00, 14.00) | 24.00 (20.00, 28.00) |');
    expect(text).toContain('| other | 8.00 (8.00) | 16.00 (16.00) |');
  });

  it('add up the threads of one kind over all bursts of the first build', () => {
    expect(text).toContain('| Threads of base |');
    expect(text).toContain('| main thread and V8 isolates of their own | 9.00 |');
    expect(text).toContain("| Temporal Core's threads (Rust) | 1.50 |");
    expect(text).toContain('| grpc | 1.50 |');
  });

  it('share own time among owners, idle time aside, the largest first', () => {
    const own = (ms: Record<string, number>) => new Map(Object.entries(ms));
    const tables = profileTables([
      { thread: 'main', ownMs: own({ idle: 900, kafkajs: 25, undici: 5 }) },
      { thread: 'main', ownMs: own({ undici: 70 }) },
      { thread: 'workflows', ownMs: own({ protobufjs: 1 }) },
    ]);
    expect(tables.split('\n\n')[0]).toBe('| Own time, thread: main | share |\n| --- | --- |\n| undici | 75.0 % |\n| kafkajs | 25.0 % |');
    expect(tables).toContain('| protobufjs | 100.0 % |');
    expect(tables).not.toContain('idle');
  });
});
