import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { networkInterfaces } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { isBuilt } from '../support/built.ts';
import { askAdmin } from '../support/process.ts';
import { until } from '../support/until.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const KEY = `k1:${Buffer.alloc(32, 3).toString('base64')}`;
/** From its sources it takes a second of CPU to start. */
const SERVICE = isBuilt ? ['dist/workers/main.js'] : ['--import', 'tsx', 'workers/main.ts'];
const running = new Set<ReturnType<typeof spawn>>();

// Not after each test: others of this file run at the same time.
afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
});

/** Runs the service with exactly this environment. */
function start(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [...SERVICE, ...args], {
    cwd: root,
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const text = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text.out += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (text.err += chunk));
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  return { child, text, ended };
}

describe.concurrent('exit codes of the service', { timeout: 60_000 }, () => {
  it('78: lists every wrong setting at once, and prints no secret', async () => {
    const { text, ended } = start(['ingress'], {
      VF_TOKEN_KEYS: 'k1:not-a-key-invented',
      VF_MAX_CALLS: 'three',
      VF_WINDOW: '1 day',
      VF_KAFKA_SSL: 'maybe',
      VF_KAFKA_BROKER: 'x:1',
    });
    expect(await ended).toBe(78);
    for (const name of ['VF_TOKEN_KEYS', 'VF_MAX_CALLS', 'VF_WINDOW', 'VF_KAFKA_SSL', 'VF_KAFKA_BROKERS?'])
      expect(text.err).toContain(name);
    expect(text.err).toContain('5 configuration problem(s)');
    expect(text.err + text.out).not.toContain('not-a-key-invented');
    expect(text.err).not.toMatch(/\n\s+at /);
  });

  it.each([[[]], [['evidence-server']], [['ingress', 'more']]])('64: %j names the roles there are', async (args) => {
    const { text, ended } = start(args);
    expect(await ended).toBe(64);
    expect(text.err).toContain('all, ingress, worker, sweeper, codec-server, emulator');
  });

  it.each(['--help', '-h'])('0: %s prints the usage as a result', async (option) => {
    const { text, ended } = start([option]);
    expect(await ended).toBe(0);
    expect(text.out).toContain('all, ingress, worker, sweeper, codec-server, emulator');
    expect(text.err).toBe('');
  });

  it('69: nobody answers within the start-up limit; says who and which setting, and is live meanwhile', async () => {
    const { text, ended } = start(['ingress'], {
      VF_TOKEN_KEYS: KEY,
      VF_KAFKA_BROKERS: '127.0.0.1:1',
      TEMPORAL_ADDRESS: '127.0.0.1:1',
      VF_STARTUP_TIMEOUT: '2500ms',
    });
    expect(await ended).toBe(69);
    expect(text.err).toMatch(/127\.0\.0\.1:1 .*\((VF_KAFKA_BROKERS|TEMPORAL_ADDRESS)\).*VF_STARTUP_TIMEOUT/);
    expect(text.out).toContain('waiting for ');
    expect(text.out).not.toContain('"event":"ready"');
  });

  it('78: a taken admin port names the setting', async () => {
    const blocker = createServer();
    const port = await new Promise<number>((resolve) => {
      blocker.listen(0, () => {
        const address = blocker.address();
        resolve(address !== null && typeof address === 'object' ? address.port : 0);
      });
    });
    const { text, ended } = start(['emulator'], { VF_ADMIN_PORT: String(port), VF_EMULATOR_PORT: '0' });
    expect(await ended).toBe(78);
    expect(text.err).toContain('VF_ADMIN_PORT');
    blocker.close();
  });

  it('78: an admin address that this machine does not have names the setting', async () => {
    const { text, ended } = start(['emulator'], { VF_ADMIN_HOST: '203.0.113.1', VF_EMULATOR_PORT: '0' });
    expect(await ended).toBe(78);
    expect(text.err).toContain('VF_ADMIN_HOST: this machine has no address 203.0.113.1 (EADDRNOTAVAIL)');
  });
});

describe.concurrent('a service that runs', { timeout: 60_000 }, () => {
  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['localhost', 'localhost'],
    ['0.0.0.0', '127.0.0.1'],
  ])('answers health on VF_ADMIN_HOST=%s', async (host, asked) => {
    const { child, text, ended } = start(['emulator'], { VF_EMULATOR_PORT: '0', VF_ADMIN_HOST: host });
    const port = await until(() => /"adminPort":(\d+)/.exec(text.out)?.[1], {
      timeoutMs: 30_000,
      what: () => `the ready line; it wrote ${text.err}`,
    });
    expect((await fetch(`http://${asked}:${port}/live`)).status).toBe(200);
    const own = Object.values(networkInterfaces())
      .flat()
      .find((one) => one?.family === 'IPv4' && !one.internal)?.address;
    if (own !== undefined) {
      const elsewhere = await fetch(`http://${own}:${port}/live`).then(
        ({ status }) => status,
        () => 'refused',
      );
      expect(elsewhere).toBe(host === '0.0.0.0' ? 200 : 'refused');
    }
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  });

  it('prints one ready line at any log level, answers health, and ends with 0 on SIGTERM', async () => {
    const { child, text, ended } = start(['emulator'], { VF_EMULATOR_PORT: '0', VF_LOG_LEVEL: 'error' });
    await until(() => text.out.includes('\n'), { timeoutMs: 30_000, what: () => `the ready line; it wrote ${text.err}` });
    const lines = text.out.trim().split('\n');
    expect(lines).toHaveLength(1);
    const ready: unknown = JSON.parse(lines[0] ?? '');
    expect(ready).toMatchObject({ event: 'ready', role: 'emulator' });
    expect(JSON.parse(await askAdmin(text.out, '/ready'))).toMatchObject({ ready: true });
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  });

  it('stops at once on SIGTERM while it still waits for its dependencies', async () => {
    const { child, text, ended } = start(['ingress'], {
      VF_TOKEN_KEYS: KEY,
      VF_KAFKA_BROKERS: '127.0.0.1:1',
      TEMPORAL_ADDRESS: '127.0.0.1:1',
    });
    await until(() => text.out.includes('waiting for '), { timeoutMs: 30_000, what: 'it waits' });
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  });
});
