import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lacking } from '../support/lacking.ts';
import { CHART, chartFile, podOf, rendered } from './chart.ts';
import { WHY_NO_HELM } from './tools.ts';

type Schema = {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
};
type Leaf = { readonly path: string; readonly schema: Schema };

const root: Schema & { readonly definitions: Readonly<Record<string, Schema>> } = JSON.parse(chartFile('values.schema.json'));

/** Helm's own: it hands `global` to every chart, and reads `enabled` in the chart that depends on this one. */
const OF_HELM = new Set(['global', 'enabled']);
/** Under which settings a value is read, if not beside all others. */
const BESIDE: Readonly<Record<string, string>> = { 'ingress.replicas': 'keda.enabled=false' };

describe.skipIf(lacking(WHY_NO_HELM, { tests: 'the values of the chart' }))('the values of the chart', () => {
  it('that its schema takes are read by a template, each of them', { timeout: 300_000 }, async () => {
    const leaves = leavesOf(root).filter(({ path }) => !OF_HELM.has(path));
    const all = leaves.map((leaf) => setting(leaf, 0));
    const base = await rendered(all);
    const unread: string[] = [];
    const waiting = [...leaves];
    const compare = async (): Promise<void> => {
      for (let leaf = waiting.pop(); leaf !== undefined; leaf = waiting.pop()) {
        const beside = BESIDE[leaf.path];
        const common = beside === undefined ? all : [...all, beside];
        const [one, other] = [beside === undefined ? base : await rendered(common), await rendered([...common, setting(leaf, 1)])];
        if (JSON.stringify(one) === JSON.stringify(other)) unread.push(leaf.path);
      }
    };
    await Promise.all([compare(), compare()]);
    expect(leaves.length).toBeGreaterThan(50);
    expect(unread).toEqual([]);
  });

  describe('below a chart that depends on it', () => {
    let chart = '';
    beforeAll(async () => {
      chart = await mkdtemp(join(tmpdir(), 'vf-umbrella-'));
      const dependency = `{ name: verdictflow, version: '*', condition: verdictflow.enabled }`;
      await writeFile(join(chart, 'Chart.yaml'), `{ apiVersion: v2, name: umbrella, version: 1.0.0, dependencies: [${dependency}] }\n`);
      await cp(CHART, join(chart, 'charts/verdictflow'), { recursive: true });
    });
    afterAll(() => rm(chart, { recursive: true, force: true }));
    const values = ['VF_KAFKA_BROKERS="kafka:9092"', 'TEMPORAL_ADDRESS="temporal:7233"'].map((value) => `verdictflow.config.${value}`);

    it('are taken with the condition that switches it on, and with a null that takes a default away', async () => {
      const nulls = ['podSecurityContext.fsGroup', 'podLabels', 'setup.podAnnotations', 'extraVolumes', 'worker.extraVolumeMounts'];
      const on = await rendered([...values, 'verdictflow.enabled=true', ...nulls.map((path) => `verdictflow.${path}=null`)], { chart });
      expect(podOf(on, 'worker').securityContext).toMatchObject({ runAsUser: 1000 });
      expect(podOf(on, 'worker').securityContext).not.toHaveProperty('fsGroup');
    });

    it('make nothing where it is switched off', async () => {
      expect(await rendered([...values, 'verdictflow.enabled=false'], { chart })).toEqual([]);
    });
  });
});

/** Every value that can be set by itself. Of an object with keys of the user's own: the object. */
function leavesOf(schema: Schema, path = ''): readonly Leaf[] {
  const resolved = schema.$ref === undefined ? schema : root.definitions[schema.$ref.replace('#/definitions/', '')];
  if (resolved === undefined) throw new Error(`${path}: ${schema.$ref} is not defined`);
  if (resolved.properties === undefined) return [{ path, schema: resolved }];
  return Object.entries(resolved.properties).flatMap(([name, inner]) => leavesOf(inner, path === '' ? name : `${path}.${name}`));
}

/** One of two settings that fit the schema and differ. */
function setting({ path, schema }: Leaf, which: 0 | 1): string {
  if (schema.type === 'object') return `${path}.SAMPLE="${which}"`;
  return `${path}=${JSON.stringify(sampleOf(schema, which))}`;
}

function sampleOf(schema: Schema, which: 0 | 1): unknown {
  const types = [schema.type ?? []].flat();
  if (schema.enum !== undefined) return schema.enum[which];
  if (types.includes('boolean')) return which === 0;
  if (types.includes('integer')) return 7 + which;
  if (types.includes('array')) return [{ name: `sample-${which}`, mountPath: '/sample' }];
  return schema.pattern === undefined ? `sample-${which}` : `sha256:${String(which).repeat(64)}`;
}
