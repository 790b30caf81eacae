import { afterEach, describe, expect, it } from 'vitest';
import { mintToken } from '../../src/emulator/mint-token.ts';
import { type Answer, clock, DAY_MS, emulator, type Fixture, withStatus } from './fixture.ts';

let running: Fixture | undefined;

async function start(options: Parameters<typeof emulator>[0] = {}): Promise<Fixture> {
  running = await emulator(options);
  return running;
}

async function readTimes(fixture: Fixture, options: { token: string; times: number }): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let read = 0; read < options.times; read += 1) answers.push(await fixture.read(options.token));
  return answers;
}

afterEach(async () => {
  await running?.close();
  running = undefined;
});

describe('quota', () => {
  it('answers exactly three of twenty requests that come at once, and counts seventeen fourth reads', async () => {
    const fixture = await start();
    const token = mintToken({ scenario: 'ready-pass' });
    const answers = await Promise.all(Array.from({ length: 20 }, async () => await fixture.read(token)));
    expect(withStatus(answers, 200)).toBe(3);
    expect(withStatus(answers, 403)).toBe(17);
    expect(answers.filter(({ body }) => body['error_message'] === 'DATA_DESTROYED')).toHaveLength(17);
    expect(fixture.summary()).toMatchObject({ tokens: 1, reads: 20, counted: 3, overQuota: 17, afterWindow: 0 });
  });

  it('keeps the count of each token apart', async () => {
    const fixture = await start();
    const tokens = Array.from({ length: 10 }, () => mintToken({ scenario: 'ready-pass' }));
    const answers = await Promise.all([...tokens, ...tokens, ...tokens].map(async (token) => await fixture.read(token)));
    expect(withStatus(answers, 200)).toBe(30);
    expect(fixture.summary()).toMatchObject({ tokens: 10, reads: 30, counted: 30, overQuota: 0 });
  });

  it.each([
    { countMode: 'all', scenario: 'processing-9', statuses: [200, 200, 200, 403, 403] },
    { countMode: 'all', scenario: 'internal-error', statuses: [500, 500, 500, 403, 403] },
    { countMode: 'ok', scenario: 'internal-error-3', statuses: [500, 500, 500, 200, 200, 200, 403] },
    { countMode: 'ok', scenario: 'processing-9', statuses: [200, 200, 200, 403] },
    { countMode: 'terminal', scenario: 'processing-2', statuses: [200, 200, 200, 200, 200, 403] },
    { countMode: 'terminal', scenario: 'failed-session', statuses: [200, 200, 200, 403] },
    { countMode: 'terminal', scenario: 'cancelled', statuses: [200, 200, 200, 200, 200] },
  ] as const)('counts $scenario as mode "$countMode" says', async ({ countMode, scenario, statuses }) => {
    const fixture = await start({ countMode });
    const answers = await readTimes(fixture, { token: mintToken({ scenario }), times: statuses.length });
    expect(answers.map(({ status }) => status)).toEqual(statuses);
  });

  it('numbers every read as a fourth one beyond the third, whatever the count mode forgives', async () => {
    const fixture = await start({ countMode: 'terminal' });
    await readTimes(fixture, { token: mintToken({ scenario: 'processing-9' }), times: 5 });
    expect(fixture.summary()).toMatchObject({ reads: 5, counted: 0, overQuota: 2 });
  });

  it('takes requests refused before looking for no reads', async () => {
    const fixture = await start();
    const token = mintToken({ scenario: 'concurrency-4' });
    const refused = await readTimes(fixture, { token, times: 4 });
    const answers = await readTimes(fixture, { token, times: 4 });
    expect(withStatus(refused, 403)).toBe(4);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 403]);
    expect(fixture.summary()).toMatchObject({ reads: 4, counted: 3, refused: 4, overQuota: 1 });
  });

  it('refuses what goes beyond the limit of requests in flight, at no cost for the token', async () => {
    const fixture = await start({ maxConcurrent: 2, latencyMs: 200 });
    const tokens = Array.from({ length: 6 }, () => mintToken({ scenario: 'ready-pass' }));
    const answers = await Promise.all(tokens.map(async (token) => await fixture.read(token)));
    expect(withStatus(answers, 200)).toBe(2);
    expect(answers.filter(({ body }) => body['error_message'] === 'CONCURRENCY_LIMIT_EXCEEDED')).toHaveLength(4);
    expect(fixture.summary()).toMatchObject({ reads: 2, refused: 4, peakInFlight: 6, inFlight: 0 });
  });
});

describe('window', () => {
  it('destroys the result a day after issue and tells reads after it apart', async () => {
    const time = clock();
    const fixture = await start({ now: time.now });
    const token = mintToken({ scenario: 'ready-pass', issuedAtMs: time.now() });
    time.forward(DAY_MS);
    expect(await fixture.read(token)).toMatchObject({ status: 200 });
    time.forward(1);
    expect(await fixture.read(token)).toMatchObject({ status: 403, body: { error_message: 'DATA_DESTROYED' } });
    expect(fixture.summary()).toMatchObject({ reads: 2, counted: 1, afterWindow: 1, overQuota: 0, minGapMs: 1 });
  });

  it('starts the day when the session completes, if told so', async () => {
    const time = clock();
    const fixture = await start({ now: time.now, windowStart: 'completion' });
    const token = mintToken({ scenario: `ok-after-${DAY_MS}`, issuedAtMs: time.now() });
    time.forward(2 * DAY_MS);
    expect(await fixture.read(token)).toMatchObject({ status: 200, body: { status: 'OK' } });
    time.forward(1);
    expect(await fixture.read(token)).toMatchObject({ status: 403 });
  });

  it('takes the first final answer for the completion of a session that only reads move on', async () => {
    const time = clock();
    const fixture = await start({ now: time.now, windowStart: 'completion' });
    const token = mintToken({ scenario: 'processing-1', issuedAtMs: time.now() });
    time.forward(5 * DAY_MS);
    expect(await fixture.read(token)).toMatchObject({ body: { status: 'PROCESSING' } });
    expect(await fixture.read(token)).toMatchObject({ body: { status: 'OK' } });
    time.forward(DAY_MS + 1);
    expect(await fixture.read(token)).toMatchObject({ status: 403 });
  });
});
