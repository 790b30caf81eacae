import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
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

  /** The packages that npm would remove from the image. */
  async function prunedWith(keep: string): Promise<readonly string[]> {
    const cwd = await mkdtemp(join(dir, 'app-'));
    for (const file of ['package.json', 'package-lock.json', '.npmrc']) await copyFile(join(ROOT, file), join(cwd, file));
    await symlink(join(ROOT, 'node_modules'), join(cwd, 'node_modules'));
    await promisify(execFile)(process.execPath, [join(ROOT, 'scripts/keep-peers.mjs'), keep], { cwd });
    const { stdout } = await promisify(execFile)('npm', ['prune', '--omit=dev', '--dry-run', '--json', '--offline'], {
      cwd,
      maxBuffer: 64e6,
    });
    const { remove }: { readonly remove: readonly { readonly path: string }[] } = JSON.parse(stdout.slice(stdout.indexOf('{')));
    return remove.map(({ path }) => path.replace(join(cwd, 'node_modules/'), ''));
  }

  it('has nothing that hadolint minds, and what it minded would be seen', { timeout: 120_000 }, async () => {
    const lint = await hadolint();
    const check = async (file: string): Promise<string> => (await promisify(execFile)(lint, ['--no-color', file])).stdout;
    expect(await check(join(ROOT, 'Dockerfile'))).toBe('');
    await writeFile(join(dir, 'Dockerfile'), `${text.replace('USER 1000:1000', 'USER node')}ENTRYPOINT ["true"]\n`);
    await expect(check(join(dir, 'Dockerfile'))).rejects.toMatchObject({ stdout: expect.stringContaining('DL3066') });
  });

  it.each([
    ['', 'without the optional peers'],
    ['aws-msk-iam-sasl-signer-js', 'with those that KEEP_PEERS names and all that they need'],
  ])('prunes, given KEEP_PEERS=%s, the packages of development, %s', { timeout: 120_000 }, async (keep) => {
    expect(text).toContain('node scripts/keep-peers.mjs "$KEEP_PEERS" && npm prune --omit=dev &&');
    const removed = await prunedWith(keep);
    expect(removed).toEqual(expect.arrayContaining(['typescript', 'vitest']));
    const ofPeer = ['aws-msk-iam-sasl-signer-js', '@aws-sdk/client-sts', '@aws-sdk/credential-providers', '@smithy/core'];
    expect(ofPeer.filter((name) => removed.includes(name))).toEqual(keep === '' ? ofPeer : []);
  });

  it('takes no peer that package.json does not name', async () => {
    await expect(prunedWith('aws-msk')).rejects.toThrow(/KEEP_PEERS: aws-msk is no optional peer; write of aws-msk-iam-sasl-signer-js/);
  });

  it('ends as a user with a number, which is all that runAsNonRoot can judge', () => {
    expect(text.match(/^USER .*/gm)?.at(-1)).toBe('USER 1000:1000');
  });
});
