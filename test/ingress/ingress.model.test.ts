import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { verificationIdOf } from '../../src/contracts/wire/token-identity.ts';
import { createIngress } from '../../src/ingress/batch.ts';
import type { InboundRecord } from '../../src/ingress/ports.ts';
import { HINTS, POLICY, RETENTION_MS } from './support/records.ts';
import { recordEvents } from './support/rig.ts';
import { createWorld, randomLog, seeded } from './support/world.ts';

type Kind =
  | { readonly kind: 'GOOD'; readonly workflowId: string; readonly bizNo: string }
  | { readonly kind: 'BAD' }
  | { readonly kind: 'EMPTY' };

/** The oracle's own reading of the log it generated. */
function kindOf({ value }: InboundRecord): Kind {
  if (value === null) return { kind: 'EMPTY' };
  const text = value.toString();
  const match = /^\{"token":"(tok-\d+)","bizNo":"(order-\d+)"\}$/.exec(text);
  const [, token, bizNo] = match ?? [];
  return token === undefined || bizNo === undefined
    ? { kind: 'BAD' }
    : { kind: 'GOOD', workflowId: `fv-${verificationIdOf(token)}`, bizNo };
}

async function live(options: { seed: number; size: number; crashes: number; stops: number }): Promise<void> {
  const random = seeded(options.seed);
  const world = createWorld(random);
  const log = randomLog(random, options.size);
  const end = (log.at(-1)?.offset ?? 0n) + 1n;
  let committed = 0n;
  let crashesLeft = options.crashes;
  let stopsLeft = options.stops;

  const isDurable = (record: InboundRecord): boolean => {
    const kind = kindOf(record);
    if (kind.kind === 'GOOD') return world.workflows.has(kind.workflowId);
    return kind.kind === 'EMPTY' || world.letters.some(({ headers }) => String(headers.get('vf-dlq-offset')) === String(record.offset));
  };

  for (let life = 0; committed < end; life += 1) {
    expect(life, 'lives needed').toBeLessThan(2 + options.crashes + options.stops);
    const ingress = createIngress({
      settings: {
        hintTopic: HINTS,
        trustHints: false,
        retentionMs: RETENTION_MS,
        policyFor: () => POLICY,
        groupId: 'g',
        vendorRegion: 'sgp',
      },
      starter: world.starter,
      deadLetters: world.deadLetters,
      hintSender: { send: async () => await Promise.resolve('DELIVERED' as const) },
      sealer: { seal: () => 'sealed' },
      admission: { acquire: async () => await Promise.resolve(), release: () => undefined },
      startsWithRead: () => random() < 0.5,
      clock: world.clock,
      random,
      events: recordEvents(),
      maxConcurrentStarts: 1 + Math.floor(random() * 6),
    });
    let alive = true;
    /** False: the process is stopping; commits still count. */
    let current = true;
    let ended = false;
    const batch = {
      topic: 'requests',
      partition: 0,
      records: log.filter(({ offset }) => offset >= committed),
      endOffset: end,
      heartbeat: async () => await Promise.resolve(),
      isCurrent: () => alive && current,
      commit: async (next: bigint) => {
        await Promise.resolve();
        if (!alive) return;
        expect(next, 'a commit never goes back').toBeGreaterThan(committed);
        const below = log.filter(({ offset }) => offset < next);
        expect(
          below.filter((record) => !isDurable(record)).map(({ offset }) => offset),
          'committed but not durable',
        ).toEqual([]);
        committed = next;
      },
    };
    const running = ingress.onBatch(batch).finally(() => {
      ended = true;
    });
    running.catch(() => undefined);
    for (let step = 0; !ended; step += 1) {
      if (crashesLeft > 0 && random() < 0.03) {
        crashesLeft -= 1;
        alive = false;
        world.crash();
        break;
      }
      if (stopsLeft > 0 && random() < 0.03) {
        stopsLeft -= 1;
        current = false;
      }
      await world.step();
      expect(step, 'steps needed').toBeLessThan(20_000);
    }
    if (ended) await running;
  }

  const firstOf = new Map<string, string>();
  for (const kind of log.map(kindOf)) if (kind.kind === 'GOOD' && !firstOf.has(kind.workflowId)) firstOf.set(kind.workflowId, kind.bizNo);
  expect(new Map([...world.workflows].map(([id, { input }]) => [id, input.bizNo])), 'one start per token, of its first record').toEqual(
    firstOf,
  );

  const bad = log.filter((record) => kindOf(record).kind === 'BAD');
  const aside = world.letters.map(({ headers, value }) => `${String(headers.get('vf-dlq-offset'))}:${value?.toString('hex')}`);
  const expected = bad.map(({ offset, value }) => `${offset}:${value?.toString('hex')}`);
  expect(new Set(aside), 'each bad record with equal bytes').toEqual(new Set(expected));
  if (options.crashes + options.stops === 0 && world.lostAnswers() === 0) expect(aside).toHaveLength(bad.length);
}

describe('ingress against a model of the world', () => {
  it(
    'commits nothing undurable, starts each token once, puts each bad record aside, loses nothing: any order, lost answers, stops, crashes',
    { timeout: 60_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.record({
            seed: fc.integer(),
            size: fc.integer({ min: 1, max: 25 }),
            crashes: fc.integer({ min: 0, max: 3 }),
            stops: fc.integer({ min: 0, max: 3 }),
          }),
          live,
        ),
        { numRuns: 150 },
      );
    },
  );
});
