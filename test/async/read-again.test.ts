import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, it, vi } from 'vitest';
import { readAgain } from '../../src/async/read-again.ts';
import { loadConfig } from '../../src/config/load.ts';
import { type LiveConfig, openLiveConfig } from '../../src/config/live-config.ts';
import { temporalSettings } from '../../src/temporal/settings.ts';
import { temporalSourceOf } from '../../workers/settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'verdictflow-pipes-'));
const writers: ChildProcess[] = [];
afterEach(() => vi.unstubAllEnvs());
afterAll(() => {
  for (const writer of writers) writer.kill();
  rmSync(folder, { recursive: true });
});

/** A pipe. Who opens it with nobody to write to it stops this process, so that even those who should not open it find somebody. */
function pipe(name: string) {
  const path = join(folder, name);
  execFileSync('mkfifo', [path]);
  const run = (script: string, content: string): void => void writers.push(spawn('sh', ['-c', script, 'sh', content, path]));
  return {
    path,
    writeOnce: (content: string) => run('printf "$1" > "$2"', content),
    writeForEver: (content: string) => run('while printf "$1" > "$2"; do sleep 0.05; done', content),
  };
}

/** Each looks at the file that a setting names; the return value differs where the content does. */
const READERS: Readonly<Record<string, (path: string) => () => unknown>> = {
  'a secret': (path) => {
    let now = 0;
    let live: LiveConfig | undefined;
    return () => {
      if (live === undefined) live = openLiveConfig({ VF_FACEID_API_SECRET_FILE: path }, { role: 'cli', now: () => (now += 1_000) });
      else live.refresh();
      return live.current().faceId.apiSecret?.reveal();
    };
  },
  'a command that loads the settings twice': (path) => () =>
    loadConfig({ VF_FACEID_API_SECRET_FILE: path }, 'cli').faceId.apiSecret?.reveal(),
  'profiles of Temporal': (path) => {
    const config = loadConfig({ TEMPORAL_CONFIG_FILE: path }, 'cli');
    return () => temporalSettings(temporalSourceOf(() => config)).connectionOptions;
  },
  ...Object.fromEntries(
    ['CLIENT_CERT', 'CLIENT_KEY', 'SERVER_CA_CERT'].map((file) => [
      `TEMPORAL_TLS_${file}_PATH`,
      (path: string) => () => {
        const pair = { TEMPORAL_TLS_CLIENT_CERT_DATA: 'cert', TEMPORAL_TLS_CLIENT_KEY_DATA: 'key' };
        const { [`TEMPORAL_TLS_${file}_DATA`]: _instead, ...others }: Readonly<Record<string, string>> = pair;
        for (const [name, value] of Object.entries({ ...others, [`TEMPORAL_TLS_${file}_PATH`]: path })) vi.stubEnv(name, value);
        return temporalSettings({}).connectionOptions.tls;
      },
    ]),
  ),
};

function textOf(value: unknown): string {
  return JSON.stringify(value, (_name, part: unknown) => (part instanceof Uint8Array ? Buffer.from(part).toString() : part));
}

it.each(Object.entries(READERS))('a pipe is read once, whoever looks at it: %s', (what, readerOf) => {
  const { path, writeOnce, writeForEver } = pipe(what.replaceAll(' ', '-'));
  writeOnce('[profile.default]\\naddress = "first:7233"\\n');
  const read = readerOf(path);
  const first = textOf(read());
  writeForEver('[profile.default]\\naddress = "second:7233"\\n');
  expect(textOf(read())).toBe(first);
  expect(first).toContain('first');
});

it('a regular file is read each time, also behind a link that is swapped', () => {
  const [link, next] = [join(folder, 'link'), join(folder, 'next')];
  for (const [content, at] of [['first', link] as const, ['second', next] as const]) {
    writeFileSync(join(folder, content), content);
    symlinkSync(join(folder, content), at);
  }
  expect(readAgain(link).toString()).toBe('first');
  renameSync(next, link);
  expect(readAgain(link).toString()).toBe('second');
});

it('a pipe that takes the place of a file is not opened', () => {
  const path = join(folder, 'replaced');
  writeFileSync(path, 'first');
  expect(readAgain(path).toString()).toBe('first');
  rmSync(path);
  const { writeForEver } = pipe('replaced');
  writeForEver('second');
  expect(readAgain(path).toString()).toBe('first');
});

it('what is no longer there is said, not replaced by what was', () => {
  const path = join(folder, 'gone');
  writeFileSync(path, 'first');
  readAgain(path);
  rmSync(path);
  expect(() => readAgain(path)).toThrow(/ENOENT/);
});
