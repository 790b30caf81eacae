import { expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { startupLimitOf } from '../../workers/settings.ts';

it.each([
  ['named as the setting where it ends the wait', '10s', { startupTimeoutMs: 10_000, limitSetting: 'VF_STARTUP_TIMEOUT' }],
  ["nobody's to change where the caller waits less", '11s', { startupTimeoutMs: 10_000 }],
])('the limit of a wait is %s', (_, timeout, limit) => {
  expect(startupLimitOf(loadConfig({ VF_STARTUP_TIMEOUT: timeout }, 'cli'), 10_000)).toEqual(limit);
});
