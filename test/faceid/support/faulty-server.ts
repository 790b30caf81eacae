import { createServer, type Server, type Socket } from 'node:net';

export type FaultyServer = {
  readonly baseUrl: string;
  readonly port: number;
  /** Request heads seen so far, one for each request line that arrived. */
  readonly requests: readonly string[];
  readonly connections: () => number;
  close(): Promise<void>;
};

/** A TCP server that sees raw requests and answers each as it likes: `onRequest(socket, n)`, n counted from 1. */
export async function startFaultyServer(
  onRequest: (socket: Socket, n: number) => void,
  { onConnection = () => undefined }: { onConnection?: (socket: Socket) => void } = {},
): Promise<FaultyServer> {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    let pending = '';
    socket.setEncoding('latin1');
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    onConnection(socket);
    socket.on('data', (chunk) => {
      pending += String(chunk);
      for (let end = pending.indexOf('\r\n\r\n'); end !== -1; end = pending.indexOf('\r\n\r\n')) {
        requests.push(pending.slice(0, end));
        pending = pending.slice(end + 4);
        onRequest(socket, requests.length);
      }
    });
  });
  const port = await listen(server);
  return {
    baseUrl: `http://127.0.0.1:${port}/faceid`,
    port,
    requests,
    connections: () => connections,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function httpAnswer(status: number, body: string, headers: Readonly<Record<string, string>> = {}): string {
  const all = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)), ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${status} Status`, ...lines, '', body].join('\r\n');
}

/** A loopback port that nothing listens on any more. */
export async function unusedPort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}
