import type { z } from 'zod';
import { ConfigurationError } from '../contracts/errors.ts';
import { defined } from '../domain/defined.ts';
import type { Config } from './config.ts';
import { crossCheck } from './cross-check.ts';
import { deriveConfig } from './derive.ts';
import { didYouMean } from './did-you-mean.ts';
import { type Env, envSchema, variables } from './env.ts';
import { readFiles } from './kafka-security.ts';
import type { Problem } from './problem.ts';
import { Secret } from './redact.ts';
import type { Role } from './roles.ts';
import { isServiceLink, serviceOf } from './service-links.ts';
import { vendorProxyOf } from './vendor-proxy.ts';
import { FILE_BACKED, type ReadFile, readSecretFiles, readTextFile } from './secret-files.ts';
import { surroundings } from './surroundings.ts';

type Examined = {
  readonly problems: readonly Problem[];
  /** Of the sound variables: wrong ones count as absent. Undefined if nothing can be made of the rest. */
  readonly config: Config | undefined;
};

type LoadOptions = { readonly readFile?: ReadFile; readonly now?: () => number };

/**
 * Reads the `VF_*` variables. An empty one counts as absent (compose files pass those). Throws `ConfigurationError`
 * with every problem at once; the result is frozen.
 */
export function loadConfig(env: NodeJS.ProcessEnv, role: Role, options: LoadOptions = {}): Config {
  const { problems, config } = examineConfig(env, role, options);
  if (problems.length > 0 || config === undefined) throw new ConfigurationError(problems.map(({ text }) => text));
  return config;
}

/** Every problem, and what can be made of the settings in spite of them: for who examines an installation. */
export function examineConfig(env: NodeJS.ProcessEnv, role: Role, options: LoadOptions = {}): Examined {
  const own = ownVariables(env);
  const { readFile = readTextFile, now = Date.now } = options;
  const secrets = readSecretFiles(own, readFile);
  const parsed = envSchema.safeParse(secrets.raw);
  const issues = parsed.success ? [] : parsed.error.issues.flatMap((issue) => describeIssue(issue, secrets.raw));
  const problems = [...surroundings(env), ...secrets.problems, ...issues];
  const wrong = new Set(problems.flatMap((problem) => problem.variables));
  problems.push(...missingVariables(secrets.raw, role).filter((problem) => !rests(problem, wrong)));
  // Wrong variables fall back to their defaults, so that the cross-checks of the others are reported in the same go.
  const sound = parsed.success ? parsed.data : parseWithout(secrets.raw, wrong);
  if (sound === undefined) return { problems, config: undefined };
  problems.push(...crossCheck(sound, role).filter((problem) => !rests(problem, wrong)));
  const contents = readFiles(sound, { readFile, nowMs: now() });
  problems.push(...contents.problems);
  const { proxy, problem } = READERS.has(role) ? vendorProxyOf(env, sound.VF_FACEID_BASE_URL) : {};
  if (problem !== undefined) problems.push(problem);
  const config = deriveConfig(sound, { role, files: contents.files });
  const faceId = { ...config.faceId, ...defined({ proxy }) };
  const temporal = { ...config.temporal, ...defined({ profilesPath: env['TEMPORAL_CONFIG_FILE'] }) };
  return { problems, config: deepFreeze({ ...config, faceId, temporal }) };
}

/** The roles that ask the vendor. */
const READERS: ReadonlySet<Role> = new Set(['all', 'worker']);

/** The `VF_*` variables that have a value. What Kubernetes put there is left out, unless it took the place of a setting. */
export function ownVariables(env: NodeJS.ProcessEnv): Record<string, string> {
  const own: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith('VF_') || value === undefined || value.trim() === '') continue;
    if (name in envSchema.shape || !isServiceLink(name, value)) own[name] = value;
  }
  return own;
}

function parseWithout(raw: Record<string, string>, wrong: ReadonlySet<string>): Env | undefined {
  const rest = Object.fromEntries(Object.entries(raw).filter(([name]) => !wrong.has(name)));
  const parsed = envSchema.safeParse(rest);
  return parsed.success ? parsed.data : undefined;
}

function rests(problem: Problem, wrong: ReadonlySet<string>): boolean {
  return problem.variables.some((name) => wrong.has(name));
}

function describeIssue(issue: z.core.$ZodIssue, raw: Record<string, string>): Problem[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map(unknownVariable);
  const name = String(issue.path[0] ?? 'VF_*');
  const text = isServiceLink(name, raw[name] ?? '') ? linked(name) : issue.message;
  return [{ variables: [name], text: `${name}: ${text}` }];
}

function linked(name: string): string {
  return `holds what Kubernetes says of the Service ${serviceOf(name)}; set enableServiceLinks: false in the pod, or ${name} itself`;
}

function unknownVariable(name: string): Problem {
  const known = variables().map((variable) => variable.name);
  const near = didYouMean(name, known);
  const remedy = near === undefined ? 'remove it; `verdictflow config --help` lists the known ones' : `did you mean ${near}?`;
  return { variables: [name], text: `${name}: no such setting; ${remedy}` };
}

function missingVariables(raw: Record<string, string>, role: Role): Problem[] {
  return variables().flatMap((variable) => {
    if (raw[variable.name] !== undefined || !(variable.requiredFor ?? []).includes(role)) return [];
    const or = FILE_BACKED.includes(variable.name) ? ` or ${variable.name}_FILE` : '';
    return [
      {
        variables: [variable.name],
        text: `${variable.name}: missing, role ${role} needs it; set ${variable.name}${or} (${variable.form})`,
      },
    ];
  });
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || value instanceof Secret || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) deepFreeze(part);
  return Object.freeze(value);
}
