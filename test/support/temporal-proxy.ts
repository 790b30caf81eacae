import {
  connect,
  constants,
  createSecureServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Issued } from './certificates.ts';

export type TemporalProxy = {
  readonly address: string;
  /** From now on other clients are let in; connections there are end. */
  demand(demands: Demands): void;
  close(): void;
};

type Demands = {
  /** Only clients whose certificate this authority has issued. */
  readonly clientCa: string;
  readonly apiKey: string;
};

const UNAUTHENTICATED = '16';

/** What stands before a Temporal in the cloud: ends TLS, demands a client certificate and an API key, passes gRPC on. */
export async function openTemporalProxy(options: Demands & { readonly target: string; readonly server: Issued }): Promise<TemporalProxy> {
  let demands: Demands = options;
  const sessions = new Set<ServerHttp2Session>();
  const upstream = connect(`http://${options.target}`);
  const context = () => ({ ...options.server, ca: demands.clientCa });
  const server = createSecureServer({ ...context(), requestCert: true, rejectUnauthorized: true });
  server.on('session', (session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
    session.on('error', () => undefined);
  });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    if (headers.authorization === `Bearer ${demands.apiKey}`) passOn(stream, headers);
    else refuse(stream);
  });

  function passOn(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    const request = upstream.request({ ...headers, ':authority': options.target, ':scheme': 'http' });
    request.on('error', () => stream.close());
    stream.on('close', () => request.close());
    stream.pipe(request);
    let trailers: IncomingHttpHeaders = {};
    request.on('trailers', (received) => {
      trailers = received;
    });
    request.on('response', (answer) => {
      if (stream.destroyed) return;
      // An answer without a body carries its status in the headers.
      if (answer['grpc-status'] !== undefined) {
        stream.respond(answer, { endStream: true });
        return;
      }
      stream.respond(answer, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers(trailers));
      request.pipe(stream);
    });
  }

  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    address: `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    demand(changed) {
      demands = changed;
      server.setSecureContext(context());
      for (const session of sessions) session.destroy();
    },
    close() {
      for (const session of sessions) session.destroy();
      upstream.destroy();
      server.close();
    },
  };
}

function refuse(stream: ServerHttp2Stream): void {
  stream.respond(
    {
      [constants.HTTP2_HEADER_STATUS]: 200,
      'content-type': 'application/grpc',
      'grpc-status': UNAUTHENTICATED,
      'grpc-message': 'Request unauthorized.',
    },
    { endStream: true },
  );
}
