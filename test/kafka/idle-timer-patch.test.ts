import { createRequire } from 'node:module';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { stopIdleTimers } from '../../src/kafka/patches/idle-timer.ts';
import { prototypeOf } from '../../src/kafka/patches/internals.ts';

const require = createRequire(import.meta.url);

type Queue = {
  pending: unknown[];
  throttledUntil: number;
  maxInFlightRequests: number;
  inflight: Map<number, unknown>;
  checkPendingRequests(): void;
  destroy(): void;
};

const sent: string[] = [];
const quiet = { debug: () => undefined, warn: () => undefined };

function newQueue(): Queue {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- kafkajs publishes no types of its insides
  const RequestQueue = require('kafkajs/src/network/requestQueue') as new (options: object) => Queue;
  return new RequestQueue({
    maxInFlightRequests: 1,
    requestTimeout: 1000,
    enforceRequestTimeout: false,
    clientId: 'c',
    broker: 'b',
    logger: quiet,
  });
}

describe("kafkajs's request queue, patched", () => {
  beforeEach(() => {
    stopIdleTimers();
    vi.useFakeTimers();
    sent.length = 0;
  });
  afterEach(() => vi.useRealTimers());

  it('arms no timer while nothing is pending (defect J)', () => {
    const queue = newQueue();
    queue.checkPendingRequests();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('still sends what is pending as soon as throttling ends, and then rests', () => {
    const queue = newQueue();
    queue.throttledUntil = Date.now() + 500;
    queue.pending.push({ send: () => sent.push('a'), expectResponse: true, correlationId: 1 });
    queue.checkPendingRequests();
    vi.advanceTimersByTime(499);
    expect(sent).toEqual([]);
    vi.advanceTimersByTime(20);
    expect(sent).toEqual(['a']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('still looks again when what is pending waits for a free place', () => {
    const queue = newQueue();
    queue.inflight.set(9, {});
    queue.pending.push({ send: () => sent.push('a'), expectResponse: true, correlationId: 1 });
    queue.checkPendingRequests();
    queue.inflight.clear();
    vi.advanceTimersByTime(20);
    expect(sent).toEqual(['a']);
  });

  it('refuses a kafkajs whose insides are others', () => {
    expect(() => prototypeOf('src/network/requestQueue', ['noSuchMethod'])).toThrow('kafkajs is not 2.2.4');
  });
});
