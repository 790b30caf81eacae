import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { ROOT } from '../../scripts/docs/documents.ts';
import { HELM } from './tools.ts';

export const CHART = join(ROOT, 'deploy/chart');
const OWN = ['config.VF_KAFKA_BROKERS="kafka:9092"', 'config.TEMPORAL_ADDRESS="temporal:7233"'];

type Variable = {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly secretKeyRef: { readonly key: string } };
};
type Container = {
  readonly name: string;
  readonly image: string;
  readonly imagePullPolicy: string;
  readonly args: readonly string[];
  readonly env: readonly Variable[];
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
};
type Volume = { readonly name: string; readonly secret?: { readonly items?: readonly { readonly path: string }[] } };
type PodSpec = {
  readonly terminationGracePeriodSeconds?: number;
  readonly containers: readonly Container[];
  readonly enableServiceLinks: boolean;
  readonly securityContext: object;
  readonly serviceAccountName: string;
  readonly volumes?: readonly Volume[];
};
type Texts = Readonly<Record<string, string>>;
type PodTemplate = { readonly metadata: { readonly labels: Texts; readonly annotations?: Texts }; readonly spec: PodSpec };

/** One object of the rendered chart. */
export type Manifest = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels: Texts };
  readonly spec: {
    readonly replicas?: number;
    readonly template: PodTemplate;
    readonly minReplicaCount?: number;
    readonly scaleTargetRef?: { readonly name: string };
  };
};

export function chartFile(name: string): string {
  return readFileSync(join(CHART, name), 'utf8');
}

type Options = {
  /** Of another chart, which takes all settings as they are given. */
  readonly chart?: string;
  readonly flags?: readonly string[];
};

/** What `helm` says to these settings, each a path and its value as JSON; rejects with its message. */
export async function helm(command: 'lint' | 'template', settings: readonly string[] = [], options: Options = {}): Promise<string> {
  const { chart = CHART, flags = [] } = options;
  const values = [...(chart === CHART ? OWN : []), ...settings].flatMap((setting) => ['--set-json', setting]);
  const target = command === 'template' ? ['template', 'fv', chart, '--kube-version', '1.37.0'] : ['lint', '--strict', chart];
  const { stdout } = await promisify(execFile)(HELM ?? 'helm', [...target, ...flags, ...values]);
  return stdout;
}

export async function rendered(settings: readonly string[] = [], options: Options = {}): Promise<readonly Manifest[]> {
  const documents = parseAllDocuments(await helm('template', settings, options));
  return documents.map((document): Manifest => document.toJS()).filter((manifest) => manifest !== null);
}

/** The pods of a role, or of `setup`. */
export function podOf(manifests: readonly Manifest[], role: string): PodSpec {
  return podTemplateOf(manifests, role).spec;
}

/** The same with labels and annotations. */
export function podTemplateOf(manifests: readonly Manifest[], role: string): PodTemplate {
  const found = manifests.find(({ kind, metadata }) => ['Deployment', 'Job'].includes(kind) && metadata.name.endsWith(`-${role}`));
  if (found === undefined) throw new Error(`the chart renders no pods for ${role}`);
  return found.spec.template;
}
