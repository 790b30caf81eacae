import { afterEach, describe, expect, it } from 'vitest';
import { createBacklogAdmission } from '../../src/temporal/backlog-admission.ts';
import { until } from '../support/until.ts';

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
let close = (): void => undefined;

afterEach(() => close());

function fixture(backlogAgeMs: () => Promise<number>) {
  const admission = createBacklogAdmission({ backlogAgeMs, maxAgeMs: 2_000, pollEveryMs: 5, logger: quiet });
  close = () => admission.close();
  return admission;
}

const forever = new AbortController().signal;

describe('admission by the backlog of the workers', () => {
  it('holds while the oldest task is older than the limit, and resumes once it is not', async () => {
    let ageMs = 2_001;
    const admission = fixture(async () => await Promise.resolve(ageMs));
    await until(() => !admission.isOpen(), { timeoutMs: 2_000, everyMs: 5, what: 'admission held' });
    let admitted = false;
    const waiting = admission.acquire('a', forever).then(() => (admitted = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(admitted).toBe(false);
    ageMs = 2_000;
    await waiting;
    expect(admission.isOpen()).toBe(true);
  });

  it('keeps its last answer while nobody can say', async () => {
    let polls = 0;
    const admission = fixture(async () => {
      polls += 1;
      return await Promise.reject(new Error('no answer'));
    });
    await until(() => polls > 2, { timeoutMs: 2_000, everyMs: 5, what: 'three polls' });
    await admission.acquire('a', forever);
    expect(admission.isOpen()).toBe(true);
  });

  it('an aborted wait rejects', async () => {
    const admission = fixture(async () => await Promise.resolve(9_000));
    await until(() => !admission.isOpen(), { timeoutMs: 2_000, everyMs: 5, what: 'admission held' });
    const controller = new AbortController();
    const waiting = admission.acquire('a', controller.signal);
    controller.abort(new Error('stopping'));
    await expect(waiting).rejects.toThrow('stopping');
  });
});
