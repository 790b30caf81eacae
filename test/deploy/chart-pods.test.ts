import { describe, expect, it } from 'vitest';
import { lacking } from '../support/lacking.ts';
import { podOf, rendered } from './chart.ts';
import { WHY_NO_HELM } from './tools.ts';

const PODS = ['ingress', 'worker', 'sweeper', 'setup'];
const SWEEPER = 'sweeper.enabled=true';

describe.skipIf(lacking(WHY_NO_HELM, { tests: 'the pods of the chart' }))('the pods of the chart', () => {
  it('are pulled by the policy of their role, else by that of all', async () => {
    const manifests = await rendered([SWEEPER, 'image.pullPolicy="Always"', 'worker.image={"pullPolicy":"Never"}']);
    const policies = PODS.map((role) => podOf(manifests, role).containers[0]?.imagePullPolicy);
    expect(policies).toEqual(['Always', 'Never', 'Always', 'Always']);
  });
});
