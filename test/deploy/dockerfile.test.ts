import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../../scripts/docs/documents.ts';
import { hadolint } from './tools.ts';

describe('the Dockerfile', () => {
  let dir = '';
  let text = '';
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'vf-dockerfile-'));
    text = await readFile(join(ROOT, 'Dockerfile'), 'utf8');
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  it('has nothing that hadolint minds, and what it minded would be seen', { timeout: 120_000 }, async () => {
    const lint = await hadolint();
    const check = async (file: string): Promise<string> => (await promisify(execFile)(lint, ['--no-color', file])).stdout;
    expect(await check(join(ROOT, 'Dockerfile'))).toBe('');
    await writeFile(join(dir, 'Dockerfile'), `${text.replace('USER 1000:1000', 'USER node')}ENTRYPOINT ["true"]\n`);
    await expect(check(join(dir, 'Dockerfile'))).rejects.toMatchObject({ stdout: expect.stringContaining('DL3066') });
  });

  it('ends as a user with a number, which is all that runAsNonRoot can judge', () => {
    expect(text.match(/^USER .*/gm)?.at(-1)).toBe('USER 1000:1000');
  });
});
