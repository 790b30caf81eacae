import { createHash } from 'node:crypto';
import { AwsV4Signer } from 'aws4fetch';
import { Agent, request } from 'undici';
import { backoffMs } from '../async/backoff.ts';
import { sleep } from '../async/sleep.ts';
import { systemCode } from '../contracts/errors.ts';
import { defined } from '../domain/defined.ts';
import { untraced } from '../tracing/untraced.ts';
import { type Blob, type BlobStore, isBlobName, type ListedBlob, StoreError } from './blob-store.ts';
import { codeOf, parsePage, refusalOf, type S3Answer } from './s3-answers.ts';

/** Taken anew for each request. */
export type S3Credentials = { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string };

type S3Options = {
  /** Names the store, for errors. */
  readonly setting: string;
  /** Begins the names of the settings of its server, for errors. */
  readonly serverSetting: string;
  /** Where its region comes from, if not from there. */
  readonly regionSetting?: string;
  /** Origin of the server; the bucket goes into the path. */
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  /** Empty, or ends in a slash. */
  readonly prefix: string;
  readonly credentials: () => S3Credentials;
  /** Limit of one request, its body included. */
  readonly requestTimeoutMs?: number;
};

const REQUEST_TIMEOUT_MS = 10_000;
const CONNECT_TIMEOUT_MS = 3_000;
const CONNECTIONS = 64;
/** Two conditional writes that meet: AWS answers 409 to one of them, which shall come again. */
const MEETINGS = 5;
const MEETING_PAUSE = { firstMs: 20, longestMs: 200, random: Math.random };

type S3Store = BlobStore & { close(): Promise<void> };

type Sending = {
  readonly method: 'GET' | 'PUT' | 'DELETE';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
};
type Answer = S3Answer & { readonly bytes: Uint8Array; readonly tag: string; readonly version: string | undefined };

/** A bucket of any server that speaks S3 with conditional writes. No request is repeated but where the server says that two have met. */
export function createS3Store(options: S3Options): S3Store {
  const { endpoint, bucket, prefix, setting } = options;
  /** Of a bucket with versions every answer to a write names one; where they are suspended, it is `null`. */
  let keepsVersions = false;
  const agent = new Agent({ connections: CONNECTIONS, connect: { timeout: CONNECT_TIMEOUT_MS } });
  const send = async (sending: Sending): Promise<Answer> => await sendSigned(sending, { ...options, agent });
  const urlOf = (name: string): string => {
    if (!isBlobName(name)) throw new Error('not a name of a blob');
    return `${endpoint}/${bucket}/${prefix}${name}`;
  };
  const put = async (
    name: string,
    { body, condition }: { body: Uint8Array; condition: Readonly<Record<string, string>> },
  ): Promise<Answer> => {
    for (let meeting = 1; ; meeting += 1) {
      const answer = await send({
        method: 'PUT',
        url: urlOf(name),
        headers: { ...condition, 'content-type': 'application/octet-stream' },
        body,
      });
      const version = answer.version ?? 'null';
      keepsVersions ||= version !== 'null';
      if (answer.status !== 409 || meeting === MEETINGS) return answer;
      await sleep(backoffMs(meeting, MEETING_PAUSE));
    }
  };
  return {
    async create(name, bytes) {
      const answer = await put(name, { body: bytes, condition: { 'if-none-match': '*' } });
      if (isTagged(answer)) return 'CREATED';
      if (answer.status === 412) return 'EXISTS';
      throw refusalOf(answer, options);
    },
    async replace(name, { bytes, tag }) {
      const answer = await put(name, { body: bytes, condition: { 'if-match': tag } });
      if (isTagged(answer)) return 'REPLACED';
      if (answer.status === 412 || isNoSuchKey(answer)) return 'CHANGED';
      throw refusalOf(answer, options);
    },
    async read(name, { firstBytes } = {}): Promise<Blob | undefined> {
      const headers = firstBytes === undefined ? {} : { range: `bytes=0-${firstBytes - 1}` };
      const answer = await send({ method: 'GET', url: urlOf(name), headers });
      if (isTagged(answer)) return { bytes: answer.bytes.subarray(0, firstBytes), tag: answer.tag };
      if (isNoSuchKey(answer)) return undefined;
      // A range of nothing: the object is empty.
      if (answer.status === 416) return { bytes: new Uint8Array(), tag: answer.tag };
      throw refusalOf(answer, options);
    },
    async delete(name) {
      const answer = await send({ method: 'DELETE', url: urlOf(name) });
      if (!isOk(answer) && !isNoSuchKey(answer)) throw refusalOf(answer, options);
    },
    async *list(folder): AsyncGenerator<ListedBlob> {
      let next: string | undefined;
      do {
        const query = new URLSearchParams({ 'list-type': '2', prefix: `${prefix}${folder}`, ...defined({ 'continuation-token': next }) });
        const answer = await send({ method: 'GET', url: `${endpoint}/${bucket}?${query.toString()}` });
        if (!isOk(answer)) throw refusalOf(answer, options);
        const page = parsePage(Buffer.from(answer.bytes).toString('utf8'));
        // One that begins anew for ever is none either.
        if (page === undefined || (page.next !== undefined && page.next === next))
          throw new StoreError('REFUSED', `${setting}: what answers lists no bucket; set the endpoint of an S3 server`);
        for (const { name, ...rest } of page.blobs) {
          const own = name.slice(prefix.length);
          // Of others, who keep something in the same bucket. What was not asked for least of all: whoever lists may be about to delete.
          if (name.startsWith(`${prefix}${folder}`) && isBlobName(own)) yield { name: own, ...rest };
        }
        ({ next } = page);
      } while (next !== undefined);
    },
    keepsVersions: () => keepsVersions,
    close: async () => await agent.close(),
  };
}

function isOk({ status }: S3Answer): boolean {
  return status >= 200 && status < 300;
}

/** An S3 server tells the tag of what it takes and gives. Whatever else answers 200, such as a page to log in at, has stored nothing. */
function isTagged(answer: Answer): boolean {
  return isOk(answer) && answer.tag !== '';
}

function isNoSuchKey(answer: S3Answer): boolean {
  return answer.status === 404 && codeOf(answer) === 'NoSuchKey';
}

async function sendSigned(sending: Sending, { agent, ...options }: S3Options & { readonly agent: Agent }): Promise<Answer> {
  const { setting, region, requestTimeoutMs = REQUEST_TIMEOUT_MS } = options;
  const { url, headers, method } = await signed(sending, { region, credentials: options.credentials() });
  const timeout = AbortSignal.timeout(requestTimeoutMs);
  try {
    // Headers hold a signature, and tracers write headers down.
    return await untraced(async () => {
      const response = await request(url, { method, headers, dispatcher: agent, signal: timeout, body: sending.body ?? null });
      const bytes = await response.body.bytes();
      const isError = response.statusCode >= 300;
      return {
        status: response.statusCode,
        bytes,
        text: isError ? Buffer.from(bytes).toString('utf8') : '',
        tag: String(response.headers['etag'] ?? ''),
        version: response.headers['x-amz-version-id']?.toString(),
      };
    });
  } catch (error) {
    if (error instanceof StoreError) throw error;
    const why = timeout.aborted ? `no answer within ${requestTimeoutMs / 1_000} s` : (systemCode(error) ?? 'no answer');
    throw new StoreError('UNREACHABLE', `${setting}: ${why}; look at the server, and at the endpoint`, { cause: error });
  }
}

type Signing = { readonly region: string; readonly credentials: S3Credentials };

async function signed({ method, url, headers, body }: Sending, { region, credentials }: Signing) {
  const signer = new AwsV4Signer({
    ...credentials,
    method,
    url,
    region,
    service: 's3',
    headers: {
      ...headers,
      'x-amz-content-sha256': createHash('sha256')
        .update(body ?? '')
        .digest('hex'),
    },
  });
  const request = await signer.sign();
  return { method, url: request.url.toString(), headers: Object.fromEntries(request.headers.entries()) };
}
