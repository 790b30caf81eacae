import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DependencyUnavailableError } from '../../src/contracts/errors.ts';
import { judgeClock } from '../../src/ingress/clock.ts';
import type { DeadLetter, InboundRecord } from '../../src/ingress/ports.ts';
import { until } from '../support/until.ts';
import { batchOf, NOW, recordOf, RETENTION_MS } from './support/records.ts';
import { rig } from './support/rig.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/**
 * Ingress with a clock that is wrong by `skewMs`, beside a Temporal that saw a worker `polledAgoMs` ago. The true time stands
 * still but for `advance`.
 */
function skewed({ skewMs, polledAgoMs = 20_000 }: { readonly skewMs: number; readonly polledAgoMs?: number | undefined }) {
  const time = { trueMs: NOW, skewMs };
  const ready = rig({
    clock: {
      now: () => time.trueMs + time.skewMs,
      sleep: async () => await new Promise((resolve) => void setTimeout(resolve, 0)),
    },
    timeWitness: { lastSeenMs: async () => await Promise.resolve(polledAgoMs < 0 ? undefined : time.trueMs - polledAgoMs) },
  });
  return { ...ready, time };
}

function issued(index: number, issuedAtMs: number, about: Partial<InboundRecord> = {}): InboundRecord {
  const issuedAt = new Date(issuedAtMs).toISOString();
  return recordOf({ token: `tok-${index}`, issuedAt }, { offset: BigInt(index), timestampMs: issuedAtMs, ...about });
}

function reasonsOf(letters: readonly DeadLetter[]): (string | undefined)[] {
  return letters.map(({ headers }) => headers.get('vf-dlq-reason')?.[0]?.toString());
}

/** Hands the batch over and lets it wait for a while. */
async function waiting(one: ReturnType<typeof skewed>, records: readonly InboundRecord[]) {
  let current = true;
  const batch = batchOf(records, { isCurrent: () => current });
  const done = one.ingress.onBatch(batch);
  await until(() => one.ingress.waits().length > 0, { timeoutMs: 5_000, what: 'a wait' });
  for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => void setTimeout(resolve, 0));
  return { batch, done, stop: () => (current = false) };
}

describe('a clock of ingress that is', () => {
  it.each([
    ['slow by 6 minutes', -6 * MINUTE_MS, 0, /ahead of it, by 5\.\d min/],
    ['slow by a day', -DAY_MS, 1_000, /ahead of it, by 1439\.\d min/],
    ['fast by the retention', RETENTION_MS, 1_000, /older than the retention.*no worker in the last 1\.5 min by that clock/],
  ])('%s: every fresh record waits, not ready, with the reason; once it is right they are started', async (_what, skewMs, agoMs, says) => {
    const one = skewed({ skewMs });
    const records = Array.from({ length: 40 }, (_, index) => issued(index, NOW - agoMs));
    const { batch, done } = await waiting(one, records);
    expect([one.letters, one.orders, batch.commits]).toEqual([[], [], []]);
    expect(one.ingress.waits()).toEqual([{ cause: 'CLOCK', detail: expect.stringMatching(says) }]);
    expect(one.events.named('paused')).toMatchObject([{ cause: 'CLOCK' }]);
    one.time.skewMs = 0;
    await done;
    expect([one.letters.length, one.orders.length, batch.commits.at(-1)]).toEqual([0, 40, 40n]);
    expect(one.ingress.waits()).toEqual([]);
  });

  it('slow, and nobody can be asked: what agrees with it goes on, the rest waits and is started when its time has come', async () => {
    const one = skewed({ skewMs: -6 * MINUTE_MS, polledAgoMs: -1 });
    const { done } = await waiting(one, [issued(0, NOW), issued(1, NOW - 10 * MINUTE_MS)]);
    expect(one.orders.map(({ origin }) => origin.offset)).toEqual(['1']);
    one.time.trueMs += MINUTE_MS;
    await done;
    expect([one.letters.length, one.orders.length]).toEqual([0, 2]);
  });
});

describe('a record that is wrong itself, beside a right clock', () => {
  it.each([
    ['a year ahead', NOW + 365 * DAY_MS, 'INVALID_REQUEST'],
    ['6 minutes ahead', NOW + 6 * MINUTE_MS, 'INVALID_REQUEST'],
    ['older than the retention', NOW - RETENTION_MS - DAY_MS, 'BEYOND_DEDUPE_HORIZON'],
  ])('%s, is put aside and stops nobody', async (_what, issuedAtMs, reason) => {
    const one = skewed({ skewMs: 0 });
    await one.ingress.onBatch(batchOf([issued(0, issuedAtMs), issued(1, NOW), issued(2, issuedAtMs), issued(3, NOW)]));
    expect([reasonsOf(one.letters), one.orders.length]).toEqual([[reason, reason], 2]);
  });

  it('is not that record if the broker dated it alike: it waits, and says that brokers and Temporal disagree', async () => {
    const one = skewed({ skewMs: 0 });
    const { done, stop } = await waiting(one, [issued(0, NOW + 10 * MINUTE_MS, { isAppendTime: true })]);
    expect(one.ingress.waits()).toEqual([{ cause: 'CLOCK', detail: expect.stringContaining('that of the brokers does not') }]);
    expect(one.letters).toEqual([]);
    stop();
    await done;
  });

  it('waits like an outage while Temporal does not answer', async () => {
    const one = rig({
      timeWitness: { lastSeenMs: async () => await Promise.reject(new DependencyUnavailableError('temporal', 'no answer')) },
    });
    let current = true;
    const done = one.ingress.onBatch(batchOf([issued(0, NOW + 30 * DAY_MS)], { isCurrent: () => current }));
    await until(() => one.ingress.waits().length > 0, { timeoutMs: 5_000, what: 'a wait' });
    expect(one.ingress.waits()).toMatchObject([{ cause: 'temporal' }]);
    current = false;
    await done;
    expect(one.letters).toEqual([]);
  });
});

describe('whatever the clock of ingress shows', () => {
  const MAX_SKEW_MS = 400 * DAY_MS;
  /** As often as not near a bound. */
  const skew = fc.oneof(fc.integer({ min: -12 * MINUTE_MS, max: 12 * MINUTE_MS }), fc.integer({ min: -MAX_SKEW_MS, max: MAX_SKEW_MS }));

  it('no honest record is put aside, whether workers are seen or not', async () => {
    const honest = fc.record({
      skewMs: skew,
      // Temporal forgets a worker five minutes after it last asked.
      polledAgoMs: fc.integer({ min: -1, max: 4.5 * MINUTE_MS }),
      agoMs: fc.oneof(fc.integer({ min: 0, max: 15 * MINUTE_MS }), fc.integer({ min: 0, max: RETENTION_MS - 7 * MINUTE_MS })),
      isAppendTime: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(honest, async ({ skewMs, polledAgoMs, agoMs, isAppendTime }) => {
        const one = skewed({ skewMs, polledAgoMs });
        let current = true;
        let over = false;
        const batch = batchOf([issued(0, NOW - agoMs, { isAppendTime })], { isCurrent: () => current });
        const done = one.ingress.onBatch(batch).finally(() => (over = true));
        const isWaiting = (): boolean => one.ingress.waits().length > 0;
        while (!over && !isWaiting()) await new Promise((resolve) => setImmediate(resolve));
        current = false;
        await done;
        expect(one.letters).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('judges it right only if it is right within the tolerance, and always if it is right and a worker was seen', () => {
    fc.assert(
      fc.property(skew, fc.integer({ min: 0, max: 5 * MINUTE_MS }), (skewMs, polledAgoMs) => {
        const verdict = judgeClock(NOW + skewMs, NOW - polledAgoMs);
        if (skewMs > 90_000 || skewMs < -(polledAgoMs + MINUTE_MS / 2)) expect(verdict).not.toBe('AGREES');
        if (skewMs < -(polledAgoMs + MINUTE_MS / 2)) expect(verdict).toBe('DISAGREES');
        if (skewMs === 0 && polledAgoMs <= 90_000) expect(verdict).toBe('AGREES');
        if (verdict === 'DISAGREES') expect(skewMs).toBeLessThan(0);
      }),
      { numRuns: 2_000 },
    );
  });
});
