import { exhausted } from '../src/domain/exhaustive.ts';
import { ConfigurationError } from '../src/contracts/errors.ts';
import { type BadOption, EmulatorOptionError } from '../src/emulator/option-error.ts';
import { type Emulator, startEmulator } from '../src/emulator/server.ts';
import type { RoleContext } from './context.ts';

/** Credentials that the emulator accepts when none are configured; it guards nothing. */
const DEFAULT_KEY = 'emulator-key';
const DEFAULT_SECRET = 'emulator-secret';

/** The FaceID emulator as a process of its own. Rejects with `ConfigurationError` if its settings cannot work. */
export async function startEmulatorRole(context: RoleContext): Promise<Readonly<Record<string, string>>> {
  const server = await started(context);
  context.lifecycle.onStop('emulator', () => server.close());
  context.lifecycle.watch({ name: 'emulator', state: () => ({ ready: true }) });
  return { baseUrl: server.baseUrl, adminUrl: server.adminUrl };
}

async function started({ config }: RoleContext): Promise<Emulator> {
  const { emulator, faceId } = config;
  try {
    return await startEmulator({
      ...emulator,
      apiKey: faceId.apiKey?.reveal() ?? DEFAULT_KEY,
      apiSecret: faceId.apiSecret?.reveal() ?? DEFAULT_SECRET,
    });
  } catch (error) {
    if (!(error instanceof EmulatorOptionError)) throw error;
    throw new ConfigurationError([`${settingOf(error.option)}: ${error.message}`]);
  }
}

function settingOf(option: BadOption): string {
  switch (option) {
    case 'scenario':
      return 'VF_EMULATOR_SCENARIO';
    // The role opens no admin port of the emulator's own.
    case 'port':
    case 'adminPort':
      return 'VF_EMULATOR_PORT';
    case 'host':
      return 'VF_EMULATOR_HOST';
    case 'logPath':
      return 'VF_EMULATOR_LOG';
    default:
      return exhausted(option);
  }
}
