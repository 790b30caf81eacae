import { describe, expect, it } from 'vitest';
import { lacking } from '../support/lacking.ts';
import { podOf, rendered } from './chart.ts';
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

  it('are pulled by the policy of their role, else by that of all', async () => {
    const manifests = await rendered([SWEEPER, 'image.pullPolicy="Always"', 'worker.image={"pullPolicy":"Never"}']);
    const policies = PODS.map((role) => podOf(manifests, role).containers[0]?.imagePullPolicy);
    expect(policies).toEqual(['Always', 'Never', 'Always', 'Always']);
  });
});
