import { afterEach, describe, expect, it } from 'vitest';
import { mintToken } from '../../src/emulator/mint-token.ts';
import { verificationIdOfToken } from '../../src/emulator/token-ref.ts';
import { until } from '../support/until.ts';
import { ask, clock, emulator, type Fixture } from './fixture.ts';

let running: Fixture | undefined;

async function start(options: Parameters<typeof emulator>[0] = {}): Promise<Fixture> {
  running = await emulator(options);
  return running;
}

function isRefused(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && cause.code === 'ECONNREFUSED';
}

afterEach(async () => {
  await running?.close();
  running = undefined;
});

describe('admin API', () => {
  it('gives a token another scenario, which begins anew', async () => {
    const fixture = await start();
    const token = mintToken({ scenario: 'never-started' });
    await fixture.read(token);
    await fixture.admin('/scenario', { verificationId: verificationIdOfToken(token), scenario: 'processing-1' });
    expect(await fixture.read(token)).toMatchObject({ body: { status: 'PROCESSING' } });
    expect(await fixture.read(token)).toMatchObject({ body: { status: 'OK' } });
    expect(await fixture.read(token)).toMatchObject({ status: 403 });
  });

  it('makes a token known that was never minted, issued when told', async () => {
    const time = clock();
    const fixture = await start({ now: time.now, windowMs: 1_000 });
    await fixture.admin('/scenario', { token: 'plain-token', scenario: 'ready-pass', issuedAtMs: time.now() - 1_000, bizNo: 'order-9' });
    expect(await fixture.read('plain-token')).toMatchObject({ status: 200, body: { biz_no: 'order-9' } });
    time.forward(1);
    expect(await fixture.read('plain-token')).toMatchObject({ status: 403 });
  });

  it('changes defaults while running', async () => {
    const fixture = await start();
    const changed = { maxCalls: 1, acceptUnknown: true, scenario: 'cancelled', errorKey: 'ERROR' };
    expect(await fixture.admin('/defaults', changed)).toMatchObject({ status: 200, body: { ...changed, countMode: 'all' } });
    expect(await fixture.read('any-token')).toMatchObject({ body: { status: 'CANCELLED' } });
    expect(await fixture.read('any-token')).toMatchObject({ status: 403, body: { ERROR: 'DATA_DESTROYED' } });
  });

  it('shows one token by id or by token', async () => {
    const fixture = await start();
    const token = mintToken({ scenario: 'processing-9' });
    await fixture.read(token);
    const view = { reads: 1, counted: 1, overQuota: 0, known: true, scenario: 'processing-9' };
    expect(await fixture.admin(`/reads/${verificationIdOfToken(token)}`)).toMatchObject({ status: 200, body: view });
    expect(await fixture.admin('/reads', { token })).toMatchObject({ status: 200, body: view });
    expect(await fixture.admin('/reads', { token: 'never-seen' })).toMatchObject({ status: 404 });
  });

  it.each([
    { path: '/scenario', body: { token: 'x', scenario: 'nothing' } },
    { path: '/scenario', body: { scenario: 'ready-pass' } },
    { path: '/scenario', body: { verificationId: 'short', scenario: 'ready-pass' } },
    { path: '/defaults', body: { maxCalls: 0 } },
    { path: '/defaults', body: { maxcalls: 3 } },
    { path: '/outage', body: { mode: 'storm' } },
    { path: '/outage', body: { mode: 'refuse' } },
  ])('refuses $body at $path and names the field', async ({ path, body }) => {
    const fixture = await start();
    expect(await fixture.admin(path, body)).toMatchObject({
      status: 400,
      body: { problem: expect.stringMatching(/scenario|token|verificationId|maxCalls|maxcalls|mode/) },
    });
  });

  it('lists scenarios with what they must end as', async () => {
    const { body } = await (await start()).admin('/scenarios');
    expect(body['scenarios']).toContainEqual(expect.objectContaining({ name: 'hung-once', expected: { outcome: 'PASSED', reason: null } }));
  });

  it('is healthy while its log is whole', async () => {
    expect(await (await start()).admin('/health')).toMatchObject({ status: 200, body: { status: 'ok' } });
  });
});

describe('outages', () => {
  it.each([
    { mode: '500', seen: /^500$/ },
    { mode: 'reset', seen: /TypeError/ },
    { mode: 'hang', seen: /TimeoutError/ },
  ] as const)('$mode hits every request, counts it as a read, and ends when told', async ({ mode, seen }) => {
    const fixture = await start();
    const token = mintToken({ scenario: 'ready-pass' });
    await fixture.admin('/outage', { mode });
    const end = await fixture.read(token, { timeoutMs: mode === 'hang' ? 1_000 : 4_500 }).then(
      ({ status }) => String(status),
      (error: unknown) => (error instanceof Error ? error.name : ''),
    );
    expect(end).toMatch(seen);
    await fixture.admin('/outage', { mode: 'off' });
    expect(await fixture.read(token)).toMatchObject({ status: 200 });
    expect(fixture.summary()).toMatchObject({ reads: 2, counted: 2, outage: 'off' });
  });

  it('refuse closes the port, so that nothing arrives, and opens it again in time', async () => {
    const fixture = await start();
    const token = mintToken({ scenario: 'ready-pass' });
    await fixture.read(token);
    await fixture.admin('/outage', { mode: 'refuse', forMs: 1_500 });
    await expect(fixture.read(token)).rejects.toSatisfy(isRefused);
    await until(async () => (await fixture.read(token)).status === 200, { timeoutMs: 5_000, everyMs: 50, what: 'the port to open again' });
    expect(fixture.summary()).toMatchObject({ reads: 2, outage: 'off' });
  });

  it('refuse without a time limit is ended through the admin port', async () => {
    const fixture = await start({ adminPort: 0 });
    const token = mintToken({ scenario: 'ready-pass' });
    expect(await fixture.admin('/outage', { mode: 'refuse' })).toMatchObject({ status: 200 });
    await expect(fixture.read(token)).rejects.toSatisfy(isRefused);
    await fixture.admin('/outage', { mode: 'off' });
    expect(await fixture.read(token)).toMatchObject({ status: 200 });
    expect(await ask(`${fixture.adminUrl}/reads`)).toMatchObject({ body: { reads: 1 } });
  });

  it('closes with requests still hanging', async () => {
    const fixture = await start();
    const hanging = fixture.read(mintToken({ scenario: 'hung' })).catch(() => 'dropped');
    await until(() => fixture.summary().reads === 1, { timeoutMs: 3_000, everyMs: 5, what: 'the hanging read' });
    await fixture.close();
    running = undefined;
    expect(await hanging).toBe('dropped');
  });
});
