import { resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { z } from 'zod';
import { isLoopback } from '../contracts/loopback.ts';
import { field } from './fields.ts';

/** Where evidence or its keys lie. `prefix`: empty, or ends in a slash. */
export type StoreAddress =
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 's3'; readonly bucket: string; readonly prefix: string };

const HOW = 'write file:/an/absolute/folder or s3://bucket/prefix';
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
/** Nothing that a URL would write otherwise, so that what is signed is what is sent. */
const PREFIX = /^([A-Za-z0-9_-][A-Za-z0-9._-]*\/)*$/;

/** `file:…` or `s3://…`. */
export function storeAddress(): z.ZodType<StoreAddress, string> {
  return field((text) => {
    const address = parseAddress(text);
    return address === undefined ? { problem: `is no store; ${HOW}` } : { value: address };
  });
}

/** The same, or `off`. */
export function storeAddressOrOff(): z.ZodType<StoreAddress | 'off', string> {
  return field((text) => {
    const address = text === 'off' ? text : parseAddress(text);
    return address === undefined ? { problem: `is neither off nor a store; ${HOW}` } : { value: address };
  });
}

/** Both go into headers, where a blank or a line break would end them. */
export function accessKeyId(): z.ZodType<string, string> {
  return field((text) =>
    /^[\w.@+=-]{1,128}$/.test(text) ? { value: text } : { problem: 'is no access key; write its id, without blanks' },
  );
}

export function sessionToken(): z.ZodType<string, string> {
  return field((text) => (/^[\x21-\x7e]{1,8192}$/.test(text) ? { value: text } : { problem: 'is no session token; write it in one line' }));
}

export function isOpenEndpoint(endpoint: string): boolean {
  const { protocol, hostname } = new URL(endpoint);
  return protocol === 'http:' && !isLoopback(hostname);
}

/** True if one lies within the other. Of two servers whose buckets have the same name nobody here can tell that they are two. */
export function overlap(one: StoreAddress, other: StoreAddress): boolean {
  if (one.kind === 'folder') return other.kind === 'folder' && isWithin(`${one.path}${sep}`, `${other.path}${sep}`);
  return other.kind === 's3' && one.bucket === other.bucket && isWithin(one.prefix, other.prefix);
}

function isWithin(one: string, other: string): boolean {
  return one.startsWith(other) || other.startsWith(one);
}

function parseAddress(text: string): StoreAddress | undefined {
  const [, bucket = '', rest = ''] = /^s3:\/\/([^/]*)\/?(.*)$/.exec(text) ?? [];
  if (bucket !== '') {
    const prefix = rest === '' || rest.endsWith('/') ? rest : `${rest}/`;
    return BUCKET.test(bucket) && PREFIX.test(prefix) ? { kind: 's3', bucket, prefix } : undefined;
  }
  // Without the slash after it a URL makes an absolute path of a relative one.
  if (!/^file:(\/\/)?\/[^/]/.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.host !== '' || url.search !== '' || url.hash !== '' || /%2f|%00/i.test(url.pathname)) return undefined;
  const path = resolve(fileURLToPath(url));
  return path === sep ? undefined : { kind: 'folder', path };
}
