import type { Config } from '../src/config/config.ts';
import { policyProblems, resolvePolicy } from '../src/domain/profiles.ts';
import type { Policy, PolicyProfile } from '../src/domain/policy.ts';

/** The policy of a request: the profile it names, else the configured one. Undefined if the settings do not allow it. */
export function createPolicyFor({ policy: { profile, settings } }: Config): (asked: PolicyProfile | undefined) => Policy | undefined {
  const policies = new Map<PolicyProfile, Policy | undefined>();
  return (asked = profile) => {
    if (!policies.has(asked))
      policies.set(asked, policyProblems(asked, settings).length === 0 ? resolvePolicy(asked, settings) : undefined);
    return policies.get(asked);
  };
}
