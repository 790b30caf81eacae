import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { afterEach, describe, expect, it } from 'vitest';
import { openLiveConfig } from '../../src/config/live-config.ts';
import { defineMetrics } from '../../src/observability/metrics.ts';
import { openEvidenceKeeper, openEvidenceVault } from '../../workers/evidence.ts';
import { createLifecycle } from '../../workers/lifecycle.ts';
import { serveSweeper } from '../../workers/sweeper.ts';
import { ID, IMAGE, MANDATE } from '../evidence/rig.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { until } from '../support/until.ts';

const OLD = `k1:${Buffer.alloc(32, 1).toString('base64')}`;
const NEW = `k2:${Buffer.alloc(32, 2).toString('base64')}`;

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function places(): { readonly base: string; readonly env: Readonly<Record<string, string>> } {
  const base = mkdtempSync(join(tmpdir(), 'evidence-'));
  folders.push(base);
  for (const name of ['objects', 'keys']) mkdirSync(join(base, name));
  const env = { VF_EVIDENCE_STORE: `file:${base}/objects`, VF_EVIDENCE_KEY_STORE: `file:${base}/keys`, VF_EVIDENCE_KEYS_FILE: 'keys' };
  return { base, env };
}

/** A configuration of files that are changed by assignment; each look at them is a second after the last. */
function liveOf(env: Readonly<Record<string, string>>, files: Record<string, string>) {
  let now = 0;
  return openLiveConfig(env, { role: 'cli', readFile: (path) => files[path] ?? '', now: () => (now += 1_000) });
}

function contextOf(live: ReturnType<typeof liveOf>) {
  const registry = new Registry();
  const lifecycle = createLifecycle({ logger: silentLogger, phaseLimitMs: 1_000 });
  return { registry, config: live.current(), live, logger: silentLogger, metrics: defineMetrics(registry), lifecycle, exposed: [] };
}

const order = () => ({ verificationId: ID, found: [IMAGE], untilMs: Date.now() + 5_000 });

describe('evidence of a role', () => {
  it('is not kept unless a store is named', () => {
    const live = liveOf({}, {});
    expect(openEvidenceKeeper(contextOf(live))).toBeUndefined();
    expect(() => openEvidenceVault(live)).toThrow(/VF_EVIDENCE_STORE: is off/);
  });

  it('is kept under the keys that the file holds by then, opened by the vault, and counted', async () => {
    const files = { keys: OLD };
    const live = liveOf(places().env, files);
    const context = contextOf(live);
    const keeper = openEvidenceKeeper(context);
    const vault = openEvidenceVault(live);
    const first = (await keeper?.keep(order()))?.references[0];
    files.keys = `${NEW}\n${OLD}`;
    live.refresh();
    const second = (await keeper?.keep({ ...order(), verificationId: ID.replace('a', 'b') }))?.references[0];
    expect([first?.keyId, second?.keyId]).toEqual(['k1', 'k2']);
    expect(Buffer.from(await vault.open({ verificationId: ID, object: first?.object ?? '' }))).toEqual(IMAGE.bytes);
    expect(await context.registry.metrics()).toContain('verdictflow_evidence_total{kind="IMAGE_BEST",result="KEPT"} 2');
    await vault.close();
    await context.lifecycle.stop();
  });

  it('is opened with a key that only the newer file holds', async () => {
    const files = { keys: OLD };
    const { env } = places();
    const context = contextOf(liveOf(env, { keys: NEW }));
    const object = (await openEvidenceKeeper(context)?.keep(order()))?.references[0]?.object ?? '';
    const vault = openEvidenceVault(liveOf(env, files));
    await expect(vault.open({ verificationId: ID, object })).rejects.toThrow(/"k2", which VF_EVIDENCE_KEYS does not hold/);
    files.keys = `${OLD}\n${NEW}`;
    expect(Buffer.from(await vault.open({ verificationId: ID, object }))).toEqual(IMAGE.bytes);
    expect(await vault.erase(ID, { mandate: MANDATE })).toMatchObject({ result: 'ERASED' });
    await context.lifecycle.stop();
  });

  it('has its keys apart also where links lead', () => {
    const { base, env } = places();
    symlinkSync(join(base, 'objects'), join(base, 'elsewhere'));
    const live = liveOf({ ...env, VF_EVIDENCE_KEY_STORE: `file:${base}/elsewhere/keys` }, { keys: OLD });
    mkdirSync(join(base, 'objects', 'keys'));
    expect(() => openEvidenceVault(live)).toThrow(/VF_EVIDENCE_KEY_STORE: leads to the place of VF_EVIDENCE_STORE/);
  });

  it.each([
    ['leaves a process ready that does other work', false],
    ['leaves one that is there for nothing else not ready', true],
  ])('that cannot be swept %s, and says why', async (_, isAlone) => {
    const { base, env } = places();
    const context = contextOf(liveOf(env, { keys: OLD }));
    rmSync(join(base, 'keys'), { recursive: true });
    const never = async (): Promise<never> => await Promise.reject(new Error('nothing is to be told'));
    const producer = { publish: never, close: async () => await Promise.resolve() };
    serveSweeper(context, { vault: openEvidenceVault(context.live), producer, isAlone });
    const state = () =>
      context.lifecycle
        .components()
        .find(({ name }) => name === 'sweeper')
        ?.state();
    await until(() => state()?.reason !== undefined, { timeoutMs: 5_000, what: 'the sweep has failed' });
    expect(state()).toEqual({ ready: !isAlone, reason: expect.stringContaining('VF_EVIDENCE_KEY_STORE') });
    await context.lifecycle.stop();
  });

  it('says what is missing to whoever opens it without', () => {
    expect(() => openEvidenceVault(liveOf({ VF_EVIDENCE_STORE: 's3://evidence' }, {}))).toThrow('VF_EVIDENCE_KEY_STORE: missing');
  });

  it('names the settings that the credentials of the key store come from, whatever the other store is', async () => {
    const vault = openEvidenceVault(liveOf({ ...places().env, VF_EVIDENCE_KEY_STORE: 's3://keys' }, { keys: OLD }));
    await expect(vault.state(ID)).rejects.toThrow('VF_EVIDENCE_S3_ACCESS_KEY_ID: missing');
    await vault.close();
  });
});
