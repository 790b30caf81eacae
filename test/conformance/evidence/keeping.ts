import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { verificationIdOf } from '../../../src/contracts/wire/token-identity.ts';
import { mintToken } from '../../../src/emulator/mint-token.ts';
import { expectedOf } from '../../../src/emulator/scenarios.ts';
import type { ObjectStore } from '../../support/object-store.ts';
import { produce, watchTopic } from '../../support/pipeline.ts';
import { until } from '../../support/until.ts';
import { type MixedToken, requestOf } from '../scenario-mix.ts';
import { judge, type Kept, type Sent } from './judge.ts';
import type { ProofOptions } from './main.ts';
import type { Proof } from '../proof.ts';
import { type Meter, startMeter } from './meter.ts';
import type { World } from './world.ts';

const LARGE_BYTES = 12_000_000;
/** Beside images of a size of their own; in these they have the usual 30 kB, or there are none. */
const OTHERS = [
  'ready-fail-liveness',
  'processing-1',
  'image-multifaces',
  'ready-fail-match',
  'processing-2',
  'image-second-null',
  'cancelled',
  'image-null',
];
const EVERY_OTHERS = 4;
/** How long a server is away, in turns: the third time longer than evidence is patient. */
const AWAY_MS = [3_000, 5_000, 12_000, 2_000];
const DECIDED_WITHIN_MS = 420_000;
const OPENED_AT_ONCE = 4;

export type Keeping = {
  readonly proof: Proof;
  readonly kept: readonly Kept[];
  readonly sent: readonly Sent[];
  readonly tokens: readonly string[];
  readonly metrics: string;
};

/** Every verdict has its evidence, or says that it could not be kept, whatever is killed meanwhile. */
export async function proveKeeping(world: World, options: ProofOptions): Promise<Keeping> {
  const meter = startMeter(world);
  const outcomes = await watchTopic(world.stack.kafkaBrokers, world.env['VF_KAFKA_OUTCOME_TOPIC'] ?? '');
  const startedAtMs = Date.now();
  const load = submitAll(world, options);
  const forMs = (options.tokens / options.rate) * 1_000;
  const [awayMs] = await Promise.all([
    killStores(world, { forMs, kills: options.storeKills }),
    killWorkers(world, { forMs, kills: options.workerKills }),
  ]);
  const tokens = await load;
  await world.fleet.heal();
  const ids = tokens.map(({ token }) => verificationIdOf(token));
  const open = (): readonly string[] => {
    const seen = outcomes.byId();
    return ids.filter((id) => !seen.has(id));
  };
  // Who is missing then is among the findings.
  await until(() => open().length === 0, { timeoutMs: DECIDED_WITHIN_MS, everyMs: 1_000, what: 'all are decided' }).catch(() => undefined);
  const decidedAfterMs = Date.now() - startedAtMs;
  const { kept, sent, ...found } = await judge(tokens, { ...world, outcomes: outcomes.byId() });
  const opened = await openAll(kept, world);
  await outcomes.stop();
  await meter.stop();
  const memory = memoryOf(meter, world);
  const ends = world.fleet.ownEnds();
  const { fourthReads, lost, changed, unaccounted } = found;
  const findings = [
    ...told('read a fourth time', fourthReads),
    ...told('lost', lost),
    ...told('changed', changed),
    ...told('neither kept nor said to be lost', unaccounted),
    ...told('does not open', opened.broken),
    ...told('ended by itself', ends),
    ...memory.findings,
  ];
  const { findings: _judged, ...figures } = memory;
  const proof = {
    proof: 'keeping',
    tokens: tokens.length,
    seconds: Math.round(decidedAfterMs / 1_000),
    storeKills: awayMs.length,
    storesAwaySeconds: Math.round(awayMs.reduce((sum, ms) => sum + ms, 0) / 1_000),
    workerKills: world.fleet.kills(),
    ...Object.fromEntries(Object.entries(found).map(([name, value]) => [name, Array.isArray(value) ? value.length : value])),
    objectsOpened: opened.count,
    bytesOpened: opened.bytes,
    ...figures,
    findings,
  };
  return { proof, kept, sent, tokens: tokens.map(({ token }) => token), metrics: meter.metrics() };
}

function told(what: string, some: readonly string[]): readonly string[] {
  return some.slice(0, 5).map((one) => `${what} (${some.length}): ${one}`);
}

function memoryOf(meter: Meter, { env }: World) {
  const mostBytesOfEvidence = meter.mostBytesOfEvidence();
  const limit = Number(env['VF_EVIDENCE_MEMORY'] ?? 268_435_456);
  const peaks = meter.peakMiB();
  return {
    workerPeakMiB: Math.max(...peaks),
    workersPeakMiB: peaks,
    mostBytesOfEvidence,
    findings: mostBytesOfEvidence > limit ? [`a worker held ${mostBytesOfEvidence} bytes of evidence instead of ${limit}`] : [],
  };
}

/** A second's worth each second, the large ones among them. */
async function submitAll(world: World, { tokens, rate, imageBytes, large }: ProofOptions): Promise<readonly MixedToken[]> {
  const everyLarge = large === 0 ? Number.POSITIVE_INFINITY : Math.max(2, Math.floor(tokens / large));
  const scenarioOf = (index: number): string => {
    if (index % everyLarge === 1 && Math.floor(index / everyLarge) < large) return `image-bytes-${LARGE_BYTES}`;
    return index % EVERY_OTHERS === 0 ? (OTHERS[(index / EVERY_OTHERS) % OTHERS.length] ?? '') : `image-bytes-${imageBytes}`;
  };
  const all: MixedToken[] = [];
  for (const startedAtMs = Date.now(); all.length < tokens;) {
    const some = Array.from({ length: Math.min(rate, tokens - all.length) }, (_, index) => tokenOf(scenarioOf(all.length + index)));
    all.push(...some);
    await produce(world.stack.kafkaBrokers, world.env['VF_KAFKA_REQUEST_TOPIC'] ?? '', some.map(requestOf));
    await sleep(startedAtMs + (all.length / rate) * 1_000 - Date.now());
  }
  return all;
}

export function tokenOf(scenario: string): MixedToken {
  const expected = expectedOf(scenario);
  if (expected === undefined) throw new Error(`no expectation for ${scenario}`);
  const issuedAtMs = Date.now();
  return { token: mintToken({ scenario, issuedAtMs }), scenario, issuedAtMs, expected };
}

type Harm = { readonly forMs: number; readonly kills: number };

/** One server, the other, both, over the time of the load. @returns for how long each time. */
async function killStores({ servers: { objects, keys } }: World, { forMs, kills }: Harm): Promise<readonly number[]> {
  const victims: readonly (readonly ObjectStore[])[] = [[objects], [keys], [objects, keys]];
  const awayMs = Array.from({ length: kills }, (_, index) => AWAY_MS[index % AWAY_MS.length] ?? 0);
  const pauseMs = Math.max(1_000, (forMs - awayMs.reduce((sum, ms) => sum + ms, 0)) / (kills + 1));
  for (const [index, ms] of awayMs.entries()) {
    await sleep(pauseMs);
    const those = victims[index % victims.length] ?? [];
    await Promise.all(those.map(async (one) => await one.kill('SIGKILL')));
    await sleep(ms);
    await Promise.all(those.map(async (one) => await one.restart()));
  }
  return awayMs;
}

/** One or the other worker; it comes back after a second. */
async function killWorkers({ fleet }: World, { forMs, kills }: Harm): Promise<void> {
  for (let index = 0; index < kills; index += 1) {
    await sleep(forMs / (kills + 1));
    await fleet.kill(index % 2 === 0 ? 0 : 0.75, 'worker');
  }
}

/** Opens everything that was referred to, and compares it with what the vendor says it sent. */
async function openAll(kept: readonly Kept[], { vault }: Pick<World, 'vault'>) {
  const all = kept.flatMap(({ verificationId, evidence }) => evidence.map((reference) => ({ verificationId, ...reference })));
  const broken: string[] = [];
  let bytes = 0;
  const openOne = async ({ verificationId, object, sha256, bytes: size }: (typeof all)[number]): Promise<void> => {
    try {
      const image = await vault.open({ verificationId, object });
      bytes += image.byteLength;
      if (image.byteLength !== size || createHash('sha256').update(image).digest('hex') !== sha256)
        broken.push(`${object} is another image`);
    } catch (error) {
      broken.push(`${object}: ${String(error)}`);
    }
  };
  for (let at = 0; at < all.length; at += OPENED_AT_ONCE) await Promise.all(all.slice(at, at + OPENED_AT_ONCE).map(openOne));
  return { count: all.length - broken.length, bytes, broken };
}
