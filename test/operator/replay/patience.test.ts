import { describe, expect, it } from 'vitest';
import { DependencyUnavailableError } from '../../../src/contracts/errors.ts';
import { createPatience, InterruptedError, OwnFaultError } from '../../../src/operator/replay/patience.ts';

const AWAY = new DependencyUnavailableError('temporal', 'no answer');

/** Waits take no time; `interruptAfter` fires the signal in the wait of that number. */
function patienceOf({ interruptAfter }: { readonly interruptAfter?: number } = {}) {
  const waitsMs: number[] = [];
  const outages: string[] = [];
  const stopping = new AbortController();
  const patience = createPatience({
    signal: stopping.signal,
    sleep: async (durationMs) => {
      waitsMs.push(durationMs);
      if (waitsMs.length === interruptAfter) stopping.abort();
      await Promise.resolve();
    },
    onOutage: ({ message }) => void outages.push(message),
  });
  return { patience, waitsMs, outages };
}

/** Fails so often, then answers. */
function failing(times: number, error: Error = AWAY): () => Promise<string> {
  let calls = 0;
  return async () => {
    calls += 1;
    if (calls <= times) throw error;
    return await Promise.resolve('done');
  };
}

describe('patience', () => {
  it('waits twice as long each time, a minute at most, and tells every outage once', async () => {
    const { patience, waitsMs, outages } = patienceOf();
    await expect(patience(failing(9))).resolves.toBe('done');
    expect(waitsMs).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
    expect(outages).toEqual([AWAY.message]);
    await Promise.all([patience(failing(2)), patience(failing(1))]);
    expect(outages).toHaveLength(2);
  });

  it('ends when the signal fires', async () => {
    const { patience, waitsMs } = patienceOf({ interruptAfter: 3 });
    await expect(patience(failing(Number.POSITIVE_INFINITY))).rejects.toBeInstanceOf(InterruptedError);
    expect(waitsMs).toHaveLength(3);
  });

  it('blames a look-up that fails while others are answered, and never one that fails together with them', async () => {
    const { patience, waitsMs } = patienceOf({ interruptAfter: 20 });
    let away = false;
    await patience(async () => (away ? await failing(1)() : 'done'), { probe: true });
    const always = failing(Number.POSITIVE_INFINITY);
    await expect(patience(always, { probe: true })).rejects.toMatchObject({ name: 'OwnFaultError', message: AWAY.message });
    expect(waitsMs).toHaveLength(5);
    away = true;
    await expect(patience(always, { probe: true })).rejects.toBeInstanceOf(InterruptedError);
  });

  it('never blames a start, because all of them may fail while look-ups are answered', async () => {
    const { patience } = patienceOf({ interruptAfter: 20 });
    await patience(failing(0), { probe: true });
    await expect(patience(failing(Number.POSITIVE_INFINITY))).rejects.toBeInstanceOf(InterruptedError);
  });

  it('never repeats what is no probe', async () => {
    const { patience } = patienceOf({ interruptAfter: 10 });
    let starts = 0;
    await patience(async () => await Promise.resolve((starts += 1)));
    await expect(patience(failing(Number.POSITIVE_INFINITY), { probe: true })).rejects.toBeInstanceOf(InterruptedError);
    expect(starts).toBe(1);
  });

  it('blames any other error at once, without what it quotes', async () => {
    const { patience, waitsMs } = patienceOf();
    await expect(patience(failing(1, new TypeError('no such field\n  at')))).rejects.toThrow(/^TypeError: no such field$/);
    await expect(patience(failing(1, new SyntaxError('Unexpected "secret"')))).rejects.toThrow(/^SyntaxError$/);
    await expect(patience(failing(1, new Error('x')))).rejects.toBeInstanceOf(OwnFaultError);
    expect(waitsMs).toEqual([]);
  });
});
