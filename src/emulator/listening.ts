import { once } from 'node:events';
import type { Server } from 'node:http';
import { EmulatorOptionError, systemCode } from './option-error.ts';

export type ListenOptions = { readonly port: number; readonly host: string; readonly option: 'port' | 'adminPort' };

/** Listens, and resolves to the port; rejects with `EmulatorOptionError` if it is taken or the host is none of ours. */
export async function listen(server: Server, { port, host, option }: ListenOptions): Promise<number> {
  server.listen(port, host);
  try {
    // `once` rejects if 'error' comes first.
    await once(server, 'listening');
  } catch (cause) {
    throw refusal(cause, { port, host, option });
  }
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the emulator listens on no TCP port');
  return address.port;
}

/** Codes of a host that this machine does not have. */
const NOT_OUR_HOST: readonly unknown[] = ['EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN', 'EINVAL'];

function refusal(cause: unknown, { port, option }: ListenOptions): EmulatorOptionError {
  const code = systemCode(cause) ?? 'unknown error';
  if (NOT_OUR_HOST.includes(code)) {
    return new EmulatorOptionError('host', `this machine has no such address (${code}); choose another one`, { cause });
  }
  return new EmulatorOptionError(option, `port ${port} cannot be opened (${code}); choose another one, or 0 for any`, { cause });
}

/** Stops listening and drops every connection, hung ones too. */
export async function stopListening(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    // The callback gets an error if an outage had closed the port already; closed is closed.
    server.close(() => resolve());
  });
  server.closeAllConnections();
  await closed;
}
