import { setMaxListeners } from 'node:events';
import type { Clock } from '../../../src/async/sleep.ts';
import { DependencyUnavailableError } from '../../../src/contracts/errors.ts';
import type { DeadLetter, InboundRecord, StartOrder } from '../../../src/ingress/ports.ts';

/** Deterministic numbers in [0, 1) (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Everything outside ingress, as a model: each call waits until the world picks it, in random order, and then succeeds,
 * fails before its effect, or fails after it (the answer is lost).
 */
export function createWorld(random: () => number) {
  const workflows = new Map<string, StartOrder>();
  const letters: DeadLetter[] = [];
  let pending: { resolve: () => void; reject: (error: Error) => void; effect: () => void; isTimer: boolean }[] = [];
  let lostAnswers = 0;
  let nowMs = Date.parse('2026-01-15T12:00:00Z');

  async function call<T>(effect: () => T, isTimer = false): Promise<T> {
    return await new Promise<T>((resolve, reject) => {
      let result: { value: T } | undefined;
      pending.push({
        isTimer,
        effect: () => {
          result = { value: effect() };
        },
        resolve: () => {
          if (result) resolve(result.value);
        },
        reject,
      });
    });
  }

  function step(): void {
    const [one] = pending.splice(Math.floor(random() * pending.length), 1);
    if (!one) return;
    const luck = one.isTimer ? 1 : random();
    if (luck < 0.1) return one.reject(new DependencyUnavailableError('temporal', 'before the effect'));
    one.effect();
    if (luck > 0.2) return one.resolve();
    lostAnswers += 1;
    one.reject(new DependencyUnavailableError('temporal', 'after the effect'));
  }

  const clock: Clock = {
    now: () => nowMs,
    sleep: async (ms, signal) => {
      if (signal?.aborted === true) return;
      if (signal) setMaxListeners(0, signal);
      const aborted = new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()));
      await Promise.race([aborted, call(() => void (nowMs += ms), true)]);
    },
  };

  return {
    workflows,
    letters,
    clock,
    lostAnswers: () => lostAnswers,
    starter: {
      start: async (order: StartOrder) =>
        await call(() => {
          if (workflows.has(order.workflowId)) return 'ALREADY_STARTED' as const;
          workflows.set(order.workflowId, order);
          return 'STARTED' as const;
        }),
    },
    deadLetters: { publish: async (letter: DeadLetter) => await call(() => void letters.push(letter)) },
    /** One random event, then everything that follows from it without another. */
    async step() {
      step();
      await new Promise((resolve) => setImmediate(resolve));
    },
    /** The process dies: what is under way never answers. A call may have had its effect. */
    crash() {
      for (const one of pending) if (!one.isTimer && random() < 0.5) one.effect();
      pending = [];
    },
  };
}

/** A random topic: good requests (with repeated tokens), bad records, tombstones, gaps in the offsets. */
export function randomLog(random: () => number, size: number): InboundRecord[] {
  let offset = 0n;
  return Array.from({ length: size }, (_, index) => {
    offset += random() < 0.2 ? 3n : 1n;
    const luck = random();
    const good = { token: `tok-${Math.floor(random() * size)}`, bizNo: `order-${index}` };
    const value = luck < 0.6 ? Buffer.from(JSON.stringify(good)) : luck < 0.9 ? Buffer.from(`bad ${index} \u0000`) : null;
    return {
      topic: 'requests',
      partition: 0,
      offset,
      timestampMs: Date.parse('2026-01-15T11:59:00Z'),
      key: null,
      value,
      headers: new Map(),
    };
  });
}
