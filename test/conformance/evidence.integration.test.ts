import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { verificationIdOf } from '../../src/contracts/wire/token-identity.ts';
import { outcomeSchema, type WireOutcome } from '../../src/contracts/wire/outcome.ts';
import { primaryOf } from '../../src/domain/reasons.ts';
import { IMAGE_MARK } from '../../src/emulator/jpeg.ts';
import { logRecords } from '../../src/emulator/log-lines.ts';
import { mintToken } from '../../src/emulator/mint-token.ts';
import { expectedOf } from '../../src/emulator/scenarios.ts';
import { createFolderStore } from '../../src/evidence/folder-store.ts';
import { createEvidenceVault } from '../../src/evidence/vault.ts';
import { type LocalStack, startLocalStack } from '../../src/localstack/stack.ts';
import { freePort, produce } from '../support/pipeline.ts';
import { killAllProcesses } from '../support/process.ts';
import { openPipeline, type PipelineRun } from './pipeline-run.ts';
import { type MixedToken, requestOf } from './scenario-mix.ts';

const LOCAL_DIR = fileURLToPath(new URL('../../.local', import.meta.url));
const SCENARIOS = [
  'ready-pass',
  'ready-fail-liveness',
  'processing-1',
  'image-multifaces',
  'image-second-null',
  'image-null',
  'image-broken',
  'image-repeated',
  'image-words',
  'image-lines',
  'cancelled',
  'image-bytes-900000',
];
const KINDS: Readonly<Record<string, string>> = {
  image_best: 'IMAGE_BEST',
  image_best_2: 'IMAGE_BEST_2',
  multifaces_image: 'MULTIFACES_IMAGE',
};
const dir = mkdtempSync(join(tmpdir(), 'verdictflow-evidence-'));
const key = randomBytes(32);
const KEEPING = {
  VF_RETURN_IMAGE: '2',
  VF_EVIDENCE_KEYS: `e1:${key.toString('base64')}`,
  VF_WINDOW: '30s',
  VF_SHUTDOWN_TIMEOUT: '60s',
  VF_FACEID_TIMEOUT: '8s',
};

let stack: LocalStack;
// A server of its own: its database must be a file that can be searched.
beforeAll(async () => {
  stack = await startLocalStack({ dir: LOCAL_DIR, native: true, kafka: false, log: () => undefined });
}, 60_000);
afterAll(async () => {
  killAllProcesses();
  await stack.stop();
});

function tokensOf(scenarios: readonly string[]): readonly MixedToken[] {
  const issuedAtMs = Date.now();
  return scenarios.map((scenario) => {
    const expected = expectedOf(scenario);
    if (expected === undefined) throw new Error(`no expectation for ${scenario}`);
    return { token: mintToken({ scenario, issuedAtMs }), scenario, issuedAtMs, expected };
  });
}

/** The one outcome of each token. */
function outcomesOf(
  run: PipelineRun,
  tokens: readonly MixedToken[],
): readonly { readonly token: MixedToken; readonly event: WireOutcome }[] {
  return tokens.map((token) => {
    const [outcome] = run.outcomes().get(verificationIdOf(token.token)) ?? [];
    return { token, event: outcomeSchema.parse(JSON.parse(outcome?.value ?? 'null')) };
  });
}

type Sent = { readonly kind: string; readonly sha256: string; readonly bytes: number };

/** The referee: what the emulator sent to whom, and how often it was read. */
async function sentTo(run: PipelineRun): Promise<Map<string, { reads: number; images: Sent[] }>> {
  const seen = new Map<string, { reads: number; images: Sent[] }>();
  for await (const record of logRecords(run.logPath)) {
    if (record.type !== 'read') continue;
    const { reads, images } = seen.get(record.verificationId) ?? { reads: 0, images: [] };
    const brought = (record.images ?? []).map(({ field, sha256, bytes }) => ({ kind: KINDS[field] ?? field, sha256, bytes }));
    seen.set(record.verificationId, { reads: reads + 1, images: [...images, ...brought] });
  }
  return seen;
}

function databaseOf({ temporalDbFile }: LocalStack): Buffer {
  return Buffer.concat([temporalDbFile, `${temporalDbFile}-wal`].filter(existsSync).map((file) => readFileSync(file)));
}

/** Some bytes of the middle of an image as they are, and as Base64 at each of the three places where it may begin. */
function tracesOf(image: Uint8Array): readonly Buffer[] {
  const middle = Buffer.from(image).subarray(image.length / 2, image.length / 2 + 51);
  const written = [0, 1, 2].map((shift) => Buffer.from(middle.subarray(shift, shift + 48).toString('base64')));
  return [middle, ...written, Buffer.from(IMAGE_MARK), Buffer.from(Buffer.from(IMAGE_MARK).subarray(0, 24).toString('base64'))];
}

const tally = (sent: readonly Sent[]): string[] => sent.map(({ kind, sha256, bytes }) => `${kind} ${sha256} ${bytes}`).toSorted();

it.concurrent('every verdict carries references to what the vendor sent for it, and no byte of an image is in Temporal, on Kafka or in a log', async () => {
  const folders = { objects: join(dir, 'objects'), keys: join(dir, 'keys') };
  for (const folder of Object.values(folders)) mkdirSync(folder);
  const run = await openPipeline({
    ...KEEPING,
    VF_LOG_LEVEL: 'debug',
    TEMPORAL_ADDRESS: stack.temporalAddress,
    VF_EVIDENCE_STORE: `file:${folders.objects}`,
    VF_EVIDENCE_KEY_STORE: `file:${folders.keys}`,
  });
  const service = run.serve();
  const tokens = tokensOf(SCENARIOS);
  const [none, one] = tokensOf(['ready-pass', 'ready-pass']);
  if (none === undefined || one === undefined) throw new Error('no tokens');
  await run.submit(tokens);
  const wishing = ([token, returnImage]: readonly [MixedToken, number]) => ({
    value: JSON.stringify({ ...JSON.parse(requestOf(token).value), returnImage }),
  });
  const wishes = [wishing([none, 0]), wishing([one, 1])];
  await produce(inject('kafkaBrokers'), run.env['VF_KAFKA_REQUEST_TOPIC'] ?? '', wishes);
  await run.allDecided([...tokens, none, one], 60_000);

  const sent = await sentTo(run);
  const outcomes = outcomesOf(run, [...tokens, none, one]);
  for (const { token, event } of outcomes) {
    const { scenario, expected } = token;
    expect([scenario, event.outcome, primaryOf(event.reasons)?.code ?? null]).toEqual([scenario, expected.outcome, expected.reason]);
    const images = sent.get(event.verificationId)?.images ?? [];
    expect([scenario, tally(event.evidence)]).toEqual([scenario, tally(images)]);
    expect(event.reasons.map(({ code }) => code)).not.toContain('EVIDENCE_STORE_FAILED');
  }
  const counts = Object.fromEntries(outcomes.map(({ token, event }) => [token.scenario, event.evidence.length]));
  expect(counts).toMatchObject({ 'image-multifaces': 3, 'image-second-null': 1, 'image-null': 0, 'image-broken': 0, cancelled: 0 });
  expect(outcomes.slice(-2).map(({ event }) => event.evidence.length)).toEqual([0, 1]);

  const vault = createEvidenceVault({
    objects: createFolderStore({ root: folders.objects, setting: 'objects' }),
    keyStore: createFolderStore({ root: folders.keys, setting: 'keys' }),
    keys: { current: () => [{ id: 'e1', key }], refresh: () => undefined },
  });
  const metrics = await service.admin('/metrics');
  service.kill('SIGTERM');
  await service.exit();
  const files = Object.values(folders).flatMap((folder) => readdirSync(folder, { recursive: true, withFileTypes: true }));
  const stores = {
    temporal: databaseOf(stack),
    kafka: Buffer.from(JSON.stringify([...run.outcomes().values()])),
    letters: Buffer.from(JSON.stringify(run.deadLetters())),
    logs: Buffer.from(service.output()),
    metrics: Buffer.from(metrics),
    ciphertexts: Buffer.concat(files.filter((file) => file.isFile()).map((file) => readFileSync(join(file.parentPath, file.name)))),
  };
  let searched = 0;
  for (const { event } of outcomes) {
    for (const { object, sha256 } of event.evidence) {
      const image = await vault.open({ verificationId: event.verificationId, object });
      expect(createHash('sha256').update(image).digest('hex')).toBe(sha256);
      for (const trace of tracesOf(image))
        for (const [name, bytes] of Object.entries(stores)) expect([name, bytes.includes(trace)]).toEqual([name, false]);
      searched += 1;
    }
  }
  expect(searched).toBeGreaterThan(12);
  // The search itself works: what is meant to be there is found.
  for (const { event } of outcomes) expect(stores.temporal.includes(event.evidence[0]?.sha256 ?? event.verificationId)).toBe(true);
  await run.close();
}, 120_000);

it.concurrent('a store that is away changes no verdict and costs no read: EVIDENCE_STORE_FAILED stands beside it', async () => {
  const nowhere = `http://127.0.0.1:${await freePort()}`;
  const run = await openPipeline({
    ...KEEPING,
    TEMPORAL_ADDRESS: stack.temporalAddress,
    VF_EVIDENCE_STORE: 's3://evidence',
    VF_EVIDENCE_KEY_STORE: 's3://keys',
    VF_EVIDENCE_S3_ENDPOINT: nowhere,
    VF_EVIDENCE_S3_ACCESS_KEY_ID: 'invented',
    VF_EVIDENCE_S3_SECRET_ACCESS_KEY: 'invented',
    VF_EVIDENCE_TIMEOUT: '1s',
  });
  run.serve();
  const tokens = tokensOf(['ready-pass', 'ready-fail-match', 'review-multifaces', 'image-null', 'processing-1']);
  await run.submit(tokens);
  await run.allDecided(tokens, 60_000);
  const sent = await sentTo(run);
  for (const { token, event } of outcomesOf(run, tokens)) {
    const { scenario, expected } = token;
    const { reads, images } = sent.get(event.verificationId) ?? { reads: 0, images: [] };
    expect([scenario, event.outcome, primaryOf(event.reasons)?.code ?? null]).toEqual([scenario, expected.outcome, expected.reason]);
    expect([scenario, event.evidence, event.reasons.at(-1)?.code === 'EVIDENCE_STORE_FAILED']).toEqual([scenario, [], images.length > 0]);
    expect([scenario, reads, event.retrieval.callsUsed]).toEqual([scenario, scenario === 'processing-1' ? 2 : 1, reads]);
  }
  await run.close();
}, 120_000);
