import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEvidenceKeeper } from '../../src/evidence/keeper.ts';
import { createEvidenceVault } from '../../src/evidence/vault.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { ID, IMAGE, MANDATE, NEW_KEY, OLD_KEY } from './rig.ts';

const EVENTS = { kept: () => undefined, lost: () => undefined, retried: () => undefined };

const STEPS = ['erase', 'erase again', 'hold', 'release', 'rewrap', 'keep', 'keep another'] as const;

/** Every request to a store may come before or after every other: the schedule says. */
async function world(scheduler: fc.Scheduler) {
  let isScheduled = false;
  const before = async (request: string): Promise<void> => {
    if (isScheduled) await scheduler.schedule(Promise.resolve(), request);
  };
  const objects = createMemoryStore(before);
  const keyStore = createMemoryStore(before);
  const common = { objects, keyStore, events: EVENTS, ttlMs: 1_000, maxBytes: 1_000, memoryBytes: 10_000 };
  const keeper = createEvidenceKeeper({ ...common, keys: { current: () => [OLD_KEY, NEW_KEY] } });
  const keep = async () => await keeper.keep({ verificationId: ID, found: [IMAGE], untilMs: Date.now() + 60_000 });
  const vault = createEvidenceVault({ objects, keyStore, keys: { current: () => [NEW_KEY, OLD_KEY] } });
  await keep();
  isScheduled = true;
  const steps: Record<(typeof STEPS)[number], () => Promise<unknown>> = {
    erase: async () => await vault.erase(ID, { mandate: MANDATE }),
    'erase again': async () => await vault.erase(ID, { mandate: { ...MANDATE, operator: 'ben' } }),
    hold: async () => await vault.hold(ID, MANDATE),
    release: async () => await vault.release(ID, MANDATE),
    rewrap: async () => await vault.rewrap(ID),
    keep,
    'keep another': keep,
  };
  return {
    objects,
    keyStore,
    vault,
    steps,
    calm: () => {
      isScheduled = false;
    },
  };
}

describe('whoever meets at the keys of a verification', () => {
  it('a destroyed key never comes back, a hold that was confirmed is never broken, and what is kept can be opened', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.uniqueArray(fc.constantFrom(...STEPS), { minLength: 2, maxLength: 4 }),
        async (scheduler, chosen) => {
          const { objects, keyStore, vault, steps, calm } = await world(scheduler);
          const running = Promise.all(chosen.map(async (name) => [name, await steps[name]()] as const));
          await scheduler.waitFor(running);
          const results = new Map<string, unknown>(await running);
          calm();
          const { state } = await vault.list(ID);
          const erasures = ['erase', 'erase again'].flatMap((name) => (results.has(name) ? [results.get(name)] : []));
          const wasErased = erasures.some((result) => hasField(result, 'result', 'ERASED'));
          // One destroys it, and everybody agrees.
          expect(erasures.filter((result) => hasField(result, 'result', 'ERASED')).length).toBeLessThanOrEqual(1);
          expect(state.kind === 'ERASED').toBe(wasErased);
          const texts = [...keyStore.blobs.values()].map((bytes) => Buffer.from(bytes).toString());
          expect(texts.some((text) => text.includes('wrapped'))).toBe(!wasErased);
          const heldFirst = results.get('hold');
          if (!results.has('release') && hasField(heldFirst, 'kind', 'KEPT')) expect([state.kind, 'hold' in state]).toEqual(['KEPT', true]);
          if (state.kind === 'ERASED') return;
          for (const object of objects.blobs.keys())
            expect(Buffer.from(await vault.open({ verificationId: ID, object }))).toEqual(IMAGE.bytes);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('nothing that was kept while somebody erased is there in the end', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const { objects, vault, steps, calm } = await world(scheduler);
        const running = Promise.all([steps.erase(), steps.keep(), steps['keep another']()]);
        await scheduler.waitFor(running);
        calm();
        expect([...objects.blobs.keys()]).toEqual([]);
        expect(await vault.erase(ID, { mandate: MANDATE })).toMatchObject({ result: 'ALREADY', objectsDeleted: 0 });
      }),
      { numRuns: 200 },
    );
  });
});

function hasField(value: unknown, field: string, expected: string): boolean {
  return typeof value === 'object' && value !== null && Object.entries(value).some(([name, part]) => name === field && part === expected);
}
