import { connect, createServer, type Socket } from 'node:net';
import { freePort } from './pipeline.ts';

export type FaultyProxy = {
  readonly port: number;
  /** From now on connections are accepted, and whatever is sent over any of them vanishes. */
  swallow(): void;
  /** Of a connection over which this text is sent from now on no answer comes through. Resolves once there was one. */
  untilUnheard(text: string): Promise<void>;
  /** Ends all connections, of which some have lost something; new ones work. */
  heal(): void;
  close(): void;
};

/** A TCP proxy to a port of this machine that can lose bytes, as a network does that drops packets. */
export async function openFaultyProxy(targetPort: number): Promise<FaultyProxy> {
  const port = await freePort();
  const sockets = new Set<Socket>();
  let swallows = false;
  let gag: { readonly text: string; readonly unheard: () => void } | undefined;
  const server = createServer((client) => {
    const target = connect(targetPort, '127.0.0.1');
    let isGagged = false;
    client.on('data', (bytes) => {
      isGagged ||= gag !== undefined && bytes.includes(gag.text);
      if (!swallows) target.write(bytes);
    });
    target.on('data', (bytes) => {
      if (gag !== undefined && isGagged) gag.unheard();
      else if (!swallows) client.write(bytes);
    });
    for (const [socket, other] of [
      [client, target],
      [target, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        if (!swallows) other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => void server.listen(port, '127.0.0.1', resolve));
  const heal = (): void => {
    swallows = false;
    gag = undefined;
    for (const socket of sockets) socket.destroy();
  };
  return {
    port,
    swallow: () => {
      swallows = true;
    },
    untilUnheard: (text) => new Promise<void>((resolve) => (gag = { text, unheard: resolve })),
    heal,
    close: () => {
      heal();
      server.close();
    },
  };
}
