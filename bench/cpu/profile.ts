import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const cpuProfile = z.object({
  nodes: z.array(z.object({ id: z.number(), callFrame: z.object({ functionName: z.string(), url: z.string() }) })),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
});

/** Where one thread's samples fell: milliseconds of each owner, `idle` among them. */
export type ThreadProfile = { readonly thread: 'main' | 'workflows' | 'other'; readonly ownMs: ReadonlyMap<string, number> };

/** All V8 profiles below `dir`, one a thread. */
export function readProfiles(dir: string): ThreadProfile[] {
  const files = readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.cpuprofile'));
  return files.map((name) => profileOf(cpuProfile.parse(JSON.parse(readFileSync(join(dir, name), 'utf8')))));
}

/** Of one thread. */
export function profileOf({ nodes, samples, timeDeltas }: z.infer<typeof cpuProfile>): ThreadProfile {
  const owners = new Map(nodes.map(({ id, callFrame }) => [id, ownerOf(callFrame)]));
  const ownMs = new Map<string, number>();
  for (const [index, id] of samples.entries()) {
    const owner = owners.get(id) ?? 'unknown';
    ownMs.set(owner, (ownMs.get(owner) ?? 0) + (timeDeltas[index] ?? 0) / 1_000);
  }
  const urls = nodes.map(({ callFrame }) => callFrame.url);
  if (urls.some((url) => url.includes('workflow-worker-thread'))) return { thread: 'workflows', ownMs };
  return { thread: urls.some((url) => url.endsWith('workers/main.js')) ? 'main' : 'other', ownMs };
}

const BY_V8: Readonly<Record<string, string>> = {
  '(idle)': 'idle',
  '(garbage collector)': 'garbage collection',
  '(program)': 'native code outside JavaScript',
  '(root)': 'native code outside JavaScript',
};

/** Rooms of `dist`, packages of `node_modules`, the sandbox's bundle, Node.js itself. */
export function ownerOf({ functionName, url }: { readonly functionName: string; readonly url: string }): string {
  const byV8 = BY_V8[functionName];
  if (byV8 !== undefined) return byV8;
  const scoped = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1];
  if (scoped !== undefined) return scoped;
  if (url.startsWith('node:'))
    return `Node.js ${
      url
        .slice('node:'.length)
        .replace(/^internal\//, '')
        .split('/')[0]
    }`;
  const room = /\/dist\/(?:src\/)?([^/]+)\//.exec(url)?.[1];
  if (room !== undefined) return `ours: ${room}`;
  if (url.includes('workflow-bundle')) return 'the bundle in the sandbox';
  return url === '' ? 'built into V8' : url;
}
