import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cpuMsOf, memoryMiBOf, nameOf, parentOf } from '../../bench/measure/proc-text.ts';
import { cpuMs, memoryMiB, threadCpuMs } from '../../bench/measure/processes.ts';

function stat(pid: number, { parent, userTicks, systemTicks }: { parent: number; userTicks: number; systemTicks: number }): string {
  return `${pid} (node (main) x) S ${parent} 1 1 0 -1 4194560 9000 0 3 0 ${userTicks} ${systemTicks} 7 7 20 0 11 0 900 1234567 5000 1`;
}

function status(rssKiB: number): string {
  return `Name:\tnode\nVmPeak:\t  999999 kB\nVmHWM:\t  ${2 * rssKiB} kB\nVmRSS:\t  ${rssKiB} kB\nThreads:\t11\n`;
}

describe('texts of /proc', () => {
  it('give user and system time and the parent, whatever the process calls itself', () => {
    const text = stat(42, { parent: 17, userTicks: 150, systemTicks: 25 });
    expect(cpuMsOf(text)).toBe(1_750);
    expect(parentOf(text)).toBe(17);
    expect(nameOf(text)).toBe('node (main) x');
  });

  it('give memory now and at its peak, and none of a zombie', () => {
    expect(memoryMiBOf(status(102_400), 'VmRSS')).toBe(100);
    expect(memoryMiBOf(status(102_400), 'VmHWM')).toBe(200);
    expect(memoryMiBOf('Name:\tnode\nState:\tZ (zombie)\n', 'VmRSS')).toBe(0);
  });

  it('are refused if they are something else', () => {
    expect(() => cpuMsOf('')).toThrow('/proc/<pid>/stat');
  });
});

describe('a process tree', () => {
  let procDir = '';
  beforeEach(() => {
    procDir = mkdtempSync(join(tmpdir(), 'proc-'));
    for (const [pid, parent] of [
      [1, 0],
      [10, 1],
      [11, 10],
      [12, 11],
      [20, 1],
    ] as const) {
      mkdirSync(join(procDir, String(pid)));
      writeFileSync(join(procDir, String(pid), 'stat'), stat(pid, { parent, userTicks: pid, systemTicks: 0 }));
      writeFileSync(join(procDir, String(pid), 'status'), status(1_024 * pid));
    }
    mkdirSync(join(procDir, 'self'));
  });
  afterEach(() => rmSync(procDir, { recursive: true }));

  it('counts the process and all below it, and nobody else', () => {
    expect(cpuMs({ root: 10, procDir })).toBe((10 + 11 + 12) * 10);
    expect(memoryMiB({ root: 11, procDir }, 'VmRSS')).toBe(11 + 12);
    expect(memoryMiB({ root: 11, procDir }, 'VmHWM')).toBe(2 * (11 + 12));
  });

  it('counts each thread by itself', () => {
    for (const id of [11, 13]) {
      mkdirSync(join(procDir, '11/task', String(id)), { recursive: true });
      writeFileSync(join(procDir, '11/task', String(id), 'stat'), stat(id, { parent: 10, userTicks: id, systemTicks: 1 }));
    }
    const threads = [...threadCpuMs({ root: 11, procDir }).values()];
    expect(threads.map(({ ms }) => ms)).toEqual([120, 140]);
  });

  it('does not pass off a process that has ended as one that used nothing', () => {
    expect(() => cpuMs({ root: 99, procDir })).toThrow('process 99 has ended');
  });
});
