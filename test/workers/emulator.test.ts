import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLiveConfig } from '../../src/config/live-config.ts';
import { ConfigurationError } from '../../src/contracts/errors.ts';
import { defineMetrics } from '../../src/observability/metrics.ts';
import { startEmulatorRole } from '../../workers/emulator.ts';
import { createLifecycle } from '../../workers/lifecycle.ts';
import { silentLogger } from '../support/silent-logger.ts';

const folder = mkdtempSync(join(tmpdir(), 'verdictflow-emulator-'));
const blocker = createServer();
const foreign = { whole: join(folder, 'notes.txt'), oneLine: join(folder, 'one-line.txt') };

beforeAll(async () => {
  writeFileSync(foreign.whole, 'notes of mine\n');
  writeFileSync(foreign.oneLine, 'a line without an end');
  await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  blocker.close();
  rmSync(folder, { recursive: true });
});

async function start(env: Readonly<Record<string, string>>) {
  const live = openLiveConfig({ VF_EMULATOR_PORT: '0', ...env }, { role: 'emulator' });
  const lifecycle = createLifecycle({ logger: silentLogger, phaseLimitMs: 1_000 });
  const config = live.current();
  return await startEmulatorRole({ config, live, logger: silentLogger, metrics: defineMetrics(new Registry()), lifecycle, exposed: [] });
}

function takenPort(): string {
  const address = blocker.address();
  return String(address !== null && typeof address === 'object' ? address.port : 0);
}

describe('settings with which the emulator cannot start are named, with the remedy, and no text is quoted', () => {
  it.each([
    ['VF_EMULATOR_SCENARIO', () => 'nosuch', /no such scenario; .*ready-pass/],
    ['VF_EMULATOR_PORT', takenPort, /EADDRINUSE.*choose another one/],
    ['VF_EMULATOR_HOST', () => '192.0.2.1', /EADDRNOTAVAIL.*choose another one/],
    ['VF_EMULATOR_LOG', () => join(folder, 'none', 'x'), /ENOENT.*name a file/],
    ['VF_EMULATOR_LOG', () => folder, /EISDIR.*name a file/],
    ['VF_EMULATOR_LOG', () => foreign.whole, /line 1 .*name a file/],
    ['VF_EMULATOR_LOG', () => foreign.oneLine, /line 1 .*name a file/],
  ])('%s', async (setting, value, message) => {
    const failure = start({ [setting]: value() });
    await expect(failure).rejects.toThrow(ConfigurationError);
    await expect(failure).rejects.toThrow(message);
    await expect(failure).rejects.toThrow(`- ${setting}: `);
    if (setting !== 'VF_EMULATOR_PORT') await expect(failure).rejects.not.toThrow(value());
  });
});
