import { createServer } from 'node:net';

/** Below the ephemeral ranges of Linux (32768) and macOS (49152), so no outgoing connection takes a port during a restart. */
const LOWEST = 20_000;
const HIGHEST = 31_999;

/** `count` distinct TCP ports of 127.0.0.1 that nothing listens on now. */
export async function freePorts(count: number): Promise<number[]> {
  const found = new Set<number>();
  for (let tries = 0; tries < 1_000 && found.size < count; tries += 1) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST + 1));
    if (!found.has(port) && (await isFree(port))) found.add(port);
  }
  if (found.size < count) throw new Error(`no ${count} free TCP ports between ${LOWEST} and ${HIGHEST} on 127.0.0.1: stop what holds them`);
  return [...found];
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
