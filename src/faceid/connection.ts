import type { Socket } from 'node:net';
import { buildConnector, Client, type Dispatcher } from 'undici';

/**
 * How long the vendor is listened to before the first byte of a request. Whoever speaks first answers something else; and
 * undici would take such a connection down and connect anew for as long as the vendor does so.
 */
const LISTEN_FIRST_MS = 5;

/** A connection for one request: nothing of an answer to another one can come from it, because there never was another. */
export type OneRequestConnection = {
  readonly dispatcher: Dispatcher;
  /** True if something followed the answer, white space aside: then nobody knows which of the two is the answer. */
  saidMore(): boolean;
  /** Closes it, whatever its state. */
  destroy(): Promise<void>;
};

/**
 * Opens connections that carry one request each. What they share is the TLS session of the vendor's host, which spares
 * the later ones a part of the handshake and holds no byte of an answer.
 */
export function createConnector(connectTimeoutMs: number): (origin: string) => OneRequestConnection {
  const connect = buildConnector({ timeout: connectTimeoutMs });
  return (origin) => {
    let rest = Buffer.alloc(0);
    const client = new Client(origin, {
      // Asks the vendor to close, and closes after the answer even if the vendor does not.
      pipelining: 0,
      allowH2: false,
      connect: (options, callback) =>
        connect(options, (error, socket) => {
          if (error !== null) {
            callback(error, null);
            return;
          }
          keepRest(socket, (chunk) => {
            rest = Buffer.concat([rest, chunk]);
          });
          setTimeout(() => {
            if (socket.readableLength === 0 && !socket.destroyed) {
              callback(null, socket);
              return;
            }
            socket.destroy();
            callback(new Error('the connection spoke before it was asked'), null);
          }, LISTEN_FIRST_MS);
        }),
    });
    return {
      dispatcher: client,
      saidMore: () => rest.toString('latin1').trim() !== '',
      destroy: () => client.destroy(),
    };
  };
}

/** undici puts back into the socket what came after the end of an answer, right before it closes the connection. */
function keepRest(socket: Socket, keep: (chunk: Buffer) => void): void {
  const unshift = socket.unshift.bind(socket);
  socket.unshift = (chunk: Buffer, encoding?: BufferEncoding) => {
    keep(chunk);
    unshift(chunk, encoding);
  };
}
