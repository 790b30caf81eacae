import { once } from 'node:events';
import type { Server } from 'node:http';

/** Listens, and resolves to the port; rejects if it is taken. */
export async function listen(server: Server, options: { port: number; host: string }): Promise<number> {
  server.listen(options.port, options.host);
  // `once` rejects if 'error' comes first.
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the emulator listens on no TCP port');
  return address.port;
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
