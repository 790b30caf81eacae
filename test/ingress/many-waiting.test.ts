import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Clock, sleep } from '../../src/async/sleep.ts';
import { DependencyUnavailableError } from '../../src/contracts/errors.ts';
import { createInProcessAdmission } from '../../src/ingress/admission.ts';
import type { IngressOptions } from '../../src/ingress/batch.ts';
import type { Admission } from '../../src/ingress/ports.ts';
import { createBacklogAdmission } from '../../src/temporal/backlog-admission.ts';
import { until } from '../support/until.ts';
import { batchOf, NOW, recordOf } from './support/records.ts';
import { rig } from './support/rig.ts';
import { silentLogger } from '../support/silent-logger.ts';

const RECORDS = 300;
const warnings: Error[] = [];
const note = (warning: Error): void => void warnings.push(warning);

beforeEach(() => {
  warnings.splice(0);
  process.on('warning', note);
});
afterEach(() => void process.off('warning', note));

/** Node.js tells of a warning some turns later. */
async function warned(): Promise<string[]> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  return warnings.map(({ name }) => name);
}

/** Stands still, so that the records are always of today; whoever sleeps really sleeps. */
const clock: Clock = { now: () => NOW, sleep };
const down = new DependencyUnavailableError('temporal', 'no answer');

/** An admission that says how many wait for it, and how many listeners their signal has got. */
function counted(admission: Admission) {
  const seen = { waiting: 0, listeners: 0 };
  const acquire: Admission['acquire'] = async (id, signal) => {
    seen.waiting += 1;
    const waiting = admission.acquire(id, signal).finally(() => (seen.waiting -= 1));
    seen.listeners = Math.max(seen.listeners, getEventListeners(signal, 'abort').length);
    await waiting;
  };
  return { seen, admission: { ...admission, acquire } };
}

async function heldAdmission(): Promise<ReturnType<typeof createBacklogAdmission>> {
  let asked = 0;
  const backlogAgeMs = async () => await Promise.resolve((asked += 1) * 60_000);
  const admission = createBacklogAdmission({ backlogAgeMs, maxAgeMs: 1, pollEveryMs: 1, logger: silentLogger });
  await until(() => asked > 0, { timeoutMs: 2000, everyMs: 1, what: 'the first answer' });
  return admission;
}

/** A batch whose records all begin at once, and all wait on the signal of that batch until it is over. */
function manyRecords(options: Partial<IngressOptions>) {
  let current = true;
  const { ingress, letters } = rig({ clock, maxConcurrentStarts: RECORDS, sliceMs: 5, startsWithRead: () => true, ...options });
  const records = Array.from({ length: RECORDS }, (_, index) => recordOf({ token: `tok-${index}` }, { offset: BigInt(index) }));
  const batch = batchOf(records, { isCurrent: () => current });
  const done = ingress.onBatch(batch);
  const stop = async (): Promise<void> => {
    current = false;
    await done;
  };
  return { stop, batch, letters };
}

describe('hundreds of records that wait on one signal', () => {
  it('for their admission to this process cause no warning, and all let go of it', async () => {
    const own = createInProcessAdmission({ maxInProgress: 1, leaseMs: 60_000, clock });
    await own.acquire('another', new AbortController().signal);
    const { seen, admission } = counted(own);
    const { stop, batch } = manyRecords({ admission });
    await until(() => seen.waiting === RECORDS, { timeoutMs: 5000, everyMs: 1, what: 'all to wait' });
    await stop();
    expect([seen, batch.commits, await warned()]).toEqual([{ waiting: 0, listeners: 1 }, [], []]);
  });

  it('for workers elsewhere to catch up cause no warning, and all let go of it', async () => {
    const held = await heldAdmission();
    const { seen, admission } = counted(held);
    const { stop, batch } = manyRecords({ admission });
    await until(() => seen.waiting === RECORDS, { timeoutMs: 5000, everyMs: 1, what: 'all to wait' });
    await stop();
    held.close();
    expect([seen, batch.commits, await warned()]).toEqual([{ waiting: 0, listeners: 1 }, [], []]);
  });

  it('for Temporal to come back cause no warning, and end their waits at once', async () => {
    let tries = 0;
    const start = async () => {
      tries += 1;
      return await Promise.reject(down);
    };
    const { stop, batch, letters } = manyRecords({ starter: { start }, random: Math.random });
    await until(() => tries > 2 * RECORDS, { timeoutMs: 10_000, what: 'two tries of each' });
    await stop();
    expect([batch.commits, letters, await warned()]).toEqual([[], [], []]);
  });
});
