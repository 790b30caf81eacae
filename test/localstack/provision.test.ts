import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { verifyChecksum } from '../../src/localstack/checksum.ts';
import { provision } from '../../src/localstack/provision.ts';
import { makeRunDir } from '../../src/localstack/run-dir.ts';

let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'vf-provision-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

/** The id of a process that has certainly ended. */
async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  await new Promise((resolve) => child.once('exit', resolve));
  return child.pid ?? 0;
}

function request(build: (emptyDir: string) => Promise<void>, log: (line: string) => void = () => {}) {
  return { target: join(dir, 'thing-1.0'), what: 'a thing', log, build };
}

describe('provisioning', () => {
  it('builds once for many that ask at the same time, and tells those who wait', async () => {
    let builds = 0;
    const lines: string[] = [];
    const build = async (emptyDir: string): Promise<void> => {
      builds += 1;
      await sleep(100);
      await writeFile(join(emptyDir, 'file'), 'whole');
    };
    await Promise.all([1, 2, 3, 4].map(() => provision(request(build, (line) => lines.push(line)))));
    expect(builds).toBe(1);
    expect(await readFile(join(dir, 'thing-1.0', 'file'), 'utf8')).toBe('whole');
    expect(lines).toContain('another process is fetching a thing: waiting for it');
    expect(await readdir(dir)).toEqual(['thing-1.0']);
  });

  it('leaves neither a half-built folder nor a lock after a failure, and succeeds the next time', async () => {
    const broken = provision(
      request(async (emptyDir) => {
        await writeFile(join(emptyDir, 'half'), '');
        throw new Error('the network went away');
      }),
    );
    await expect(broken).rejects.toThrow('the network went away');
    expect(await readdir(dir)).toEqual([]);
    await provision(request((emptyDir) => writeFile(join(emptyDir, 'file'), '')));
    expect(await readdir(join(dir, 'thing-1.0'))).toEqual(['file']);
  });

  it('takes over the lock of a process that died', async () => {
    await mkdir(join(dir, 'thing-1.0.lock'));
    await writeFile(join(dir, 'thing-1.0.lock', 'pid'), String(await deadPid()));
    await provision(request((emptyDir) => writeFile(join(emptyDir, 'file'), '')));
    expect(existsSync(join(dir, 'thing-1.0', 'file'))).toBe(true);
  });

  it('keeps the first folder whole when a second builder finishes later', async () => {
    await provision(
      request(async (emptyDir) => {
        await mkdir(join(dir, 'thing-1.0'));
        await writeFile(join(dir, 'thing-1.0', 'file'), 'first');
        await writeFile(join(emptyDir, 'file'), 'second');
      }),
    );
    expect(await readFile(join(dir, 'thing-1.0', 'file'), 'utf8')).toBe('first');
    expect(await readdir(dir)).toEqual(['thing-1.0']);
  });
});

describe('checksums', () => {
  const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

  it('accepts the pinned content and refuses any other, and a file nobody pinned', async () => {
    await writeFile(join(dir, 'empty'), '');
    await writeFile(join(dir, 'changed'), 'x');
    await expect(verifyChecksum(join(dir, 'empty'), EMPTY)).resolves.toBeUndefined();
    await expect(verifyChecksum(join(dir, 'changed'), EMPTY)).rejects.toThrow(/^changed has SHA-256 .* instead of the pinned/);
    await expect(verifyChecksum(join(dir, 'empty'), undefined)).rejects.toThrow('empty has no pinned checksum');
  });
});

describe('run folders', () => {
  it('removes those of dead processes and keeps those of living ones', async () => {
    const dead = `run-${await deadPid()}-abc`;
    const alive = `run-${process.ppid}-abc`;
    for (const name of [dead, alive, 'kafka-4.3.0']) await mkdir(join(dir, name, 'deep'), { recursive: true });
    const made = await makeRunDir(dir);
    const names = await readdir(dir);
    expect(names).not.toContain(dead);
    expect(names).toEqual(expect.arrayContaining([alive, 'kafka-4.3.0']));
    expect(made).toMatch(new RegExp(`/run-${process.pid}-`));
  });
});
