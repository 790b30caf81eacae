import { connect, createServer, type Socket } from 'node:net';
import { freePort } from './pipeline.ts';

export type BlackHole = {
  readonly port: number;
  /** From now on connections are accepted, and whatever is sent over any of them vanishes. */
  swallow(): void;
  /** Ends the connections that have lost something; new ones work. */
  heal(): void;
  close(): void;
};

/** A TCP proxy to a port of this machine that can swallow all bytes, as a network does that drops packets. */
export async function openBlackHole(targetPort: number): Promise<BlackHole> {
  const port = await freePort();
  const sockets = new Set<Socket>();
  let swallows = false;
  const pipe = (from: Socket, to: Socket): void => {
    sockets.add(from);
    from.on('data', (bytes) => {
      if (!swallows) to.write(bytes);
    });
    from.on('close', () => {
      sockets.delete(from);
      if (!swallows) to.destroy();
    });
    from.on('error', () => undefined);
  };
  const server = createServer((client) => {
    const broker = connect(targetPort, '127.0.0.1');
    pipe(client, broker);
    pipe(broker, client);
  });
  await new Promise<void>((resolve) => void server.listen(port, '127.0.0.1', resolve));
  const heal = (): void => {
    swallows = false;
    for (const socket of sockets) socket.destroy();
  };
  return {
    port,
    swallow: () => {
      swallows = true;
    },
    heal,
    close: () => {
      heal();
      server.close();
    },
  };
}
