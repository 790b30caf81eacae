import { get } from 'node:http';
import { createServer } from 'node:net';
import { untraced } from '../tracing/untraced.ts';

const LOOPBACK = '127.0.0.1';
const TRIES = 5;
const ANSWER_WITHIN_MS = 2_000;

/** The metrics of Temporal's native part, as Prometheus text. It offers them on a port only. */
export type CoreMetrics = { read(): Promise<string> };

/**
 * Lets `install` open a free port of the loopback interface. Somebody may be faster to take it: then another one is tried.
 * @throws the error of `install`, once no port will do.
 */
export async function onLoopbackPort(install: (bindAddress: string) => void): Promise<CoreMetrics> {
  for (let triesLeft = TRIES; ; triesLeft -= 1) {
    const port = await freePort();
    try {
      install(`${LOOPBACK}:${port}`);
    } catch (error) {
      if (triesLeft > 1 && error instanceof Error && error.message.includes('Address already in use')) continue;
      throw error;
    }
    return { read: async () => await untraced(async () => await textAt(port)) };
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, LOOPBACK, resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return address !== null && typeof address === 'object' ? address.port : 0;
}

/** On a connection of its own: Core closes it after the answer. */
async function textAt(port: number): Promise<string> {
  return await new Promise((resolve, reject) => {
    const request = get({ host: LOOPBACK, port, path: '/metrics', agent: false, timeout: ANSWER_WITHIN_MS }, (response) => {
      const chunks: string[] = [];
      response.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
      response.on('error', reject).on('end', () => resolve(chunks.join('')));
    });
    request.on('error', reject).on('timeout', () => request.destroy(new Error('Temporal Core does not tell its metrics')));
  });
}
