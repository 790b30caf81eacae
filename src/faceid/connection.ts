import { type LookupFunction, Socket } from 'node:net';
import { buildConnector, Client, type Dispatcher } from 'undici';
import { afterQuietTurn } from '../async/quiet-turn.ts';

/**
 * How long the vendor is listened to before the first byte of a request. Whoever speaks first answers something else; and
 * undici would take such a connection down and connect anew for as long as the vendor does so.
 */
const LISTEN_FIRST_MS = 5;

/**
 * A host's addresses are tried one after the other, and Node gives each but the last 250 ms: too little for a vendor far away.
 * Of our limit each gets this part, so that four are tried at least; it is long enough for a lost SYN to be repeated.
 */
const ADDRESSES_AT_LEAST = 4;

/** A connection for one request: nothing of an answer to another one can come from it, because there never was another. */
export type OneRequestConnection = {
  readonly dispatcher: Dispatcher;
  /** True if something followed the answer, white space aside: then nobody knows which of the two is the answer. */
  saidMore(): boolean;
  /** Closes it, whatever its state. */
  destroy(): Promise<void>;
};

/** An HTTP proxy that tunnels (CONNECT). `authorization`: the header for it, secret. */
export type Proxy = { readonly origin: string; readonly authorization?: string };

export type ConnectorOptions = {
  readonly connectTimeoutMs: number;
  readonly proxy?: Proxy;
  /** Default: the system's. */
  readonly lookup?: LookupFunction;
};

type Connect = buildConnector.connector;

/** One for all: undici would make an error for each connection that is closed, with a stack trace that nobody reads. */
const OVER = new Error('the exchange is over');

/**
 * Opens connections that carry one request each, through a tunnel of their own if there is a proxy. What they share is the TLS
 * session of the vendor's host, which spares the later ones a part of the handshake and holds no byte of an answer.
 */
export function createConnector({ connectTimeoutMs, proxy, lookup }: ConnectorOptions): (origin: string) => OneRequestConnection {
  const connect = buildConnector({
    timeout: connectTimeoutMs,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: Math.ceil(connectTimeoutMs / ADDRESSES_AT_LEAST),
    ...(lookup === undefined ? {} : { lookup }),
  });
  return (origin) => {
    let rest = Buffer.alloc(0);
    const proxied = proxy === undefined ? undefined : tunnelled(connect, proxy);
    const client = new Client(origin, {
      // Asks the vendor to close, and closes after the answer even if the vendor does not.
      pipelining: 0,
      allowH2: false,
      connect: listeningFirst(proxied?.connect ?? connect, (chunk) => {
        rest = Buffer.concat([rest, chunk]);
      }),
    });
    return {
      dispatcher: client,
      saidMore: () => rest.toString('latin1').trim() !== '',
      destroy: async () => {
        await Promise.all([client.destroy(OVER), proxied?.destroy()]);
      },
    };
  };
}

function listeningFirst(connect: Connect, keep: (chunk: Buffer) => void): Connect {
  return (options, callback) =>
    connect(options, (error, socket) => {
      if (error !== null) {
        callback(error, null);
        return;
      }
      keepRest(socket, keep);
      const handOver = (): void => {
        if (socket.readableLength === 0 && !socket.destroyed) {
          callback(null, socket);
          return;
        }
        socket.destroy();
        callback(new Error('the connection spoke before it was asked'), null);
      };
      setTimeout(() => afterQuietTurn(handOver), LISTEN_FIRST_MS);
    });
}

/**
 * Connects through a tunnel, within which TLS is spoken with the vendor: the proxy sees a host and a port. Nothing of a read
 * has left before the tunnel stands. What went wrong is told no further, because it may quote what was sent to the proxy.
 */
function tunnelled(connect: Connect, { origin, authorization }: Proxy): { connect: Connect; destroy(): Promise<void> } {
  const client = new Client(origin, { connect });
  const open = async (target: string): Promise<Socket> => {
    const headers = { host: target, ...(authorization === undefined ? {} : { 'proxy-authorization': authorization }) };
    const { statusCode, socket } = await client.connect({ path: target, headers });
    if (statusCode === 200 && socket instanceof Socket) return socket;
    socket.on('error', () => undefined).destroy();
    throw new Error(`the proxy answered ${statusCode}`);
  };
  return {
    connect: (options, callback) => {
      const { protocol, host, port } = options;
      // Within a tunnel that is not encrypted, the proxy would see the secret.
      if (protocol !== 'https:') throw new TypeError('only https goes through a proxy');
      open(port === '' ? `${host ?? ''}:443` : (host ?? '')).then(
        (httpSocket) => connect({ ...options, httpSocket }, callback),
        () => callback(new Error('no tunnel through the proxy'), null),
      );
    },
    destroy: async () => await client.destroy(OVER),
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
