import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { runPhases } from '../../workers/lifecycle.ts';
import { firstSignal } from '../../workers/signals.ts';

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

async function turns(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

describe('shutdown', () => {
  // The clock moves only when the test says so.
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
  afterEach(() => void vi.useRealTimers());

  it('runs the phases in order, one after the other', async () => {
    const order: string[] = [];
    const phase = (name: string) => ({
      name,
      limitMs: 10,
      run: async () => {
        order.push(`${name} begins`);
        await turns();
        order.push(`${name} ends`);
      },
    });
    const failures = await runPhases([phase('ingress'), phase('worker')], { logger: quiet });
    expect(failures).toEqual([]);
    expect(order).toEqual(['ingress begins', 'ingress ends', 'worker begins', 'worker ends']);
  });

  it('leaves a hanging phase behind at its limit and goes on', async () => {
    let closed = false;
    const done = runPhases(
      [
        { name: 'worker', limitMs: 30_000, run: () => new Promise<void>(() => {}) },
        { name: 'producer', limitMs: 30_000, run: async () => void (closed = await Promise.resolve(true)) },
      ],
      { logger: quiet },
    );
    vi.advanceTimersByTime(29_999);
    await turns();
    expect(closed).toBe(false);
    vi.advanceTimersByTime(1);
    const failures = await done;
    expect(closed).toBe(true);
    expect(failures.map((failure) => failure.phase)).toEqual(['worker']);
    expect(String(failures[0]?.error)).toContain('VF_SHUTDOWN_TIMEOUT');
  });

  it('collects the errors of all phases', async () => {
    const fail = (name: string) => ({ name, limitMs: 10, run: () => Promise.reject(new Error(`${name} broke`)) });
    const failures = await runPhases([fail('a'), fail('b')], { logger: quiet });
    expect(failures.map(({ error }) => String(error))).toEqual(['Error: a broke', 'Error: b broke']);
  });

  it('leaves no timer running', async () => {
    await runPhases([{ name: 'a', limitMs: 10, run: async () => {} }], { logger: quiet });
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('signals', () => {
  it('the first one begins the shutdown, the second one forces exit 1', async () => {
    const source = new EventEmitter();
    const forced: number[] = [];
    const signal = firstSignal({ source, forceExit: (code) => void forced.push(code) });
    source.emit('SIGTERM');
    expect(await signal).toBe('SIGTERM');
    expect(forced).toEqual([]);
    source.emit('SIGINT');
    expect(forced).toEqual([1]);
  });
});
