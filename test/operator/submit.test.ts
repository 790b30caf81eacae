import { describe, expect, it } from 'vitest';
import { verificationIdOf } from '../../src/contracts/wire/token-identity.ts';
import { readSubmissions, type Submission, submit } from '../../src/operator/submit.ts';

describe('reading submissions', () => {
  it('takes tokens and JSON requests, line by line, and skips empty lines', () => {
    const read = readSubmissions('tok-a\n\n{"token":"tok-b","policy":"patient","unknown":1}\n', {
      policy: 'completed',
      attributes: { tenant: 'x' },
    });
    expect(read.map(({ line, verificationId }) => [line, verificationId])).toEqual([
      [1, verificationIdOf('tok-a')],
      [3, verificationIdOf('tok-b')],
    ]);
    expect(read[0]?.request).toEqual({ token: 'tok-a', policy: 'completed', attributes: { tenant: 'x' } });
    expect(read[1]?.request).toEqual({ token: 'tok-b', policy: 'patient', attributes: { tenant: 'x' } });
  });

  it('names every wrong line by number and none by content', () => {
    const text = 'good-token\ntwo secret words\n{"token":\n{"token":"hidden-one","policy":"nope"}';
    expect(() => readSubmissions(text, {})).toThrow(/line 2: .*\nline 3: is not a JSON object\nline 4: policy/);
    try {
      readSubmissions(text, {});
    } catch (error) {
      expect(String(error)).not.toMatch(/secret|hidden/);
    }
  });

  it('refuses input without a token', () => {
    expect(() => readSubmissions('\n \n', {})).toThrow(/holds no token/);
  });
});

function submissions(count: number): readonly Submission[] {
  return readSubmissions(Array.from({ length: count }, (_, index) => `tok-${index}`).join('\n'), {});
}

describe('submitting', () => {
  it('keys records by the verification id and never by the token', async () => {
    const records: { key: string; value: string | null; headers: object }[] = [];
    const publisher = {
      publish: async (record: { key: string; value: string | null; headers: object; topic: string }) => {
        records.push(record);
        return await Promise.resolve({ topic: record.topic, partition: 0, offset: '0' });
      },
    };
    await submit(submissions(2), { topic: 't', publisher, clock: { monotonicMs: () => 0, sleep: async () => {} }, onSubmitted: () => {} });
    expect(records.map(({ key }) => key)).toEqual([verificationIdOf('tok-0'), verificationIdOf('tok-1')]);
    expect(JSON.stringify(records.map(({ key, headers }) => ({ key, headers })))).not.toContain('tok-');
  });

  it('says up to which line the records are acknowledged when one fails', async () => {
    let sent = 0;
    const publisher = {
      publish: async () => {
        sent += 1;
        if (sent === 3) throw new Error('no answer');
        return await Promise.resolve({ topic: 't', partition: 0, offset: '0' });
      },
    };
    const result = await submit(submissions(5), {
      topic: 't',
      publisher,
      atOnce: 2,
      clock: { monotonicMs: () => 0, sleep: async () => {} },
      onSubmitted: () => {},
    });
    expect(result).toMatchObject({ submitted: 2, lastLine: 2 });
    expect(String(result.error)).toContain('no answer');
    expect(sent).toBe(3);
  });

  it('begins nothing more once one has failed, although earlier ones are still under way', async () => {
    let sent = 0;
    const publisher = {
      publish: async () => {
        sent += 1;
        const number = sent;
        // The failure is the first to be known.
        for (let turn = 0; turn < (number === 3 ? 1 : 5); turn += 1) await new Promise((resolve) => setImmediate(resolve));
        if (number === 3) throw new Error('no answer');
        return { topic: 't', partition: 0, offset: '0' };
      },
    };
    const clock = { monotonicMs: () => 0, sleep: async () => {} };
    const result = await submit(submissions(20), { topic: 't', publisher, atOnce: 4, clock, onSubmitted: () => {} });
    expect(result).toMatchObject({ submitted: 2, lastLine: 2 });
    expect(sent).toBe(4);
  });

  it.each([
    [5, 20],
    [0.5, 3],
    [1000, 1200],
  ])('never exceeds %d records per second', async (rate, count) => {
    let nowMs = 0;
    const sentAtMs: number[] = [];
    const publisher = {
      publish: async () => {
        sentAtMs.push(nowMs);
        return await Promise.resolve({ topic: 't', partition: 0, offset: '0' });
      },
    };
    const sleep = async (durationMs: number): Promise<void> => {
      nowMs += durationMs;
      await Promise.resolve();
    };
    await submit(submissions(count), { topic: 't', publisher, rate, clock: { monotonicMs: () => nowMs, sleep }, onSubmitted: () => {} });
    expect(sentAtMs).toHaveLength(count);
    for (const [index, atMs] of sentAtMs.entries()) expect(index).toBeLessThan((atMs / 1000) * rate + Math.max(1, Math.min(200, rate)));
  });
});
