import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { parsePage, refusalOf } from '../../src/evidence/s3-answers.ts';
import { allOf } from './store-contract.ts';
import { createS3Store, type S3Credentials } from '../../src/evidence/s3-store.ts';

const SETTINGS = { setting: 'VF_EVIDENCE_KEY_STORE', serverSetting: 'VF_EVIDENCE_KEY_STORE_S3' };
const error = (code: string): string => `<?xml version="1.0"?><Error><Code>${code}</Code><Message>of s3cret</Message></Error>`;

/** What servers answer in the end, by status and code: what kind of fault it is, and which setting its message begins with. */
const ANSWERS = [
  [404, error('NoSuchBucket'), 'REFUSED', 'VF_EVIDENCE_KEY_STORE'],
  [403, error('SignatureDoesNotMatch'), 'REFUSED', 'VF_EVIDENCE_KEY_STORE_S3_SECRET_ACCESS_KEY'],
  [403, error('InvalidAccessKeyId'), 'REFUSED', 'VF_EVIDENCE_KEY_STORE_S3_ACCESS_KEY_ID'],
  [400, error('ExpiredToken'), 'REFUSED', 'VF_EVIDENCE_KEY_STORE_S3_SESSION_TOKEN'],
  [400, error('InvalidToken'), 'REFUSED', 'VF_EVIDENCE_KEY_STORE_S3_SESSION_TOKEN'],
  [403, error('RequestTimeTooSkewed'), 'REFUSED', 'VF_EVIDENCE_KEY_STORE'],
  [403, error('AccessDenied'), 'REFUSED', 'VF_EVIDENCE_KEY_STORE'],
  [403, '', 'REFUSED', 'VF_EVIDENCE_KEY_STORE'],
  [401, 'who are you', 'REFUSED', 'VF_EVIDENCE_KEY_STORE'],
  [301, error('PermanentRedirect'), 'REFUSED', 'VF_EVIDENCE_KEY_STORE_S3_REGION'],
  [307, '', 'REFUSED', 'VF_EVIDENCE_KEY_STORE_S3_REGION'],
  [400, error('AuthorizationHeaderMalformed'), 'REFUSED', 'VF_EVIDENCE_KEY_STORE_S3_REGION'],
  [404, '<html>no such page</html>', 'REFUSED', 'VF_EVIDENCE_KEY_STORE'],
  [413, error('EntityTooLarge'), 'REFUSED', 'VF_EVIDENCE_KEY_STORE'],
  [501, error('NotImplemented'), 'REFUSED', 'VF_EVIDENCE_KEY_STORE'],
  [507, '', 'FULL', 'VF_EVIDENCE_KEY_STORE'],
  [500, error('XMinioStorageFull'), 'FULL', 'VF_EVIDENCE_KEY_STORE'],
  [403, error('QuotaExceeded'), 'FULL', 'VF_EVIDENCE_KEY_STORE'],
  [500, error('InternalError'), 'UNREACHABLE', 'VF_EVIDENCE_KEY_STORE'],
  [503, error('SlowDown'), 'UNREACHABLE', 'VF_EVIDENCE_KEY_STORE'],
  [429, '', 'UNREACHABLE', 'VF_EVIDENCE_KEY_STORE'],
  [409, error('OperationAborted'), 'UNREACHABLE', 'VF_EVIDENCE_KEY_STORE'],
  [409, error('ConditionalRequestConflict'), 'UNREACHABLE', 'VF_EVIDENCE_KEY_STORE'],
  [408, '', 'UNREACHABLE', 'VF_EVIDENCE_KEY_STORE'],
  [400, error('RequestTimeout'), 'UNREACHABLE', 'VF_EVIDENCE_KEY_STORE'],
  [400, error('IncompleteBody'), 'UNREACHABLE', 'VF_EVIDENCE_KEY_STORE'],
  [400, error('XAmzContentSHA256Mismatch'), 'UNREACHABLE', 'VF_EVIDENCE_KEY_STORE'],
  [200, '<html>log in</html>', 'REFUSED', 'VF_EVIDENCE_KEY_STORE'],
  [502, '<html>bad gateway</html>', 'UNREACHABLE', 'VF_EVIDENCE_KEY_STORE'],
] as const;

describe('what an S3 server answers', () => {
  it.each(ANSWERS)('%i %s is %s, and names %s', (status, text, why, setting) => {
    const refusal = refusalOf({ status, text }, SETTINGS);
    expect(refusal.why).toBe(why);
    expect(refusal.message.split(':')[0]).toBe(setting);
    expect(refusal.message).toMatch(/; .+\)|\); .+/);
    expect(refusal.message).not.toContain('s3cret');
  });

  it('a listing is read with whatever its names hold, and is none if it is cut', () => {
    const entry =
      '<Contents><Key>a&amp;b/&#60;c&#x3e;&quot;</Key><LastModified>2026-01-02T03:04:05.000Z</LastModified><Size>7</Size></Contents>';
    const page = (rest: string): string => `<ListBucketResult xmlns="x">${entry}${rest}</ListBucketResult>`;
    expect(parsePage(page('<IsTruncated>false</IsTruncated>'))).toEqual({
      blobs: [{ name: 'a&b/<c>"', bytes: 7, storedAtMs: Date.parse('2026-01-02T03:04:05Z') }],
      next: undefined,
    });
    expect(parsePage(page('<IsTruncated>true</IsTruncated><NextContinuationToken>a+/=&amp;</NextContinuationToken>'))?.next).toBe('a+/=&');
    expect(parsePage(page('<IsTruncated>true</IsTruncated>'))).toBeUndefined();
    expect(parsePage('<html></html>')).toBeUndefined();
    const whole = page('<IsTruncated>false</IsTruncated>');
    for (let end = 0; end < whole.length; end += 1) expect(parsePage(whole.slice(0, end))).toBeUndefined();
    expect(parsePage('<ListBucketResult><Contents><Key>a</Key></Contents></ListBucketResult>')).toBeUndefined();
  });
});

describe('a request to an S3 server', () => {
  const cleanUps: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0)) await cleanUp();
  });

  async function scripted(answer: (response: ServerResponse, at: number) => void) {
    const seen: { readonly method: string; readonly url: string; readonly headers: IncomingHttpHeaders }[] = [];
    const server = createServer((request, response) => {
      request.resume();
      request.on('end', () => {
        seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers });
        answer(response, seen.length);
      });
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const address: AddressInfo | string | null = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    let credentials: S3Credentials = { accessKeyId: 'first', secretAccessKey: 'secret of first' };
    const store = createS3Store({
      ...SETTINGS,
      endpoint: `http://127.0.0.1:${port}`,
      region: 'eu-central-1',
      bucket: 'keys',
      prefix: 'of/us/',
      credentials: () => credentials,
    });
    cleanUps.push(async () => {
      await store.close();
      server.closeAllConnections();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
    });
    return { store, seen, port, become: (other: S3Credentials) => (credentials = other) };
  }

  it('goes to the bucket in the path, is signed with what it sends, and takes credentials anew each time', async () => {
    const { store, seen, become } = await scripted((response) => void response.writeHead(200, { etag: '"t"' }).end());
    await store.create('a/b', Buffer.from('body'));
    become({ accessKeyId: 'second', secretAccessKey: 'secret of second', sessionToken: 'a-session' });
    await store.replace('a/b', { bytes: Buffer.from('body'), tag: '"t"' });
    expect(seen.map(({ method, url }) => `${method} ${url}`)).toEqual(['PUT /keys/of/us/a/b', 'PUT /keys/of/us/a/b']);
    const [first, second] = seen.map(({ headers }) => headers);
    expect(first).toMatchObject({
      'if-none-match': '*',
      'x-amz-content-sha256': '230d8358dc8e8890b4c58deeb62912ee2f20357ae92a5cc861b98e68fe31acb5',
    });
    expect(first?.authorization).toMatch(/Credential=first\/\d{8}\/eu-central-1\/s3\/aws4_request.*SignedHeaders=[^,]*if-none-match/);
    expect(first?.['x-amz-security-token']).toBeUndefined();
    expect(second).toMatchObject({ 'if-match': '"t"', 'x-amz-security-token': 'a-session' });
    expect(second?.authorization).toMatch(/Credential=second\/.*SignedHeaders=[^,]*if-match[^,]*x-amz-security-token/);
    expect(JSON.stringify(seen)).not.toContain('secret of');
  });

  it('comes again where two conditional writes have met, and is not repeated otherwise', async () => {
    const meeting = await scripted(
      (response, at) => void response.writeHead(at < 3 ? 409 : 200, { etag: '"t"' }).end(error('ConditionalRequestConflict')),
    );
    expect(await meeting.store.create('a/b', Buffer.from('x'))).toBe('CREATED');
    expect(meeting.seen).toHaveLength(3);
    const failing = await scripted((response) => void response.writeHead(500).end());
    await expect(failing.store.create('a/b', Buffer.from('x'))).rejects.toMatchObject({ why: 'UNREACHABLE' });
    expect(failing.seen).toHaveLength(1);
  });

  it('has stored nothing and gives nothing if what answers is no S3 server, whatever status it gives', async () => {
    const { store } = await scripted(
      (response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>log in</html>'),
    );
    await expect(store.create('a/b', Buffer.from('x'))).rejects.toMatchObject({ why: 'REFUSED' });
    await expect(store.replace('a/b', { bytes: Buffer.from('x'), tag: '"t"' })).rejects.toMatchObject({ why: 'REFUSED' });
    await expect(store.read('a/b')).rejects.toMatchObject({ why: 'REFUSED', message: expect.stringContaining('set the endpoint of one') });
    await expect(allOf(store.list('a/'))).rejects.toMatchObject({ why: 'REFUSED' });
  });

  it('lists nothing that was not asked for, and no page for ever', async () => {
    const entry = (key: string): string =>
      `<Contents><Key>${key}</Key><LastModified>2026-01-02T03:04:05Z</LastModified><Size>7</Size></Contents>`;
    const keys = ['of/us/a/b', 'of/us/b/c', 'of/them/a/b', 'xx/yy/a/b', 'a/b'];
    const pageWith = (rest: string): string => `<ListBucketResult>${keys.map(entry).join('')}${rest}</ListBucketResult>`;
    const deaf = await scripted((response) => void response.end(pageWith('')));
    expect((await allOf(deaf.store.list('a/'))).map(({ name }) => name)).toEqual(['a/b']);
    const endless = pageWith('<IsTruncated>true</IsTruncated><NextContinuationToken>same</NextContinuationToken>');
    const { store, seen } = await scripted((response) => void response.end(endless));
    await expect(allOf(store.list('a/'))).rejects.toMatchObject({ why: 'REFUSED' });
    expect(seen).toHaveLength(2);
  });

  it('follows no redirection, which could lead anywhere', async () => {
    const { store, seen } = await scripted((response) => void response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end());
    await expect(store.read('a/b')).rejects.toMatchObject({ why: 'REFUSED' });
    expect(seen).toHaveLength(1);
  });

  it.each([
    ['no span and no header of a tracer', {}, 0],
    ['what everybody else leaves, if nothing were silent: the control', { SPANS_LOUD: 'at-once' }, 1],
  ] as const)('leaves %s', async (_, loud, least) => {
    const { seen, port } = await scripted((response) => void response.writeHead(200, { etag: '"t"' }).end());
    const spans = join(mkdtempSync(join(tmpdir(), 'spans-')), 'spans');
    writeFileSync(spans, '');
    const module = new URL('../../src/evidence/s3-store.ts', import.meta.url).href;
    const code = `import { createS3Store } from '${module}';
      const store = createS3Store({ setting: 's', serverSetting: 's', endpoint: 'http://127.0.0.1:${port}', region: 'r', bucket: 'keys', prefix: '',
        credentials: () => ({ accessKeyId: 'a', secretAccessKey: 'b' }) });
      await store.create('a/b', Buffer.from('x'));
      await store.close();`;
    const args = ['--import', 'tsx', '--import', './test/support/tracing.mjs', '--input-type=module', '-e', code];
    const child = spawn(process.execPath, args, { env: { ...process.env, SPANS_FILE: spans, ...loud }, stdio: 'inherit' });
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(seen).toHaveLength(1);
    const count = readFileSync(spans, 'utf8')
      .split('\n')
      .filter((line) => line.includes('instrumentation-undici')).length;
    rmSync(dirname(spans), { recursive: true });
    expect([Math.min(count, 1), seen[0]?.headers['traceparent'] !== undefined]).toEqual([least, least === 1]);
  });

  it('takes an answer that breaks off for none', async () => {
    const { store } = await scripted((response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('ten bytes.');
      setImmediate(() => response.destroy());
    });
    await expect(store.read('a/b')).rejects.toMatchObject({ why: 'UNREACHABLE' });
  });
});
