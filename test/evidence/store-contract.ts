import { randomBytes, randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { BlobStore } from '../../src/evidence/blob-store.ts';

export async function allOf<T>(source: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const one of source) all.push(one);
  return all;
}

/** What each kind of store promises, as tests by their names; the store is empty. */
export const PROMISES: readonly (readonly [name: string, shown: (store: BlobStore) => Promise<void>])[] = [
  [
    'gives back what was put, whole or its beginning, with one tag',
    async (store) => {
      const bytes = randomBytes(100_000);
      expect(await store.create('some/blob', bytes)).toBe('CREATED');
      const whole = await store.read('some/blob');
      const beginning = await store.read('some/blob', { firstBytes: 500 });
      expect(bytes.equals(whole?.bytes ?? Buffer.alloc(0))).toBe(true);
      expect(bytes.subarray(0, 500).equals(beginning?.bytes ?? Buffer.alloc(0))).toBe(true);
      expect(beginning?.tag).toBe(whole?.tag);
    },
  ],
  [
    'keeps an object of nothing, and of more bytes than any image has',
    async (store) => {
      await store.create('some/empty', new Uint8Array());
      expect((await store.read('some/empty'))?.bytes).toHaveLength(0);
      expect((await store.read('some/empty', { firstBytes: 5 }))?.bytes).toHaveLength(0);
      const large = randomBytes(12 * 1_048_576);
      await store.create('some/large', large);
      expect(large.equals((await store.read('some/large'))?.bytes ?? Buffer.alloc(0))).toBe(true);
    },
  ],
  [
    'knows nothing that was not put or was deleted, and deletes what is not there',
    async (store) => {
      expect(await store.read('no/where')).toBeUndefined();
      await store.delete('no/where');
      await store.create('some/blob', Buffer.from('1'));
      await store.delete('some/blob');
      expect(await store.read('some/blob')).toBeUndefined();
      expect(await store.create('some/blob', Buffer.from('2'))).toBe('CREATED');
    },
  ],
  [
    'overwrites nothing, unless it is what was read',
    async (store) => {
      await store.create('some/blob', Buffer.from('first'));
      expect(await store.create('some/blob', Buffer.from('second'))).toBe('EXISTS');
      const tag = (await store.read('some/blob'))?.tag ?? '';
      expect(await store.replace('some/blob', { bytes: Buffer.from('third'), tag })).toBe('REPLACED');
      expect(await store.replace('some/blob', { bytes: Buffer.from('fourth'), tag })).toBe('CHANGED');
      expect(Buffer.from((await store.read('some/blob'))?.bytes ?? []).toString()).toBe('third');
      expect(await store.replace('no/where', { bytes: Buffer.from('fifth'), tag })).toBe('CHANGED');
      await store.delete('some/blob');
      expect(await store.replace('some/blob', { bytes: Buffer.from('sixth'), tag })).toBe('CHANGED');
      expect(await store.read('some/blob')).toBeUndefined();
    },
  ],
  [
    'lets one of many win who create or replace the same at once, and gives a whole object throughout',
    async (store) => {
      const texts = Array.from({ length: 24 }, (_, writer) => `${writer} `.repeat(5_000));
      const created = await Promise.all(texts.map(async (text) => await store.create('some/blob', Buffer.from(text))));
      expect(created.filter((result) => result === 'CREATED')).toHaveLength(1);
      const before = await store.read('some/blob');
      expect(Buffer.from(before?.bytes ?? []).toString()).toBe(texts[created.indexOf('CREATED')]);
      const next = texts.map((text) => `next ${text}`);
      const replaced = await Promise.all(
        next.map(async (text) => await store.replace('some/blob', { bytes: Buffer.from(text), tag: before?.tag ?? '' })),
      );
      expect(replaced.filter((result) => result === 'REPLACED')).toHaveLength(1);
      expect(Buffer.from((await store.read('some/blob'))?.bytes ?? []).toString()).toBe(next[replaced.indexOf('REPLACED')]);
    },
  ],
  [
    'lists what is in a folder, and everything, with sizes and times',
    async (store) => {
      const startedAtMs = Date.now();
      const names = Array.from({ length: 30 }, () => `folder/${randomUUID()}`);
      await Promise.all([...names, 'folder2/other'].map(async (name) => await store.create(name, Buffer.from('four'))));
      const listed = await allOf(store.list('folder/'));
      expect(listed.map(({ name }) => name).toSorted()).toEqual(names.toSorted());
      expect(new Set(listed.map(({ bytes }) => bytes))).toEqual(new Set([4]));
      for (const { storedAtMs } of listed) expect(Math.abs(storedAtMs - startedAtMs)).toBeLessThan(60_000);
      expect(await allOf(store.list(''))).toHaveLength(31);
      expect(await allOf(store.list('nothing/'))).toEqual([]);
    },
  ],
  [
    'takes no name that could lead elsewhere',
    async (store) => {
      for (const name of [
        '../x',
        'a/../../x',
        '/etc/passwd',
        'a',
        '',
        'a/',
        'a/.b',
        '.a/b',
        'a/b/c',
        'a\\b',
        'a/b\n',
        'a/b\0',
        'A/b',
        'a/%2e%2e',
      ]) {
        await expect(store.create(name, new Uint8Array())).rejects.toThrow('not a name');
        await expect(store.read(name)).rejects.toThrow('not a name');
        await expect(store.delete(name)).rejects.toThrow('not a name');
      }
    },
  ],
];
