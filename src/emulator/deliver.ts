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
  const body = Buffer.from(reply.body);
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
    case 'TWICE':
      sendRaw(response, { reply, body, copies: 2, length: body.length });
      return;
    case 'SHORT':
      sendRaw(response, { reply, body, copies: 1, length: body.length - 9 });
      return;
    case 'FULL':
      writeHead(response, { reply, length: body.length });
      response.end(body);
      return;
    default:
      reply.delivery satisfies never;
  }
}

/** Past Node's own bookkeeping of lengths and answers; the connection stays open, as a proxy's would. */
function sendRaw(response: ServerResponse, raw: { reply: Reply; body: Buffer; copies: number; length: number }): void {
  const { reply, body, copies, length } = raw;
  const head = Buffer.from(`HTTP/1.1 ${reply.httpStatus} OK\r\ncontent-type: ${reply.contentType}\r\ncontent-length: ${length}\r\n\r\n`);
  response.req.socket.write(Buffer.concat(Array.from({ length: copies }, () => [head, body]).flat()));
}

function writeHead(response: ServerResponse, { reply, length }: { reply: Reply; length: number }): void {
  response.writeHead(reply.httpStatus, {
    'content-type': reply.contentType,
    'content-length': length,
    ...(reply.location === undefined ? {} : { location: reply.location }),
    ...(reply.contentEncoding === undefined ? {} : { 'content-encoding': reply.contentEncoding }),
  });
}
