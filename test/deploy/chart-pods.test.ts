import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lacking } from '../support/lacking.ts';
import { type Manifest, podOf, podTemplateOf, rendered } from './chart.ts';
import { WHY_NO_HELM } from './tools.ts';

const PODS = ['ingress', 'worker', 'sweeper', 'setup'];
const SWEEPER = 'sweeper.enabled=true';

describe.skipIf(lacking(WHY_NO_HELM, { tests: 'the pods of the chart' }))('the pods of the chart', () => {
  it.each([
    ['VF_KAFKA_SSL_CA_FILE', '/run/secrets/verdictflow/the-key'],
    ['TEMPORAL_TLS_CLIENT_CERT_PATH', '/run/secrets/verdictflow/the-key'],
    ['NODE_EXTRA_CA_CERTS', '/run/secrets/verdictflow/the-key'],
    ['AWS_WEB_IDENTITY_TOKEN_FILE', '/run/secrets/verdictflow/the-key'],
    ['HTTPS_PROXY', undefined],
    ['TEMPORAL_API_KEY', undefined],
  ])('have a key of the Secret for %s at %s, mounted if that is a path', async (name, path) => {
    const pod = podOf(await rendered([`secrets.worker={"${name}":"the-key"}`]), 'worker');
    const variable = pod.containers[0]?.env.find((one) => one.name === name);
    const mounted = pod.volumes?.flatMap(({ secret }) => secret?.items ?? []).filter((item) => item.path === 'the-key') ?? [];
    expect([variable?.value, variable?.valueFrom?.secretKeyRef.key]).toEqual(path === undefined ? [path, 'the-key'] : [path, undefined]);
    expect(mounted).toHaveLength(path === undefined ? 0 : 1);
  });

  it('have the volumes of all, and behind them those of their role', async () => {
    const lists = (where: string, name: string): readonly string[] => [
      `${where}extraVolumes=[{"name":"${name}","secret":{"secretName":"${name}"}}]`,
      `${where}extraVolumeMounts=[{"name":"${name}","mountPath":"/etc/${name}","readOnly":true}]`,
    ];
    const own = ['ingress', 'worker', 'sweeper'].flatMap((role) => lists(`${role}.`, `of-${role}`));
    const manifests = await rendered([SWEEPER, ...lists('', 'of-all'), ...own]);
    for (const role of PODS) {
      const { volumes = [], containers } = podOf(manifests, role);
      const expected = ['of-all', ...(role === 'setup' ? [] : [`of-${role}`])];
      expect(volumes.filter(({ name }) => name !== 'secrets').map(({ name }) => name)).toEqual(expected);
      const mounts = containers.flatMap(({ volumeMounts = [] }) => volumeMounts).filter(({ name }) => name !== 'secrets');
      expect(mounts).toEqual(expected.map((name) => ({ name, mountPath: `/etc/${name}`, readOnly: true })));
    }
  });

  it('have no volumes, and no list of them, where nothing is to be mounted', async () => {
    const pod = podOf(await rendered(), 'setup');
    expect(pod).not.toHaveProperty('volumes');
    expect(pod.containers[0]).not.toHaveProperty('volumeMounts');
  });

  it('have the labels and annotations that all are given, those of setup its own before them', async () => {
    const all = ['podLabels={"team":"identity","mesh":"on"}', 'podAnnotations={"note":"all"}'];
    const own = ['setup.podLabels={"mesh":"off"}', 'setup.podAnnotations={"note":"setup"}'];
    const manifests = await rendered([SWEEPER, ...all, ...own]);
    for (const role of PODS) {
      const { labels, annotations } = podTemplateOf(manifests, role).metadata;
      expect(labels).toMatchObject({ 'app.kubernetes.io/component': role, team: 'identity', mesh: role === 'setup' ? 'off' : 'on' });
      expect(annotations).toEqual({ note: role === 'setup' ? 'setup' : 'all' });
    }
  });

  it('are pulled by the policy of their role, else by that of all', async () => {
    const manifests = await rendered([SWEEPER, 'image.pullPolicy="Always"', 'worker.image={"pullPolicy":"Never"}']);
    const policies = PODS.map((role) => podOf(manifests, role).containers[0]?.imagePullPolicy);
    expect(policies).toEqual(['Always', 'Never', 'Always', 'Always']);
  });

  describe('of setup run as', () => {
    const cluster = createCluster();
    beforeAll(() => cluster.start());
    afterAll(() => cluster.stop());

    it.each([
      ['default before the first installation', [], [], 'default'],
      ['the account of the release once it is there', ['fv-verdictflow'], [], 'fv-verdictflow'],
      ['the account of the release under a name of its own', ['own'], ['serviceAccount.name="own"'], 'own'],
      ['default while an account that the upgrade brings is not there', ['default'], ['serviceAccount.name="own"'], 'default'],
      ['an account that is not made here', [], ['serviceAccount={"create":false,"name":"own"}'], 'own'],
      ['default where none is made or named', [], ['serviceAccount.create=false'], 'default'],
      ['the one named for it, before all', ['fv-verdictflow'], ['setup.serviceAccountName="prepared"'], 'prepared'],
    ])('%s', async (_title, accounts, settings, expected) => {
      cluster.accounts = accounts;
      const manifests = await rendered(settings, { flags: ['--dry-run=server', '--kube-apiserver', cluster.address] });
      expect(podOf(manifests, 'setup').serviceAccountName).toBe(expected);
      const made = manifests.filter(({ kind }) => kind === 'ServiceAccount').map(({ metadata }) => metadata.name);
      if (made.length > 0) expect(made).toEqual(accountsOfRoles(manifests));
    });
  });
});

function accountsOfRoles(manifests: readonly Manifest[]): readonly string[] {
  return [...new Set(['ingress', 'worker'].map((role) => podOf(manifests, role).serviceAccountName))];
}

/** As much of a cluster as Helm asks for accounts. */
function createCluster(): { accounts: readonly string[]; address: string; start(): Promise<void>; stop(): void } {
  const resources = [{ name: 'serviceaccounts', singularName: '', namespaced: true, kind: 'ServiceAccount', verbs: ['get'] }];
  const server = createServer(({ url = '' }, response) => {
    const [, account] = /^\/api\/v1\/namespaces\/[^/]+\/serviceaccounts\/([^?]+)/.exec(url) ?? [];
    const answer = /^\/api\/v1(?:\?|$)/.test(url)
      ? { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: 'v1', resources }
      : account !== undefined && cluster.accounts.includes(account)
        ? { kind: 'ServiceAccount', apiVersion: 'v1', metadata: { name: account, namespace: 'default' } }
        : { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'NotFound', code: 404 };
    response.writeHead('code' in answer ? 404 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });
  const cluster = {
    accounts: [] as readonly string[],
    address: '',
    start: async (): Promise<void> => {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const address = server.address();
      cluster.address = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    },
    stop: (): void => void server.close(),
  };
  return cluster;
}
