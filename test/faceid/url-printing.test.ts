import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type * as util from 'node:util';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { type FaultyServer, startFaultyServer } from './support/faulty-server.ts';
import { GOOD } from './support/loopback.ts';

let vendor: FaultyServer;
beforeAll(async () => {
  vendor = await startFaultyServer((socket) => socket.write(GOOD));
});
afterAll(() => vendor.close());
// Other files run in this process, too: none may get what was loaded with another `node:util`.
afterEach(() => void vi.resetModules());

/** The debug sections of undici, found in its sources: a new release may bring one that prints. */
const SECTIONS = [...new Set(sources('node_modules/undici/lib').flatMap((text) => [...text.matchAll(/debuglog\('([^']+)'\)/g)]))].map(
  ([, name = '']) => name,
);
const PRINTING = ['undici', 'fetch', 'websocket'];
/** Those that do not print, and Node's own. */
const OTHERS = [...SECTIONS.filter((name) => !PRINTING.includes(name)), 'http', 'http2', 'net', 'tls', 'stream'];

test.concurrent.each(PRINTING)('row 40: undici prints request URLs by its debug section %s', async (name) => {
  expect(SECTIONS).toContain(name);
  expect(await outputOf({ value: name, code: dispatches() })).toContain('/in-the-path');
});

test.each(PRINTING)('row 40: a process with the debug section %s gets no client', async (name) => {
  vi.resetModules();
  vi.doMock('node:util', async (original) => ({
    ...(await original<typeof util>()),
    debuglog: (section: string) => Object.assign(() => undefined, { enabled: section === name }),
  }));
  const { createFaceIdClient: create } = await import('../../src/faceid/client.ts');
  vi.doUnmock('node:util');
  const options = { baseUrl: 'http://127.0.0.1:1/faceid', apiKey: 'key', apiSecret: 'secret', timeoutMs: 1_000 };
  expect(() => create(options)).toThrow(`NODE_DEBUG switches on ${name},`);
});

test.concurrent('row 40: wildcards and other spellings are refused as well', async () => {
  expect(await outputOf({ value: 'net,Web*', code: CREATES_CLIENT, typescript: true })).toContain('NODE_DEBUG switches on websocket,');
});

test.concurrent('row 40: every other debug section prints no request URL and gets its client', async () => {
  const output = await outputOf({ value: OTHERS.join(','), code: `${CREATES_CLIENT}\n${dispatches()}`, typescript: true });
  expect(output).toContain('the client is there');
  expect(output).not.toContain('/in-the-path');
});

const CREATES_CLIENT = `
  import { createFaceIdClient } from './src/faceid/client.ts';
  createFaceIdClient({ baseUrl: 'http://127.0.0.1:1/faceid', apiKey: 'k', apiSecret: 's', timeoutMs: 1_000 });
  console.log('the client is there');`;

/** One request, made by undici itself. */
function dispatches(): string {
  return `
    import { Agent } from 'undici';
    const done = () => process.exit();
    const handler = { onRequestStart() {}, onResponseStart() {}, onResponseData() {}, onResponseEnd: done, onResponseError: done };
    new Agent().dispatch({ origin: '${new URL(vendor.baseUrl).origin}', path: '/in-the-path', method: 'GET' }, handler);`;
}

type Child = { readonly value: string; readonly code: string; readonly typescript?: boolean };

/** What a process with this NODE_DEBUG writes while it runs the code. */
function outputOf({ value, code, typescript = false }: Child): Promise<string> {
  const args = [...(typescript ? ['--import', 'tsx'] : []), '--input-type=module', '--eval', code];
  const env = { PATH: process.env['PATH'] ?? '', NODE_DEBUG: value };
  return new Promise((resolve) => {
    // A process that is refused ends with an error, whose text is what the test looks at.
    execFile(process.execPath, args, { env, maxBuffer: 64 * 1024 * 1024 }, (_error, stdout, stderr) => resolve(stdout + stderr));
  });
}

function sources(folder: string): readonly string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js'));
  return files.map((name) => readFileSync(join(folder, name), 'utf8'));
}
