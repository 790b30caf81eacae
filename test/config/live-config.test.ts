import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { type LiveConfig, openLiveConfig } from '../../src/config/live-config.ts';
import { ConfigurationError } from '../../src/contracts/errors.ts';
import type { Logger } from '../../src/contracts/logger.ts';
import { createAuthority, type Issued } from '../support/certificates.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { until } from '../support/until.ts';

const folder = mkdtempSync(join(tmpdir(), 'verdictflow-live-'));
const opened: LiveConfig[] = [];
afterAll(() => {
  for (const live of opened) live.stop();
  rmSync(folder, { recursive: true });
});

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function watched(env: Readonly<Record<string, string>>) {
  const live = openLiveConfig(env, { role: 'cli' });
  return { live, ...watching(live, 5) };
}

function watching(live: LiveConfig, everyMs: number) {
  const lines: object[] = [];
  const usable: boolean[] = [];
  const note = (fields: object): void => void lines.push(fields);
  const logger: Logger = { ...silentLogger, info: note, warn: note };
  live.watch({ logger, onChecked: (is) => usable.push(is), everyMs });
  opened.push(live);
  return { lines, usable };
}

const said = async (lines: readonly object[], count: number): Promise<unknown> =>
  await until(() => lines.length >= count, { timeoutMs: 5_000, what: `${count} lines` });

it('a secret that changes is used from then on; an empty or missing file changes nothing, and is named once', async () => {
  const path = file('secret', 'first');
  const { live, lines, usable } = watched({ VF_FACEID_API_SECRET_FILE: path, VF_FACEID_API_KEY_FILE: file('unchanged', 'a-key') });
  const secret = (): string | undefined => live.current().faceId.apiSecret?.reveal();
  expect(secret()).toBe('first');
  writeFileSync(path, '');
  await said(lines, 1);
  rmSync(path);
  await said(lines, 2);
  expect(secret()).toBe('first');
  writeFileSync(path, 'second\n');
  await said(lines, 3);
  expect(secret()).toBe('second');
  expect(usable.filter((is, at) => is !== usable[at - 1])).toEqual([false, true]);
  const variables = ['VF_FACEID_API_SECRET_FILE'];
  expect(lines).toEqual([
    { event: 'credentials-unusable', variables, problems: [expect.stringContaining('is empty')] },
    { event: 'credentials-unusable', variables, problems: [expect.stringContaining('ENOENT')] },
    { event: 'credentials-read', variables },
  ]);
  expect(JSON.stringify(lines)).not.toMatch(/first|second/);
});

it('a certificate is used with its own key only, whichever file changes first', async () => {
  const authority = createAuthority('renewal');
  const write = ({ cert, key }: Partial<Issued>): void => {
    if (cert !== undefined) file('cert.pem', cert);
    if (key !== undefined) file('key.pem', key);
  };
  const [before, after] = [authority.issue({ name: 'before' }), authority.issue({ name: 'after' })];
  write(before);
  const paths = { VF_KAFKA_SSL_CERT_FILE: join(folder, 'cert.pem'), VF_KAFKA_SSL_KEY_FILE: join(folder, 'key.pem') };
  const { live, lines } = watched({ VF_KAFKA_SSL: 'true', ...paths });
  write({ cert: after.cert });
  await said(lines, 1);
  expect(live.current().kafka.tls.cert).toBe(before.cert);
  expect(lines[0]).toMatchObject({ event: 'credentials-unusable', problems: [expect.stringContaining('not the key of the certificate')] });
  write({ key: after.key });
  await said(lines, 2);
  expect(live.current().kafka.tls).toMatchObject({ cert: after.cert });
  expect(live.current().kafka.tls.key?.reveal()).toBe(after.key);
});

it.each([
  { of: 'the brokers', settings: { VF_KAFKA_SSL: 'true' }, room: 'KAFKA_SSL' },
  { of: 'the codec server', settings: {}, room: 'CODEC_TLS' },
])('a certificate for $of that is valid only from a moment on is used from then on, and told of once until then', ({ settings, room }) => {
  const begins = Date.parse('2030-01-01T00:00:00Z');
  const authority = createAuthority('soon');
  const notAfter = new Date(begins + 86_400_000);
  const [before, after] = [
    authority.issue({ name: 'before', notAfter }),
    authority.issue({ name: 'after', notBefore: new Date(begins), notAfter }),
  ];
  const files: Record<string, string> = { ...before };
  let now = begins - 10_000;
  const paths = { [`VF_${room}_CERT_FILE`]: 'cert', [`VF_${room}_KEY_FILE`]: 'key' };
  const live = openLiveConfig({ ...settings, ...paths }, { role: 'cli', readFile: (path) => files[path] ?? '', now: () => now });
  const { lines, usable } = watching(live, 1_000_000);
  const cert = (): string | undefined => (room === 'KAFKA_SSL' ? live.current().kafka.tls.cert : live.current().codec.tls?.cert);
  Object.assign(files, after);
  for (const leftMs of [5_000, 2_000, 1]) {
    now = begins - leftMs;
    live.refresh();
    expect(cert()).toBe(before.cert);
  }
  now = begins + 1_000;
  live.refresh();
  expect(cert()).toBe(after.cert);
  now += 1_000;
  live.refresh();
  const variables = Object.keys(paths);
  expect(lines).toEqual([
    { event: 'credentials-unusable', variables, problems: [expect.stringContaining('not valid before 2030')] },
    { event: 'credentials-read', variables },
  ]);
  expect(usable).toEqual([false, false, false, true]);
});

it('a link that is swapped is noticed, as Kubernetes swaps the folder of a secret', async () => {
  const [old, young] = [file('old', 'k1:' + 'A'.repeat(43) + '='), file('young', `k2:${'B'.repeat(42)}A=\nk1:${'A'.repeat(43)}=\n`)];
  const [link, next] = [join(folder, 'keys'), join(folder, 'next')];
  symlinkSync(old, link);
  const { live, lines } = watched({ VF_TOKEN_KEYS_FILE: link });
  symlinkSync(young, next);
  renameSync(next, link);
  await said(lines, 1);
  expect(live.current().tokenKeys.map(({ id }) => id)).toEqual(['k2', 'k1']);
});

it('who misses something may look at once, but not more often than once a second', () => {
  let content = 'first';
  let now = 0;
  const live = openLiveConfig({ VF_FACEID_API_KEY_FILE: 'key' }, { role: 'cli', readFile: () => content, now: () => now });
  content = 'second';
  now = 999;
  live.refresh();
  expect(live.current().faceId.apiKey?.reveal()).toBe('first');
  now = 1_000;
  live.refresh();
  expect(live.current().faceId.apiKey?.reveal()).toBe('second');
});

it('what cannot be used at start is refused', () => {
  expect(() => openLiveConfig({ VF_FACEID_API_KEY_FILE: join(folder, 'nowhere') }, { role: 'cli' })).toThrow(ConfigurationError);
});
