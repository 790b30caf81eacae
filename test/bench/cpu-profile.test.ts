import { describe, expect, it } from 'vitest';
import { ownerOf, profileOf } from '../../bench/cpu/profile.ts';

describe('the owner of a stretch of processor time', () => {
  it.each([
    ['(idle)', '', 'idle'],
    ['(garbage collector)', '', 'garbage collection'],
    ['(program)', '', 'native code outside JavaScript'],
    ['activate', 'file:///x/node_modules/@temporalio/workflow/lib/internals.js', '@temporalio/workflow'],
    ['decode', '/x/node_modules/protobufjs/src/reader.js', 'protobufjs'],
    ['write', 'node:internal/tls/wrap', 'Node.js tls'],
    ['randomBytes', 'node:crypto', 'Node.js crypto'],
    ['judge', 'file:///x/dist/src/domain/judging/judge.js', 'ours: domain'],
    ['getResult', 'file:///x/dist/activities/get-result.js', 'ours: activities'],
    ['decide', '/x/dist/workflow-bundle.js', 'the bundle in the sandbox'],
    ['decide', 'workflow-bundle-1f0c.js', 'the bundle in the sandbox'],
    ['sort', '', 'built into V8'],
  ])('%s of "%s" is %s', (functionName, url, owner) => {
    expect(ownerOf({ functionName, url })).toBe(owner);
  });
});

describe('a profile', () => {
  const frames = (url: string) => [
    { id: 1, callFrame: { functionName: '(idle)', url: '' } },
    { id: 2, callFrame: { functionName: 'run', url } },
  ];

  it.each([
    ['/x/dist/workers/main.js', 'main', 'ours: workers'],
    ['/x/node_modules/@temporalio/worker/lib/workflow/workflow-worker-thread.js', 'workflows', '@temporalio/worker'],
    ['node:internal/worker', 'other', 'Node.js worker'],
  ])('with %s is of the thread: %s', (url, thread, owner) => {
    const profile = profileOf({ nodes: frames(url), samples: [1, 2, 2, 3], timeDeltas: [5_000, 1_000, 2_000, 500] });
    expect(profile.thread).toBe(thread);
    expect([...profile.ownMs]).toEqual([
      ['idle', 5],
      [owner, 3],
      ['unknown', 0.5],
    ]);
  });
});
