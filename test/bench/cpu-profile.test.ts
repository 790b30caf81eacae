import { describe, expect, it } from 'vitest';
import { ownerOf } from '../../bench/cpu/profile.ts';

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
