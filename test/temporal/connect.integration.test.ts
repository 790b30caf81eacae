import { describe, expect, inject, it } from 'vitest';
import { DependencyUnavailableError } from '../../src/contracts/errors.ts';
import type { Logger } from '../../src/contracts/logger.ts';
import { connectTemporal } from '../../src/temporal/connect.ts';
import { silentLogger } from '../support/silent-logger.ts';

const NOBODY = '127.0.0.1:1';

describe('connectTemporal', () => {
  it.each([true, false])('connects as the environment says (native: %s)', async (native) => {
    const overrides = { TEMPORAL_ADDRESS: inject('temporalAddress'), TEMPORAL_NAMESPACE: 'default' };
    const link = await (native
      ? connectTemporal({ native: true, logger: silentLogger, startupTimeoutMs: 10_000, overrides })
      : connectTemporal({ native: false, logger: silentLogger, startupTimeoutMs: 10_000, overrides }));
    expect(link.namespace).toBe('default');
    expect(link.client.options.namespace).toBe('default');
    await link.close();
  });

  it.each([true, false])('says which namespace is absent and what makes it (native: %s)', async (native) => {
    const overrides = { TEMPORAL_ADDRESS: inject('temporalAddress'), TEMPORAL_NAMESPACE: 'not-made-yet' };
    const failure = connect(native, { overrides, logger: silentLogger, startupTimeoutMs: 10_000 });
    await expect(failure).rejects.toThrow(DependencyUnavailableError);
    await expect(failure).rejects.toThrow(/"not-made-yet".*verdictflow setup/);
  });

  it.each([true, false])('waits visibly for a server that is not there, then names the settings (native: %s)', async (native) => {
    const waits: object[] = [];
    const logger: Logger = { ...silentLogger, warn: (fields) => waits.push(fields) };
    const beganAtMs = Date.now();
    const failure = connect(native, { overrides: { TEMPORAL_ADDRESS: NOBODY }, logger, startupTimeoutMs: 5_000 });
    await expect(failure).rejects.toThrow(/127\.0\.0\.1:1 \(TEMPORAL_ADDRESS\) within 5 s: ECONNREFUSED/);
    expect(Date.now() - beganAtMs).toBeLessThan(15_000);
    expect(waits.length).toBeGreaterThanOrEqual(1);
    expect(waits[0]).toMatchObject({ address: NOBODY });
  });
});

function connect(
  native: boolean,
  options: { overrides: Record<string, string>; logger: Logger; startupTimeoutMs: number },
): Promise<unknown> {
  return native ? connectTemporal({ ...options, native: true }) : connectTemporal({ ...options, native: false });
}
