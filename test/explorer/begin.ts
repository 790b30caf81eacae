import { workflowIdOf } from '../../src/domain/ids.ts';
import { inputOf, VERIFICATION_ID } from './size.ts';
import type { Scene } from './system.ts';
import { NEW_VENDOR } from './vendor.ts';
import type { World } from './world.ts';
import { firstStanding } from './workflow.ts';

/** Ingress has started the home run, and nothing else has happened yet. */
export function firstWorld({ size, rules }: Scene): World {
  const input = inputOf(size, rules);
  const home = {
    id: 'r0',
    workflowId: workflowIdOf(VERIFICATION_ID),
    originalRunId: 'r0',
    stamped: true,
    input,
    status: 'OPEN',
    tasks: [],
    inbox: [{ kind: 'STARTED' }],
    standing: firstStanding({ input }),
  } as const;
  return {
    nowMs: Date.parse(input.admittedAt),
    runs: [home],
    works: [],
    readGrants: [],
    revisionGrants: [],
    vendor: NEW_VENDOR,
    topic: [],
    perhaps: [],
    left: size.atMost,
  };
}
