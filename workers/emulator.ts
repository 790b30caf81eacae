import { startEmulator } from '../src/emulator/server.ts';
import type { RoleContext } from './context.ts';

/** Credentials that the emulator accepts when none are configured; it guards nothing. */
const DEFAULT_KEY = 'emulator-key';
const DEFAULT_SECRET = 'emulator-secret';

/** The FaceID emulator as a process of its own. */
export async function startEmulatorRole(context: RoleContext): Promise<Readonly<Record<string, string>>> {
  const { emulator, faceId } = context.config;
  const server = await startEmulator({
    ...emulator,
    apiKey: faceId.apiKey?.reveal() ?? DEFAULT_KEY,
    apiSecret: faceId.apiSecret?.reveal() ?? DEFAULT_SECRET,
  });
  context.lifecycle.onStop('emulator', () => server.close());
  context.lifecycle.watch({ name: 'emulator', state: () => ({ ready: true }) });
  return { baseUrl: server.baseUrl, adminUrl: server.adminUrl };
}
