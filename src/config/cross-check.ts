import { policyProblems } from '../domain/reading/plan.ts';
import { policySettings } from './derive.ts';
import { formatDuration } from './duration.ts';
import type { Env } from './env.ts';
import { evidenceFindings } from './evidence-rules.ts';
import { kafkaSecurityFindings } from './kafka-security.ts';
import type { Problem } from './problem.ts';
import type { Role } from './roles.ts';
import { RATE_LIMIT_MAX_WAIT_MS } from './timeouts.ts';

/** What no single variable can tell. Each finding names every variable it rests on. */
export function crossCheck(env: Env, role: Role): readonly Problem[] {
  return [
    ...policyFindings(env),
    ...timeoutFindings(env),
    ...retentionFindings(env),
    ...kafkaSecurityFindings(env),
    ...topicFindings(env),
    ...evidenceFindings(env, role),
  ];
}

/** The domain's findings name the variables they rest on; which of the others count, the profile decides. */
function policyFindings(env: Env): Problem[] {
  return policyProblems(env.VF_POLICY_PROFILE, policySettings(env)).map((text) => ({
    variables: ['VF_POLICY_PROFILE', ...(text.match(/VF_[A-Z_]+/g) ?? [])],
    text,
  }));
}

function timeoutFindings(env: Env): Problem[] {
  const longestReadMs = RATE_LIMIT_MAX_WAIT_MS + env.VF_FACEID_TIMEOUT;
  if (env.VF_SHUTDOWN_TIMEOUT > longestReadMs) return [];
  const remedy = `make it longer than ${formatDuration(longestReadMs)} (${formatDuration(RATE_LIMIT_MAX_WAIT_MS)} for its turn and VF_FACEID_TIMEOUT)`;
  return [
    {
      variables: ['VF_SHUTDOWN_TIMEOUT', 'VF_FACEID_TIMEOUT'],
      text: `VF_SHUTDOWN_TIMEOUT: ${formatDuration(env.VF_SHUTDOWN_TIMEOUT)} could cut off a read in flight; ${remedy}`,
    },
  ];
}

function retentionFindings(env: Env): Problem[] {
  if (env.VF_NAMESPACE_RETENTION >= env.VF_WINDOW) return [];
  const [retention, window] = [formatDuration(env.VF_NAMESPACE_RETENTION), formatDuration(env.VF_WINDOW)];
  return [
    {
      variables: ['VF_NAMESPACE_RETENTION', 'VF_WINDOW'],
      text: `VF_NAMESPACE_RETENTION: ${retention} is shorter than VF_WINDOW (${window}), and a token could be read again within it; make it longer`,
    },
  ];
}

function topicFindings(env: Env): Problem[] {
  const byTopic = new Map<string, string[]>();
  for (const [name, topic] of Object.entries(env)) {
    if (typeof topic === 'string' && name.endsWith('_TOPIC')) byTopic.set(topic, [...(byTopic.get(topic) ?? []), name]);
  }
  return [...byTopic.values()].flatMap((names) =>
    names.length < 2 ? [] : [{ variables: names, text: `${names.join(', ')}: name the same topic; give each its own` }],
  );
}
