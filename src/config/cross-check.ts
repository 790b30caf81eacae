import { isLoopback } from '../contracts/loopback.ts';
import { policyProblems } from '../domain/reading/plan.ts';
import { policySettings } from './derive.ts';
import { formatDuration } from './duration.ts';
import type { Env } from './env.ts';
import { evidenceFindings, keepsEvidence } from './evidence-rules.ts';
import { kafkaSecurityFindings } from './kafka-security.ts';
import { finding, type Problem } from './problem.ts';
import type { Role } from './roles.ts';
import { RATE_LIMIT_MAX_WAIT_MS } from './timeouts.ts';

/** What no single variable can tell. Each finding names every variable it rests on. */
export function crossCheck(env: Env, role: Role): readonly Problem[] {
  return [
    ...policyFindings(env),
    ...timeoutFindings(env, role),
    ...retentionFindings(env),
    ...kafkaSecurityFindings(env),
    ...topicFindings(env),
    ...codecFindings(env),
    ...evidenceFindings(env, role),
  ];
}

/** The codec server holds the payload keys and must not be able to open tokens; and what it tells must not cross a network in clear. */
function codecFindings(env: Env): Problem[] {
  const { VF_CODEC_HOST: host, VF_CODEC_TLS_CERT_FILE: cert, VF_CODEC_TLS_KEY_FILE: key } = env;
  const findings: Problem[] = [];
  const tokenKeys = env.VF_TOKEN_KEYS ?? [];
  const shared = env.VF_PAYLOAD_KEYS?.find((one) => tokenKeys.some((other) => other.key.reveal().equals(one.key.reveal())));
  if (shared !== undefined)
    findings.push({
      variables: ['VF_PAYLOAD_KEYS', 'VF_TOKEN_KEYS'],
      text: `VF_PAYLOAD_KEYS: key "${shared.id}" is a key of VF_TOKEN_KEYS as well, so whoever decrypts payloads could open tokens; make another one`,
    });
  const pair = ['VF_CODEC_TLS_CERT_FILE', 'VF_CODEC_TLS_KEY_FILE'] as const;
  const missing = [...(cert === undefined ? [pair[0]] : []), ...(key === undefined ? [pair[1]] : [])];
  if (missing.length === 1) findings.push({ variables: pair, text: `${missing.join('')}: missing beside the other one; set both or none` });
  if (isLoopback(host)) return findings;
  const lacking = [...(env.VF_CODEC_TOKENS === undefined ? ['VF_CODEC_TOKENS'] : []), ...missing];
  if (lacking.length > 0)
    findings.push({
      variables: ['VF_CODEC_HOST', ...lacking],
      text: `VF_CODEC_HOST: is reached from other machines and needs ${lacking.join(', ')} then; set them, or listen on 127.0.0.1`,
    });
  return findings;
}

/** The domain's findings name the variables they rest on; which of the others count, the profile decides. */
function policyFindings(env: Env): Problem[] {
  return policyProblems(env.VF_POLICY_PROFILE, policySettings(env)).map((text) => ({
    variables: ['VF_POLICY_PROFILE', ...(text.match(/VF_[A-Z_]+/g) ?? [])],
    text,
  }));
}

/** What a read may take, its evidence included where it is kept: a shutdown waits for it. */
function timeoutFindings(env: Env, role: Role): Problem[] {
  const keeps = keepsEvidence(env, role);
  const longestMs = RATE_LIMIT_MAX_WAIT_MS + env.VF_FACEID_TIMEOUT + (keeps ? env.VF_EVIDENCE_TIMEOUT : 0);
  if (env.VF_SHUTDOWN_TIMEOUT > longestMs) return [];
  const turn = `${formatDuration(RATE_LIMIT_MAX_WAIT_MS)} for its turn`;
  const [what, parts] = keeps
    ? ['a read that keeps its evidence', `${turn}, VF_FACEID_TIMEOUT and VF_EVIDENCE_TIMEOUT`]
    : ['a read in flight', `${turn} and VF_FACEID_TIMEOUT`];
  const remedy = `make it longer than ${formatDuration(longestMs)} (${parts})`;
  return [
    finding(
      ['VF_SHUTDOWN_TIMEOUT', 'VF_FACEID_TIMEOUT', ...(keeps ? ['VF_EVIDENCE_TIMEOUT'] : [])],
      `${formatDuration(env.VF_SHUTDOWN_TIMEOUT)} could cut off ${what}; ${remedy}`,
    ),
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
