import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readEmulatorLog } from '../../src/emulator/log-reader.ts';
import { mintToken } from '../../src/emulator/mint-token.ts';
import { verificationIdOfToken } from '../../src/emulator/token-ref.ts';
import { until } from '../support/until.ts';
import { API_KEY, API_SECRET, ask, clock, DAY_MS, emulator, type Fixture, withStatus } from './fixture.ts';

let folder: string;
let logPath: string;
let running: Fixture | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'emulator-log-'));
  logPath = join(folder, 'reads.ndjson');
});
afterEach(async () => {
  await running?.close();
  running = undefined;
  rmSync(folder, { recursive: true, force: true });
});

async function start(options: Parameters<typeof emulator>[0] = {}): Promise<Fixture> {
  running = await emulator({ logPath, ...options });
  return running;
}

async function restart(options: Parameters<typeof emulator>[0] = {}): Promise<Fixture> {
  await running?.close();
  return await start(options);
}

function lines(): { type: string; [field: string]: unknown }[] {
  return readFileSync(logPath, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

describe('request log', () => {
  it('holds the record of a read before its answer arrives', async () => {
    const fixture = await start({ latencyMs: 10_000 });
    const token = mintToken({ scenario: 'ready-pass' });
    let answered = false;
    const answer = fixture.read(token).then(
      () => (answered = true),
      () => undefined,
    );
    await until(() => lines().some(({ type }) => type === 'read'), { timeoutMs: 3_000, everyMs: 5, what: 'the record of the read' });
    expect(answered).toBe(false);
    await running?.close();
    running = undefined;
    await answer;
  });

  it('holds the record of every read of a burst by the time its answer is there', async () => {
    const fixture = await start();
    const missing = await Promise.all(
      Array.from({ length: 200 }, async () => {
        const token = mintToken({ scenario: 'ready-pass' });
        await fixture.read(token);
        return readFileSync(logPath, 'utf8').includes(`"type":"read","verificationId":"${verificationIdOfToken(token)}"`) ? [] : [token];
      }),
    );
    expect(missing.flat()).toEqual([]);
  });

  it('goes on counting after a restart', async () => {
    const token = mintToken({ scenario: 'ready-pass' });
    const first = await start();
    await first.read(token);
    await first.read(token);
    const second = await restart();
    const answers = await Promise.all(Array.from({ length: 5 }, async () => await second.read(token)));
    expect(withStatus(answers, 200)).toBe(1);
    expect(second.summary()).toMatchObject({ tokens: 1, reads: 7, counted: 3, overQuota: 4 });
    expect(await second.admin(`/reads/${verificationIdOfToken(token)}`)).toMatchObject({ body: { reads: 7, overQuota: 4 } });
  });

  it('remembers minted tokens, their scenarios, and how far those had come', async () => {
    const first = await start();
    const form = new URLSearchParams({ api_key: API_KEY, api_secret: API_SECRET, scenario: 'processing-1', biz_no: 'order-1' });
    const minted = await ask(`${first.baseUrl}/lite/raw/get_token`, { method: 'POST', body: form });
    const token = String(minted.body['token']);
    const refusing = mintToken({ scenario: 'concurrency-2' });
    expect(await first.read(token)).toMatchObject({ body: { status: 'PROCESSING' } });
    expect(await first.read(refusing)).toMatchObject({ status: 403 });
    const second = await restart();
    expect(await second.read(token)).toMatchObject({ body: { status: 'OK', biz_no: 'order-1' } });
    expect(await second.read(refusing)).toMatchObject({ status: 403 });
    expect(await second.read(refusing)).toMatchObject({ status: 200 });
    await second.admin('/scenario', { token, scenario: 'cancelled' });
    const third = await restart();
    expect(await third.read(token)).toMatchObject({ body: { status: 'CANCELLED' } });
  });

  it('cuts off a line that a crash left unfinished, and loses nothing else', async () => {
    const token = mintToken({ scenario: 'ready-pass' });
    await (await start()).read(token);
    await running?.close();
    appendFileSync(logPath, '{"seq":99,"at":"2030-01-0');
    const again = await start();
    await again.read(token);
    expect(again.summary()).toMatchObject({ reads: 2 });
    expect(lines().map((line) => line['seq'])).toEqual(lines().map((_, index) => index + 1));
  });

  it('refuses to start on a file that is not its own', async () => {
    appendFileSync(logPath, 'hello\n');
    await expect(start()).rejects.toThrow(/line 1 of the emulator log/);
  });

  it('contains no token, key or secret, whatever was asked', async () => {
    const fixture = await start();
    const token = mintToken({ scenario: 'processing-1' });
    const unknown = 'a-token-nobody-minted';
    await fixture.read(token);
    await fixture.read(unknown);
    await fixture.read(token, { query: { api_secret: 'a-wrong-secret' } });
    await fixture.admin('/scenario', { token, scenario: 'ready-pass' });
    await fixture.admin('/reads', { token });
    await ask(`${fixture.url}/elsewhere?token=${token}&api_key=${API_KEY}`);
    const form = new URLSearchParams({ api_key: API_KEY, api_secret: API_SECRET });
    const minted = await ask(`${fixture.baseUrl}/lite/raw/get_token`, { method: 'POST', body: form });
    const bytes = readFileSync(logPath, 'utf8');
    const secrets = [token, token.slice(-12), unknown, API_KEY, API_SECRET, 'a-wrong-secret', String(minted.body['token'])];
    expect(secrets.filter((secret) => bytes.includes(secret))).toEqual([]);
  });

  it('tells how each request ended', async () => {
    const fixture = await start();
    const tokens = ['ready-pass', 'hung', 'reset', 'half-body', 'slow-60000'].map((scenario) => mintToken({ scenario }));
    await Promise.allSettled(tokens.map(async (token) => await fixture.read(token, { timeoutMs: 1_500 })));
    await until(() => lines().filter(({ type }) => type === 'answered').length === 5, {
      timeoutMs: 3_000,
      everyMs: 10,
      what: 'five answers in the log',
    });
    const readSeqs = new Set(
      lines()
        .filter(({ type }) => type === 'read')
        .map((line) => line['seq']),
    );
    const answered = lines().filter(({ type }) => type === 'answered');
    expect(new Set(answered.map((line) => line['delivery']))).toEqual(new Set(['FULL', 'GONE', 'HALF', 'HANG', 'RESET']));
    expect(new Set(answered.map((line) => line['of']))).toEqual(readSeqs);
  });
});

describe('log reader', () => {
  it('counts for itself what a dead emulator saw', async () => {
    const time = clock();
    const fixture = await start({ now: time.now });
    const greedy = mintToken({ scenario: 'processing-9', issuedAtMs: time.now() });
    const late = mintToken({ scenario: 'ready-pass', issuedAtMs: time.now() });
    for (const gapMs of [0, 20_000, 5_000, 60_000]) {
      time.forward(gapMs);
      await fixture.read(greedy);
    }
    await fixture.read(late, { query: { return_image: '7' } });
    await fixture.read('a-token-nobody-minted');
    time.forward(DAY_MS);
    await fixture.read(late);
    await restart();
    await running?.close();
    const log = await readEmulatorLog(logPath);
    expect(log).toMatchObject({ reads: 6, refused: 1, restarts: 1, maxReads: 4, minGapMs: 5_000, peakPerSecond: 3, redirectsFollowed: 0 });
    expect(log.overQuota(3).map(({ verificationId }) => verificationId)).toEqual([verificationIdOfToken(greedy)]);
    expect(log.overQuota(4)).toEqual([]);
    expect(log.afterWindow(DAY_MS)).toMatchObject([{ token: { verificationId: verificationIdOfToken(late) }, reads: 1 }]);
    expect(log.tokens.get(verificationIdOfToken(greedy))).toMatchObject({ known: true, reads: 4, counted: 3, minGapMs: 5_000 });
    expect(log.tokens.get(verificationIdOfToken('a-token-nobody-minted'))).toMatchObject({ known: false, reads: 1 });
  });
});
