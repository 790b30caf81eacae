import { describe, expect, it } from 'vitest';
import { createInProcessAdmission } from '../../src/ingress/admission.ts';

/** Alarms that ring when the test moves the clock. */
function fixture(maxInProgress: number) {
  let nowMs = 0;
  const alarms = new Map<symbol, { atMs: number; ring: () => void }>();
  const admission = createInProcessAdmission({
    maxInProgress,
    leaseMs: 15_000,
    clock: {
      now: () => nowMs,
      sleep: async (delayMs, signal) =>
        await new Promise<void>((resolve) => {
          const id = Symbol('alarm');
          alarms.set(id, { atMs: nowMs + delayMs, ring: resolve });
          signal?.addEventListener('abort', () => {
            alarms.delete(id);
            resolve();
          });
        }),
    },
  });
  const pass = (durationMs: number): void => {
    nowMs += durationMs;
    for (const [id, alarm] of alarms) {
      if (alarm.atMs > nowMs) continue;
      alarms.delete(id);
      alarm.ring();
    }
  };
  return { admission, pass, alarms };
}

const forever = new AbortController().signal;

function watch(promise: Promise<void>): { state: string } {
  const seen = { state: 'waiting' };
  promise.then(
    () => (seen.state = 'granted'),
    () => (seen.state = 'refused'),
  );
  return seen;
}

async function turns(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

describe('in-process admission', () => {
  it('never admits more than the limit, and hands a released permit to the first in line', async () => {
    const { admission } = fixture(2);
    await admission.acquire('a', forever);
    await admission.acquire('b', forever);
    const third = watch(admission.acquire('c', forever));
    const fourth = watch(admission.acquire('d', forever));
    await turns();
    expect([third.state, fourth.state]).toEqual(['waiting', 'waiting']);
    admission.release('a');
    await turns();
    expect([third.state, fourth.state]).toEqual(['granted', 'waiting']);
    expect(admission.inProgress()).toBe(2);
  });

  it('releases idempotently: a second release of one verification frees nothing more', async () => {
    const { admission } = fixture(1);
    await admission.acquire('a', forever);
    const second = watch(admission.acquire('b', forever));
    admission.release('a');
    admission.release('a');
    const third = watch(admission.acquire('c', forever));
    await turns();
    expect([second.state, third.state]).toEqual(['granted', 'waiting']);
  });

  it('takes a permit back after the lease, so that a lost release never stops the intake', async () => {
    const { admission, pass } = fixture(1);
    await admission.acquire('a', forever);
    const second = watch(admission.acquire('b', forever));
    pass(14_999);
    await turns();
    expect(second.state).toBe('waiting');
    pass(1);
    await turns();
    expect(second.state).toBe('granted');
  });

  it('counts no permit whose lease has ended, although nobody asks for it', async () => {
    const { admission, pass } = fixture(2);
    await admission.acquire('a', forever);
    pass(10_000);
    await admission.acquire('b', forever);
    pass(5_000);
    expect(admission.inProgress()).toBe(1);
    pass(10_000);
    expect(admission.inProgress()).toBe(0);
  });

  it('grants the same verification again without another permit', async () => {
    const { admission } = fixture(1);
    await admission.acquire('a', forever);
    await admission.acquire('a', forever);
    expect(admission.inProgress()).toBe(1);
  });

  it('counts the same verification again once its lease has ended', async () => {
    const { admission, pass } = fixture(1);
    await admission.acquire('a', forever);
    pass(15_000);
    await admission.acquire('a', forever);
    expect(admission.inProgress()).toBe(1);
    const second = watch(admission.acquire('b', forever));
    await turns();
    expect(second.state).toBe('waiting');
  });

  it('an aborted wait rejects and gives its place to the next', async () => {
    const { admission, alarms } = fixture(1);
    await admission.acquire('a', forever);
    const controller = new AbortController();
    const second = watch(admission.acquire('b', controller.signal));
    const third = watch(admission.acquire('c', forever));
    controller.abort();
    admission.release('a');
    await turns();
    expect([second.state, third.state]).toEqual(['refused', 'granted']);
    expect(alarms.size).toBe(0);
    await expect(admission.acquire('d', controller.signal)).rejects.toBeDefined();
  });

  it('leaves no alarm behind when nobody waits any more, which would keep a stopping process alive', async () => {
    const { admission, alarms } = fixture(1);
    await admission.acquire('a', forever);
    const controller = new AbortController();
    const waiting = ['b', 'c'].map((id) => watch(admission.acquire(id, controller.signal)));
    expect(alarms.size).toBe(1);
    controller.abort();
    await turns();
    expect([waiting.map(({ state }) => state), alarms.size]).toEqual([['refused', 'refused'], 0]);
  });
});
