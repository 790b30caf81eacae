import type { ServerResponse } from 'node:http';
import type { Reply } from './reply.ts';

/** Waits; false if the client left meanwhile. */
export async function pause(response: ServerResponse, ms: number): Promise<boolean> {
  if (ms > 0 && !response.destroyed) {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(done, ms);
      response.once('close', done);
      function done(): void {
        clearTimeout(timer);
        response.off('close', done);
        resolve();
      }
    });
  }
  return !response.destroyed;
}

/** Sends the reply, or breaks or forgets the connection as it says. */
export function send(response: ServerResponse, reply: Reply): void {
  const body = Buffer.from(reply.body, 'utf8');
  switch (reply.delivery) {
    case 'HANG':
      return;
    case 'RESET':
      response.req.socket.resetAndDestroy();
      return;
    case 'HALF':
      writeHead(response, { reply, length: body.length });
      response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.destroy());
      return;
    case 'FULL':
      writeHead(response, { reply, length: body.length });
      response.end(body);
      return;
    default:
      reply.delivery satisfies never;
  }
}

function writeHead(response: ServerResponse, { reply, length }: { reply: Reply; length: number }): void {
  response.writeHead(reply.httpStatus, {
    'content-type': reply.contentType,
    'content-length': length,
    ...(reply.location === undefined ? {} : { location: reply.location }),
  });
}
