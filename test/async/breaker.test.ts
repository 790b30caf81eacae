import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBreaker, HeldBackError } from '../../src/async/breaker.ts';

class Outage extends Error {}

/** A dependency that answers when the test says so, behind a breaker whose clock the test sets. */
function guarded(atOnce = 3, random = () => 0.5) {
  const time = { nowMs: 0 };
  const changes: boolean[] = [];
  const pending: { answer: () => void; fail: (error: Error) => void }[] = [];
  let held = 0;
  const breaker = createBreaker({
    atOnce,
    name: 'Kafka',
    isOutage: (error) => error instanceof Outage,
    onChange: (open) => void changes.push(open),
    onHeldBack: () => (held += 1),
    now: () => time.nowMs,
    random,
  });
  /** Resolves with what became of it: DONE, HELD or the message of the error. */
  const run = async (): Promise<string> =>
    await breaker
      .run(async (arrived) => {
        await new Promise<void>((resolve, reject) => void pending.push({ answer: resolve, fail: reject }));
        arrived();
        return 'DONE';
      })
      .catch((error: unknown) => (error instanceof HeldBackError ? 'HELD' : String(error)));
  const settle = async (): Promise<void> => await new Promise((resolve) => setImmediate(resolve));
  return { breaker, time, changes, pending, run, settle, held: () => held };
}

describe('a breaker', () => {
  it('lets so many begin and holds back the rest at once, without counting them as failures', async () => {
    const { run, pending, changes, breaker, held } = guarded(3);
    const begun = [run(), run(), run()];
    expect([await run(), await run(), held()]).toEqual(['HELD', 'HELD', 2]);
    for (const one of pending) one.answer();
    expect(await Promise.all(begun)).toEqual(['DONE', 'DONE', 'DONE']);
    expect([changes, breaker.isOpen()]).toEqual([[], false]);
  });

  it('holds back all but one try now and then once an outage shows, and nobody once a try gets through', async () => {
    const { run, pending, changes, time, settle } = guarded();
    const first = run();
    pending[0]?.fail(new Outage('no answer'));
    expect(await first).toBe('Error: no answer');
    expect(await run()).toBe('HELD');
    time.nowMs = 1_000;
    const second = run();
    await settle();
    expect([await run(), pending.length]).toEqual(['HELD', 2]);
    pending[1]?.fail(new Outage('no answer'));
    await second;
    time.nowMs = 2_999;
    expect(await run()).toBe('HELD');
    time.nowMs = 3_000;
    const third = run();
    pending[2]?.answer();
    expect(await third).toBe('DONE');
    expect(changes).toEqual([true, false]);
    const after = [run(), run()];
    expect(pending).toHaveLength(5);
    for (const one of pending) one.answer();
    expect(await Promise.all(after)).toEqual(['DONE', 'DONE']);
  });

  it('takes several that fail together for one failure', async () => {
    const { run, pending, time } = guarded(20);
    const all = Array.from({ length: 20 }, () => run());
    for (const one of pending) one.fail(new Outage('x'));
    await Promise.all(all);
    time.nowMs = 1_000;
    void run();
    expect(pending).toHaveLength(21);
  });

  it('learns nothing from an error of another kind, and from work that never asked what it guards', async () => {
    const { breaker, run, pending, time } = guarded();
    await breaker.run(async () => await Promise.reject(new Error('a record too large'))).catch(() => undefined);
    expect(breaker.isOpen()).toBe(false);
    const first = run();
    pending[0]?.fail(new Outage('x'));
    await first;
    time.nowMs = 1_000;
    await breaker.run(async () => await Promise.resolve());
    await breaker.run(async () => await Promise.reject(new Error('Temporal is away'))).catch(() => undefined);
    expect(breaker.isOpen()).toBe(true);
    void run();
    expect(pending).toHaveLength(2);
  });

  it('has those that are held back come again at a rate that does not grow with their number, each within five minutes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 20_000 }), async (count) => {
        const dueMs = await heldInOutage(guarded(1), count);
        expect(Math.min(...dueMs)).toBeGreaterThanOrEqual(0);
        expect(Math.max(...dueMs)).toBeLessThanOrEqual(300_000);
        // What a minute brings back: at most 20 a second, until five minutes are full.
        const inFirstMinute = dueMs.filter((ms) => ms < 60_000).length;
        expect(inFirstMinute).toBeLessThanOrEqual(20 * 60);
      }),
      { numRuns: 30 },
    );
  });

  it('has those whom five minutes cannot hold come again scattered, not all at one time', async () => {
    const dueMs = await heldInOutage(guarded(1, Math.random), 12_000);
    const perSecond = new Map<number, number>();
    for (const ms of dueMs) perSecond.set(Math.floor(ms / 1_000), (perSecond.get(Math.floor(ms / 1_000)) ?? 0) + 1);
    expect(Math.max(...perSecond.values())).toBeLessThan(200);
  });

  it('begins to count anew with the next outage', async () => {
    const one = guarded(1);
    await heldInOutage(one, 6_000);
    one.time.nowMs = 2_000;
    const probe = one.run();
    one.pending.at(-1)?.answer();
    expect(await probe).toBe('DONE');
    expect(Math.max(...(await heldInOutage(one, 10)))).toBeLessThanOrEqual(1_000);
  });
});

/** When each of `count` is told to come again, in ms, once an outage shows. */
async function heldInOutage({ breaker, run, pending }: ReturnType<typeof guarded>, count: number): Promise<number[]> {
  const first = run();
  pending.at(-1)?.fail(new Outage('x'));
  await first;
  const dueMs: number[] = [];
  for (let one = 0; one < count; one += 1)
    await breaker
      .run(async () => await Promise.resolve())
      .catch((error: unknown) => dueMs.push(error instanceof HeldBackError ? error.retryInMs : -1));
  expect(dueMs).toHaveLength(count);
  return dueMs;
}
