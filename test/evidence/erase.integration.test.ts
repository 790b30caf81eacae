import { cpSync, mkdtempSync, readFileSync, statSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { EVIDENCE_AUDIT_TYPE, parseEvidenceAudit } from '../../src/contracts/wire/evidence-audit.ts';
import { verificationIdOf } from '../../src/contracts/wire/token-identity.ts';
import { defined } from '../../src/domain/defined.ts';
import { unwrapKey } from '../../src/evidence/data-keys.ts';
import { openEnvelope } from '../../src/evidence/envelope.ts';
import { SWEEPER } from '../../src/contracts/mandate.ts';
import { cliHere } from '../support/cli-here.ts';
import { type CliRun, startCli } from '../support/cli-process.ts';
import { filesBelow, openStores } from '../support/evidence-stores.ts';
import { withAdmin } from '../support/kafka-admin.ts';
import { pipelineEnv, testKafka, watchTopic } from '../support/pipeline.ts';
import { killAllProcesses, startProcess } from '../support/process.ts';
import { until } from '../support/until.ts';

const folder = mkdtempSync(join(tmpdir(), 'verdictflow-erase-'));
const MANDATE = ['--reason', 'asks to be forgotten', '--operator', 'jane', '--ticket', 'DSR-31'];
const WRAPPED_BYTES = 12 + 32 + 16;

const stores = openStores();
const [KEY = { id: '', key: Buffer.alloc(0) }] = stores.keys;
let env: Record<string, string>;
let audits: Awaited<ReturnType<typeof watchTopic>>;

function idsOf(what: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => verificationIdOf(`${what}-${index}`));
}

async function cli(...args: readonly string[]): Promise<CliRun> {
  return await cliHere(args, env);
}

/** The audit records of these, by verification; each is one and the same, however often it was told. */
function auditsOf(ids: readonly string[]): ReadonlyMap<string, ReturnType<typeof parseEvidenceAudit>> {
  const told = new Map<string, string>();
  for (const { key, value, ceId, headers } of audits.seen.filter((one) => ids.includes(one.key))) {
    expect(headers?.['ce_type']?.toString()).toBe(EVIDENCE_AUDIT_TYPE);
    expect(told.get(key) ?? `${ceId} ${value}`).toBe(`${ceId} ${value}`);
    told.set(key, `${ceId} ${value}`);
  }
  return new Map([...told].map(([key, text]) => [key, parseEvidenceAudit(JSON.parse(text.slice(text.indexOf(' ') + 1)))]));
}

/** Every data key that any bytes of this folder give up to whoever has the key-encryption key. */
function dataKeysIn(path: string, ids: readonly string[]): readonly Uint8Array[] {
  const found: Uint8Array[] = [];
  for (const file of filesBelow(path)) {
    const text = file.bytes.toString('latin1');
    const length = Math.ceil(WRAPPED_BYTES / 3) * 4;
    const inBase64 = Array.from({ length: Math.max(0, text.length - length + 1) }, (_, at) => text.slice(at, at + length));
    const inClear = Array.from({ length: Math.max(0, file.bytes.length - WRAPPED_BYTES + 1) }, (_, at) =>
      file.bytes.subarray(at, at + WRAPPED_BYTES).toString('base64'),
    );
    const named = ids.filter((id) => file.path.includes(id));
    for (const wrapped of new Set([...inBase64.filter((part) => /^[A-Za-z0-9+/]+={0,2}$/.test(part)), ...inClear])) {
      for (const verificationId of named.length > 0 ? named : ids) {
        try {
          found.push(unwrapKey({ keyId: KEY.id, wrapped }, { verificationId, keys: { current: () => [KEY] } }));
        } catch {
          // That is what is tried for.
        }
      }
    }
  }
  return found;
}

/** How many of the envelopes below open with one of the keys. */
function openedIn(path: string, keys: readonly Uint8Array[]): number {
  return filesBelow(path).filter(({ path: file, bytes }) => {
    const [verificationId = '', name = ''] = file.split('/').slice(-2);
    return keys.some((key) => {
      try {
        return openEnvelope(key, { verificationId, object: `${verificationId}/${name}` }, bytes).bytes.length > 0;
      } catch {
        return false;
      }
    });
  }).length;
}

beforeAll(async () => {
  const brokers = inject('kafkaBrokers');
  const { VF_TOKEN_KEYS: _keys, ...pipeline } = pipelineEnv({
    kafkaBrokers: brokers,
    temporalAddress: inject('temporalAddress'),
    emulatorPort: 1,
    overrides: {
      VF_EVIDENCE_STORE: `file:${stores.paths.objects}`,
      VF_EVIDENCE_KEY_STORE: `file:${stores.paths.keys}`,
      VF_ERASE_TOMBSTONE: 'true',
      VF_STARTUP_TIMEOUT: '10s',
    },
  });
  env = pipeline;
  const topics = [env['VF_KAFKA_AUDIT_TOPIC'] ?? '', env['VF_KAFKA_OUTCOME_TOPIC'] ?? ''];
  await withAdmin(brokers, async (admin) => {
    await admin.createTopics({ topics: topics.map((topic) => ({ topic, numPartitions: 1 })) });
  });
  audits = await watchTopic(brokers, topics[0] ?? '');
}, 60_000);

afterAll(async () => {
  await audits.stop();
  killAllProcesses();
});

describe('erasing', () => {
  const ids = idsOf('erased', 40);
  const [HELD = '', ...others] = ids;

  it('killed after some of many and resumed: each is gone, on record under one id, and its outcome taken back', async () => {
    const plain: Buffer[] = [];
    for (const id of ids) plain.push(...(await stores.keep(id)).values());
    const backup = join(folder, 'backup');
    cpSync(stores.root, backup, { recursive: true });
    expect(await cli('evidence', 'hold', HELD, '--reason', 'the court', '--operator', 'joe')).toMatchObject({ code: 0 });

    const journal = join(folder, 'erase.ndjson');
    const { VF_EVIDENCE_KEYS: _none, ...withoutKeys } = env;
    const from = startCli(['erase', ...ids, ...MANDATE, '--rate', '20', '--yes', '--journal', journal], withoutKeys);
    const doneIn = (): number => (existsSync(journal) ? readFileSync(journal, 'utf8').split('"DONE"').length - 1 : 0);
    await until(() => doneIn() >= 8, { timeoutMs: 30_000, what: 'eight are done' });
    from.kill('SIGKILL');
    await from.done;
    expect(doneIn()).toBeLessThan(others.length);
    const resumed = await cli('erase', '--journal', journal, '--yes', '--json');
    // One is on hold.
    expect(resumed).toMatchObject({ code: 1 });
    const last = JSON.parse(resumed.out.trim().split('\n').at(-1) ?? '');
    expect(last.totals).toMatchObject({ erased: others.length, already: 0, nothing: 0, held: 1, failed: 0 });

    for (const id of others)
      expect(await stores.vault.list(id)).toMatchObject({ state: { kind: 'ERASED', by: { operator: 'jane' } }, objects: [] });
    expect(await stores.vault.list(HELD)).toMatchObject({ state: { kind: 'KEPT', hold: { operator: 'joe' } }, objects: [{}, {}] });
    await until(() => auditsOf(others).size === others.length, { timeoutMs: 10_000, what: 'all erasures are on record' });
    for (const parsed of auditsOf(others).values())
      expect(parsed).toMatchObject({ ok: true, value: { action: 'ERASE', operator: 'jane', ticket: 'DSR-31' } });
    const buried = await tombstones(others.length);
    expect(buried).toEqual(new Set(others));

    // With the key-encryption key in hand, over whatever bytes are left, also of a backup of the objects.
    const left = dataKeysIn(stores.paths.keys, ids);
    expect(left).toHaveLength(1);
    expect(openedIn(join(backup, basename(stores.paths.objects)), left)).toBe(2);
    // The search finds them where they are: in a backup of the keys, which must not be made.
    const leaked = dataKeysIn(join(backup, basename(stores.paths.keys)), ids);
    expect(leaked).toHaveLength(ids.length);
    expect(openedIn(join(backup, basename(stores.paths.objects)), leaked)).toBe(2 * ids.length);
    const bytes = Buffer.concat(filesBelow(stores.root).map((file) => file.bytes));
    for (const image of plain)
      for (const form of [image, Buffer.from(image.toString('base64'))]) expect(bytes.includes(form.subarray(4, 36))).toBe(false);
  });

  /** Keys of the records without a value on the outcome topic. */
  async function tombstones(atLeast: number): Promise<ReadonlySet<string>> {
    const consumer = testKafka(inject('kafkaBrokers')).consumer({ groupId: `graves-${process.pid}`, maxWaitTimeInMs: 200 });
    const keys = new Set<string>();
    await consumer.connect();
    await consumer.subscribe({ topic: env['VF_KAFKA_OUTCOME_TOPIC'] ?? '', fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ message }) => await Promise.resolve(void (message.value === null && keys.add(message.key?.toString() ?? ''))),
    });
    await until(() => keys.size >= atLeast, { timeoutMs: 20_000, what: 'the outcomes are taken back' });
    await consumer.disconnect();
    return keys;
  }

  it('makes opening impossible, and opening needs Kafka, a file and the keys', async () => {
    const [ERASED = ''] = others;
    const withKeys = { ...env, VF_EVIDENCE_KEYS: `${KEY.id}:${Buffer.from(KEY.key).toString('base64')}` };
    const get = async (id: string, { out, ...more }: { readonly out: string } & Partial<Record<string, string>>): Promise<CliRun> =>
      await cliHere(['evidence', 'get', id, '--kind', 'IMAGE_BEST', '--out', out, ...MANDATE], { ...withKeys, ...defined(more) });
    const path = join(folder, 'best.jpg');
    const gone = await get(ERASED, { out: path });
    expect(gone).toMatchObject({ code: 1 });
    expect(gone.err).toContain('by jane: asks to be forgotten (DSR-31)');
    expect(await get(HELD, { out: path, VF_KAFKA_BROKERS: '127.0.0.1:1', VF_STARTUP_TIMEOUT: '500ms' })).toMatchObject({ code: 69 });
    expect(await get(HELD, { out: '/dev/stdout' })).toMatchObject({ code: 64, out: '' });
    expect(existsSync(path)).toBe(false);
    expect(await get(HELD, { out: path })).toMatchObject({ code: 0 });
    expect([statSync(path).mode & 0o777, statSync(path).size]).toEqual([0o600, 604]);
    expect(await get(HELD, { out: path })).toMatchObject({ code: 64, err: expect.stringContaining('is there already') });
    await until(() => audits.seen.some(({ key, value }) => key === HELD && value.includes('"OPEN"')), {
      timeoutMs: 10_000,
      what: 'the opening is on record',
    });
    const withoutKey = await cliHere(['evidence', 'get', HELD, '--kind', 'IMAGE_BEST', '--out', `${path}.2`, ...MANDATE], env);
    expect(withoutKey).toMatchObject({ code: 1, err: expect.stringContaining('VF_EVIDENCE_KEYS does not hold') });
  });
});

describe('sweepers', () => {
  it('several at once, one of them killed, erase all that has expired, each on record, and stop cleanly', async () => {
    const ids = idsOf('swept', 60);
    for (const id of ids) await stores.keep(id, { ttlMs: 1 });
    const options = { ...env, VF_EVIDENCE_SWEEP_EVERY: '1s', VF_AUTO_SETUP: 'true' };
    const sweepers = [startProcess(['sweeper'], options), startProcess(['sweeper'], options)] as const;
    const keptOf = async (): Promise<number> => {
      const states = await Promise.all(ids.map(async (id) => (await stores.vault.state(id)).kind));
      return states.filter((kind) => kind === 'KEPT').length;
    };
    await until(async () => (await keptOf()) < ids.length, { timeoutMs: 40_000, what: 'a sweep has begun' });
    sweepers[0].kill('SIGKILL');
    await until(async () => (await keptOf()) === 0, { timeoutMs: 30_000, what: 'all that has expired is erased' });
    await until(() => auditsOf(ids).size === ids.length, { timeoutMs: 10_000, what: 'all of it is on record' });
    for (const parsed of auditsOf(ids).values()) expect(parsed).toMatchObject({ ok: true, value: { action: 'ERASE', ...SWEEPER } });
    const metrics = await sweepers[1].admin('/metrics');
    expect(metrics).toMatch(/^verdictflow_evidence_oldest_expired_seconds 0$/m);
    expect(metrics).toMatch(/^verdictflow_evidence_swept_timestamp_seconds 1\.?\d+/m);
    expect(JSON.parse(await sweepers[1].admin('/ready'))).toMatchObject({ ready: true, components: { sweeper: { ready: true } } });
    sweepers[1].kill('SIGTERM');
    expect(await sweepers[1].exit()).toEqual({ code: 0, signal: null });
  });

  it('do not start without a store', async () => {
    const { VF_EVIDENCE_STORE: _off, VF_EVIDENCE_KEY_STORE: _none, ...off } = env;
    const sweeper = startProcess(['sweeper'], off);
    expect(await sweeper.exit()).toMatchObject({ code: 78 });
    expect(sweeper.output()).toContain('VF_EVIDENCE_STORE');
  });
});
