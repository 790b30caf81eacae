import { afterEach, describe, expect, it } from 'vitest';
import { createBacklogAdmission } from '../../src/temporal/backlog-admission.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { until } from '../support/until.ts';

let close = (): void => undefined;

afterEach(() => close());

/** `told`: what the admission has said of itself so far. */
function fixture(backlogAgeMs: () => Promise<number>, now = Date.now) {
  const told: string[] = [];
  const changes: boolean[] = [];
  const logger = { ...silentLogger, info: (_fields: object, message: string) => void told.push(message) };
  const admission = createBacklogAdmission({
    backlogAgeMs,
    maxAgeMs: 2_000,
    pollEveryMs: 5,
    logger,
    now,
    onChange: (held) => changes.push(held),
  });
  close = () => admission.close();
  return {
    admission,
    told,
    changes,
    untilHeld: () => until(() => told.at(-1) === 'admission held', { timeoutMs: 2_000, everyMs: 5, what: 'admission held' }),
  };
}

const forever = new AbortController().signal;

describe('admission by the backlog of the workers', () => {
  it('holds while the oldest task is older than the limit, and resumes once it is not', async () => {
    let ageMs = 2_001;
    const { admission, told, changes, untilHeld } = fixture(async () => await Promise.resolve(ageMs));
    await untilHeld();
    let admitted = false;
    const waiting = admission.acquire('a', forever).then(() => (admitted = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(admitted).toBe(false);
    ageMs = 2_000;
    await waiting;
    expect(told).toEqual(['admission held', 'admission opened']);
    expect(changes).toEqual([true, false]);
  });

  it('tells how long it has held, from the first poll that made it hold until it is open again', async () => {
    let ageMs = 9_000;
    let nowMs = 1_000;
    let polls = 0;
    const { admission, untilHeld } = fixture(
      async () => {
        polls += 1;
        return await Promise.resolve(ageMs);
      },
      () => nowMs,
    );
    expect(admission.heldForMs()).toBe(0);
    await untilHeld();
    nowMs = 62_000;
    const before = polls;
    await until(() => polls >= before + 2, { timeoutMs: 2_000, everyMs: 5, what: 'further polls' });
    expect(admission.heldForMs()).toBe(61_000);
    ageMs = 0;
    await admission.acquire('a', forever);
    expect(admission.heldForMs()).toBe(0);
  });

  it('keeps its last answer while nobody can say', async () => {
    let polls = 0;
    const { admission, told } = fixture(async () => {
      polls += 1;
      return await Promise.reject(new Error('no answer'));
    });
    await until(() => polls > 2, { timeoutMs: 2_000, everyMs: 5, what: 'three polls' });
    await admission.acquire('a', forever);
    expect(told).toEqual([]);
  });

  it('an aborted wait rejects', async () => {
    const { admission, untilHeld } = fixture(async () => await Promise.resolve(9_000));
    await untilHeld();
    const controller = new AbortController();
    const waiting = admission.acquire('a', controller.signal);
    controller.abort(new Error('stopping'));
    await expect(waiting).rejects.toThrow('stopping');
  });
});
