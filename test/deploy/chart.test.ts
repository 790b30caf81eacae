import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type AnySchemaObject } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ROOT } from '../../scripts/docs/documents.ts';
import { parseDuration } from '../../src/config/duration.ts';
import { variables } from '../../src/config/env.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { Config } from '../../src/config/config.ts';
import { lacking } from '../support/lacking.ts';
import { CHART, chartFile, helm, type Manifest, podOf, rendered } from './chart.ts';
import { kubernetesSchemas, WHY_NO_HELM } from './tools.ts';

const values: Readonly<Record<string, unknown>> = parse(chartFile('values.yaml'));
const valuesSchema: AnySchemaObject = JSON.parse(chartFile('values.schema.json'));
const fits = new Ajv({ strict: false }).compile(valuesSchema);

describe('the chart', () => {
  const text = ['values.yaml', 'values.schema.json', ...readdirSync(join(CHART, 'templates')).map((name) => `templates/${name}`)]
    .map(chartFile)
    .join('\n');

  it('names only settings that exist', () => {
    const known = new Set(variables().map(({ name }) => name));
    const named = new Set(text.match(/\bVF_[A-Z0-9_]*[A-Z0-9]\b/g));
    expect(named.size).toBeGreaterThan(8);
    expect([...named].filter((name) => !known.has(name))).toEqual([]);
  });

  it('repeats the defaults of the service where it computes with them', () => {
    const defaults = [...text.matchAll(/\.(VF_[A-Z_]+) \| default "([^"]+)"/g)].map(([, name, value]) => ({ name, default: value }));
    expect(defaults).toHaveLength(3);
    expect(variables()).toEqual(expect.arrayContaining(defaults.map((one) => expect.objectContaining(one))));
  });

  it('has default values that its own schema accepts, and the version of the package', () => {
    expect([fits(values), fits.errors]).toEqual([true, null]);
    const { version }: { readonly version: string } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect(parse(chartFile('Chart.yaml'))).toMatchObject({ appVersion: version });
  });

  it.each([
    ...variables().flatMap(({ name, secret }) => (secret ? [[name, 'x']] : [])),
    // What can hold a secret of the settings that are not ours: of Temporal's, of the AWS SDK that signs for Amazon MSK, of tracing.
    ['TEMPORAL_API_KEY', 'x'],
    ['TEMPORAL_TLS_CLIENT_KEY_DATA', 'x'],
    ['TEMPORAL_CODEC_AUTH', 'x'],
    ['TEMPORAL_GRPC_META_AUTHORIZATION', 'x'],
    ['AWS_SECRET_ACCESS_KEY', 'x'],
    ['AWS_SESSION_TOKEN', 'x'],
    ['AWS_CONTAINER_AUTHORIZATION_TOKEN', 'x'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'x'],
    ['OTEL_EXPORTER_OTLP_TRACES_HEADERS', 'x'],
    ['HTTPS_PROXY', 'http://user:password@proxy:3128'],
    ['HTTP_PROXY', 'user:password@proxy:3128'],
    ['ALL_PROXY', 'socks5://user:password@proxy:1080'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'https://user:password@collector:4318'],
    ...variables().flatMap(({ name, secret }) => (secret ? [] : [[name, 'https://user:password@host/path']])),
  ])('refuses the secret %s in plain values', (name, value) => {
    for (const place of ['', 'ingress', 'worker']) {
      const config = { config: { [name]: value } };
      expect([place, fits(place === '' ? config : { [place]: config })]).toEqual([place, false]);
    }
  });

  it.each([
    ...variables().flatMap(({ name, secret }) => (secret ? [] : [[name, 'https://host:8080/path@1']])),
    ['VF_FACEID_API_SECRET_FILE', '/run/own'],
    ['TEMPORAL_TLS_CLIENT_KEY_PATH', '/run/key'],
    ['AWS_ACCESS_KEY_ID', 'x'],
    ['AWS_WEB_IDENTITY_TOKEN_FILE', '/run/token'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'https://collector:4318'],
    ['HTTPS_PROXY', 'http://proxy:3128'],
  ])('takes %s in plain values, which tells no secret', (name, value) => {
    expect(fits({ config: { [name]: value } })).toBe(true);
  });
});

const UNPRIVILEGED = { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } };
const DIGEST = `sha256:${'0'.repeat(64)}`;
const ALL_OPTIONS = [
  'sweeper.enabled=true',
  'config.VF_EVIDENCE_STORE="s3://evidence"',
  'config.VF_EVIDENCE_KEY_STORE="s3://evidence-keys"',
  'secrets.worker.VF_EVIDENCE_KEYS_FILE="evidence-keys"',
  'config.VF_SHUTDOWN_TIMEOUT="60s"',
  'keda={"enabled":true,"authenticationRef":"kafka"}',
  'podMonitor.enabled=true',
  'networkPolicy={"enabled":true,"metricsFrom":[{"namespaceSelector":{}}],"egress":[{}]}',
  'secrets.common={"VF_KAFKA_SASL_PASSWORD_FILE":"kafka-password","VF_EVIDENCE_S3_ACCESS_KEY_ID_FILE":"s3-id","VF_EVIDENCE_S3_SECRET_ACCESS_KEY_FILE":"s3-secret"}',
  'config.VF_KAFKA_SSL="true"',
  'config.VF_KAFKA_SASL_MECHANISM="plain"',
  'config.VF_KAFKA_SASL_USERNAME="fv"',
  'imagePullSecrets=[{"name":"registry"}]',
  'tolerations=[{"operator":"Exists"}]',
  'nodeSelector={"kubernetes.io/os":"linux"}',
  'affinity={"nodeAffinity":{}}',
  'podAnnotations={"a":"b"}',
  'podLabels={"c":"d"}',
  'setup.podAnnotations={"a":"e"}',
  'setup.podLabels={"f":"g"}',
  'setup.serviceAccountName="prepared"',
  'secrets.worker.NODE_EXTRA_CA_CERTS="ca.crt"',
  'extraVolumes=[{"name":"kafka-user","secret":{"secretName":"user"}}]',
  'extraVolumeMounts=[{"name":"kafka-user","mountPath":"/etc/kafka-user","readOnly":true}]',
  'worker.extraVolumes=[{"name":"trust","configMap":{"name":"trust"}}]',
  'worker.extraVolumeMounts=[{"name":"trust","mountPath":"/etc/trust","readOnly":true}]',
  `image.digest="${DIGEST}"`,
];

describe.skipIf(lacking(WHY_NO_HELM, { tests: 'the rendered chart' }))('the rendered chart', () => {
  let problemsOf: (manifest: Manifest) => readonly string[];
  beforeAll(async () => {
    problemsOf = kubernetesChecker(await kubernetesSchemas());
  }, 120_000);

  it('passes helm lint', async () => {
    expect(await helm('lint')).toContain('0 chart(s) failed');
  });

  it.each([
    ['by default', []],
    ['with everything switched on', ALL_OPTIONS],
    ['with everything switched off', ['setup.enabled=false', 'podDisruptionBudget.enabled=false', 'serviceAccount.create=false']],
  ])('%s is what Kubernetes takes', async (_title, settings) => {
    const manifests = await rendered(settings);
    expect(manifests.length).toBeGreaterThanOrEqual(2);
    expect(manifests.flatMap((manifest) => problemsOf(manifest))).toEqual([]);
  });

  it('with a misspelt field is not: the check can fail', async () => {
    const manifests = await rendered();
    const misspelt = manifests.map((manifest) => ({ ...manifest, spec: { ...manifest.spec, misspelt: 1 } }));
    expect(misspelt.filter((manifest) => problemsOf(manifest).length === 0)).toEqual([]);
  });

  it.each([
    ['by default', []],
    ['with everything switched on', ALL_OPTIONS],
  ])('%s gives each role settings that it starts with, and a key of the Secret for each secret', async (_title, settings) => {
    const manifests = await rendered(settings);
    for (const role of ['ingress', 'worker', 'cli'] as const) {
      const config = configOf(manifests, role);
      expect(config.kafka.brokers).toEqual(['kafka:9092']);
      expect(config.adminPort).toBe(9464);
    }
    expect(configOf(manifests, 'worker').faceId.apiSecret?.reveal()).toBe('content of faceid-api-secret');
    // Who does not ask the vendor does not hold its keys.
    expect(JSON.stringify([podOf(manifests, 'ingress'), podOf(manifests, 'setup')])).not.toContain('faceid');
  });

  it('has a sweeper only if it is switched on, and then without any key', async () => {
    const off = await rendered();
    expect(() => podOf(off, 'sweeper')).toThrow('no pods');
    const on = await rendered(ALL_OPTIONS);
    expect(configOf(on, 'sweeper')).toMatchObject({ evidence: { store: { bucket: 'evidence' }, keys: [] }, tokenKeys: [] });
    expect(JSON.stringify(podOf(on, 'sweeper'))).not.toMatch(/_KEYS_FILE|faceid-api/);
  });

  it('lets nobody run as root, write to the disk, or be told of Services', async () => {
    const manifests = await rendered(ALL_OPTIONS);
    for (const role of ['ingress', 'worker', 'sweeper', 'setup']) {
      const pod = podOf(manifests, role);
      expect(pod).toMatchObject({ enableServiceLinks: false, automountServiceAccountToken: false });
      expect(pod.securityContext).toEqual({ ...UNPRIVILEGED, runAsUser: 1000, runAsGroup: 1000, fsGroup: 1000 });
      expect(pod.containers).toEqual([
        expect.objectContaining({
          securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
        }),
      ]);
    }
  });

  it.each([
    // An id as OpenShift gives them, which Helm would write as 1.00068e+09.
    ['runAsUser=1000680000', { runAsUser: 1_000_680_000, runAsGroup: 1000, fsGroup: 1000 }],
    ['fsGroup=null', { runAsUser: 1000, runAsGroup: 1000 }],
    ['runAsUser=null runAsGroup=null fsGroup=null', {}],
  ])('with podSecurityContext %s gives the pods these ids and leaves the others to the cluster: %j', async (given, ids) => {
    const settings = [...ALL_OPTIONS, ...given.split(' ').map((id) => `podSecurityContext.${id}`)];
    const [manifests, text] = [await rendered(settings), await helm('template', settings)];
    for (const role of ['ingress', 'worker', 'sweeper', 'setup']) {
      expect(podOf(manifests, role).securityContext).toEqual({ ...UNPRIVILEGED, ...ids });
    }
    for (const [name, id] of Object.entries(ids)) expect(text).toContain(`${name}: ${id}\n`);
  });

  it.each([
    [undefined, 60],
    ['45s', 90],
    ['2m', 240],
    ['30500ms', 61],
    ['1h', 7200],
  ])('with VF_SHUTDOWN_TIMEOUT=%s kills a worker after %i s, twice the time that a phase may take', async (timeout, seconds) => {
    const settings = timeout === undefined ? [] : [`worker.config={"VF_SHUTDOWN_TIMEOUT":"${timeout}"}`];
    const manifests = await rendered(settings);
    const { terminationGracePeriodSeconds: given = 0 } = podOf(manifests, 'worker');
    expect(given).toBe(seconds);
    expect(given * 1_000).toBeGreaterThanOrEqual(2 * (parseDuration(timeout ?? '30s') ?? 0));
    expect(podOf(manifests, 'ingress').terminationGracePeriodSeconds).toBe(60);
  });

  it.each([
    ['', '', 'verdictflow:0.2.0-dev'],
    ['', '{"tag":"0.1.0"}', 'verdictflow:0.1.0'],
    [`{"digest":"${DIGEST}"}`, '', `verdictflow:0.2.0-dev@${DIGEST}`],
    // Else the digest of the new version would decide over the old tag.
    [`{"digest":"${DIGEST}"}`, '{"tag":"0.1.0"}', 'verdictflow:0.1.0'],
    ['{"repository":"registry.example/vf"}', `{"tag":"0.1.0","digest":"${DIGEST}"}`, `registry.example/vf:0.1.0@${DIGEST}`],
  ])('with image=%s and ingress.image=%s runs %s there, and the common image elsewhere', async (common, own, image) => {
    const settings = [...(common === '' ? [] : [`image=${common}`]), ...(own === '' ? [] : [`ingress.image=${own}`])];
    const [manifests, without] = [await rendered(settings), await rendered(settings.filter((setting) => setting.startsWith('image')))];
    expect(podOf(manifests, 'ingress').containers.map((container) => container.image)).toEqual([image]);
    for (const role of ['worker', 'setup']) expect(podOf(manifests, role)).toEqual(podOf(without, role));
  });

  it('leaves the number of ingress pods to KEDA, which scales them alone and never to none', async () => {
    const manifests = await rendered(['keda.enabled=true']);
    const [scaled] = manifests.filter(({ kind }) => kind === 'ScaledObject');
    const replicas = manifests.filter(({ kind }) => kind === 'Deployment').map(({ metadata, spec }) => [metadata.name, spec.replicas]);
    expect(scaled?.spec).toMatchObject({ minReplicaCount: 1, scaleTargetRef: { name: 'fv-verdictflow-ingress' } });
    expect(replicas).toEqual([
      ['fv-verdictflow-ingress', undefined],
      ['fv-verdictflow-worker', 2],
    ]);
  });

  it.each([
    ['config.VF_FACEID_API_SECRET="plain"', /VF_FACEID_API_SECRET/],
    ['config.VF_MAX_CALLS=3', /VF_MAX_CALLS/],
    ['keda.minReplicas=0', /minReplicas/],
    ['ingress.replicas=0', /replicas/],
    ['wroker.replicas=3', /wroker/],
    ['podSecurityContext.runAsNonRoot=false', /runAsNonRoot/],
    // Kubernetes would refuse these when it makes the pods.
    ['extraVolumes=[{"name":"secrets","emptyDir":{}}]', /extraVolumes/],
    ['worker.extraVolumeMounts=[{"name":"own","mountPath":"/run/secrets/verdictflow"}]', /extraVolumeMounts/],
    ['podLabels={"sidecar.istio.io/inject":false}', /podLabels/],
    ['setup.podAnnotations={"linkerd.io/inject":true}', /podAnnotations/],
    ['podSecurityContext.fsGroup="1000"', /fsGroup/],
    ['image.digest="latest"', /digest/],
    ['config.VF_KAFKA_BROKERS=""', /VF_KAFKA_BROKERS: missing/],
    ['config.VF_SHUTDOWN_TIMEOUT="30"', /VF_SHUTDOWN_TIMEOUT.*is not a duration/],
  ])('refuses %s', async (setting, message) => {
    await expect(rendered([setting])).rejects.toThrow(message);
  });
});

/** The configuration that a role would load in its pod. Throws what the service would say. */
function configOf(manifests: readonly Manifest[], role: 'ingress' | 'worker' | 'sweeper' | 'cli'): Config {
  const pod = podOf(manifests, role === 'cli' ? 'setup' : role);
  const [container] = pod.containers;
  if (container === undefined) throw new Error('no container');
  expect(container.args).toEqual([role === 'cli' ? 'setup' : role]);
  const mounted = pod.volumes?.flatMap(({ secret }) => secret?.items?.map(({ path }) => path) ?? []) ?? [];
  const env = container.env.map(({ name, value, valueFrom }) => [name, value ?? contentOf(valueFrom?.secretKeyRef.key)]);
  return loadConfig(Object.fromEntries(env), role, {
    readFile: (path) => {
      const key = path.replace('/run/secrets/verdictflow/', '');
      if (!mounted.includes(key)) throw Object.assign(new Error('not mounted'), { code: 'ENOENT' });
      return contentOf(key);
    },
  });
}

function contentOf(key = ''): string {
  if (key === 's3-id' || key === 's3-secret') return key;
  return key === 'token-keys' || key === 'evidence-keys' ? `k1:${Buffer.alloc(32, 7).toString('base64')}` : `content of ${key}`;
}

/** Says of a manifest what Kubernetes would not take of it. Of other people's kinds it has no schema. */
function kubernetesChecker(folder: string): (manifest: Manifest) => readonly string[] {
  const read = (name: string): AnySchemaObject => JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'));
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  ajv.addSchema(read('_definitions'), 'https://kubernetes.io/api/_definitions.json');
  return (manifest) => {
    const [group = '', version = group] = manifest.apiVersion.split('/');
    if (['keda.sh', 'monitoring.coreos.com'].includes(group)) return [];
    const name = [manifest.kind.toLowerCase(), ...(group === version ? [] : [group.split('.')[0]]), version].join('-');
    const check = ajv.getSchema(name) ?? ajv.addSchema(read(name), name).getSchema(name);
    if (check === undefined) return [`${name}: no schema`];
    void check(manifest);
    return (check.errors ?? []).map(({ instancePath, message, params }) => `${name}${instancePath}: ${message} ${JSON.stringify(params)}`);
  };
}
