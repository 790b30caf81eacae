import { createHash } from 'node:crypto';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { unwrapKey } from '../../../src/evidence/data-keys.ts';
import { IMAGE_MARK, jpegOf } from '../../../src/emulator/jpeg.ts';
import type { Keeping } from './keeping.ts';
import type { Sent } from './judge.ts';
import { keptRecordOf } from './key-record.ts';
import type { Proof } from '../proof.ts';
import { createSearch, formsOf, type Needle, type Search } from './search.ts';
import type { World } from './world.ts';

const TRACE_BYTES = 24;

type Place = {
  readonly name: string;
  /** Files or folders, or what was written. */
  readonly bytes: readonly string[] | Buffer;
  /** Stands there for sure: a search that does not find it is none. */
  readonly known: string;
};

/** No byte of an image, no token and no key in clear, in all that store, Temporal, Kafka and the service have written. */
export async function proveSilence(world: World, { kept, sent, tokens, metrics }: Keeping): Promise<Proof> {
  const needles = [
    ...imageNeedles(sent),
    ...tokenNeedles(tokens),
    ...(await keyNeedles(
      world,
      kept.map(({ verificationId }) => verificationId),
    )),
  ];
  const places = placesOf(world, { metrics, reference: kept[0]?.evidence[0]?.sha256 ?? 'nothing was kept' });
  const known = new Set(places.map((place) => place.known));
  const search = createSearch([...needles, ...[...known].map((text) => ({ kind: text, bytes: Buffer.from(text) }))]);
  const findings: string[] = [];
  const searched: Record<string, number> = {};
  for (const place of places) {
    const { finds, size } = searchIn(search, place.bytes);
    searched[place.name] = size;
    if (!finds.has(place.known)) findings.push(`${place.name}: the search is none, it does not find ${place.known}`);
    for (const [kind, count] of finds) if (!known.has(kind)) findings.push(`${place.name}: ${count} of ${kind} in clear`);
  }
  // What a producer writes is his: there every token is, and shows that the search would find it elsewhere.
  const { finds: requested } = search.inFiles(...topicFolders(world, (topic) => topic === world.env['VF_KAFKA_REQUEST_TOPIC']));
  if (requested.get('token') !== tokens.length)
    findings.push(`of ${tokens.length} tokens the search finds ${requested.get('token') ?? 0} where they are`);
  const planted = plant(world, needles, search);
  if (planted < new Set(needles.map(({ kind }) => kind)).size) findings.push('the search does not find what was planted for it');
  return {
    proof: 'silence',
    needles: needles.length,
    bytesSearched: searched,
    tokensInTheTopicOfRequests: requested.get('token') ?? 0,
    kindsFoundWherePlanted: planted,
    hits: findings.length,
    findings: findings.slice(0, 20),
  };
}

function searchIn(search: Search, bytes: Place['bytes']) {
  if (Buffer.isBuffer(bytes)) return { ...search.inBytes(bytes), size: bytes.length };
  const { finds, searched } = search.inFiles(...bytes);
  return { finds, size: searched };
}

function placesOf(world: World, { metrics, reference }: { readonly metrics: string; readonly reference: string }): readonly Place[] {
  const { servers, stack, env, processes } = world;
  const database = [stack.temporalDbFile, `${stack.temporalDbFile}-wal`].filter(existsSync);
  return [
    { name: 'objects', bytes: [servers.objects.ownDir], known: '"kind":"IMAGE_BEST"' },
    { name: 'keys', bytes: [servers.keys.ownDir], known: '"wrapped":"' },
    { name: 'temporal', bytes: database, known: reference },
    { name: 'kafka', bytes: topicFolders(world, (topic) => topic !== env['VF_KAFKA_REQUEST_TOPIC']), known: reference },
    { name: 'logs', bytes: Buffer.from(processes.map(({ process }) => process.output()).join('\n')), known: 'evidence-kept' },
    { name: 'metrics', bytes: Buffer.from(metrics), known: 'verdictflow_evidence_bytes_total' },
  ];
}

/** Folders of Kafka's partitions, by topic; what it keeps beside them goes with every choice. */
function topicFolders({ stack }: World, isWanted: (topic: string) => boolean): readonly string[] {
  const data = join(dirname(dirname(stack.temporalDbFile)), 'kafka', 'data');
  return readdirSync(data)
    .filter((name) => isWanted(name.replace(/-\d+$/, '')))
    .map((name) => join(data, name));
}

/** From the vendor's own making, by its log: the code under test has no part in them. */
function imageNeedles(sent: readonly Sent[]): readonly Needle[] {
  const traces = sent.flatMap(({ verificationId, images }) =>
    images.flatMap(({ field, bytes, sha256 }) => {
      const image = jpegOf(`${verificationId}:${field}`, bytes);
      if (createHash('sha256').update(image).digest('hex') !== sha256)
        throw new Error(`cannot make the ${field} of ${verificationId} again`);
      const middle = Math.floor(image.length / 2);
      return formsOf('image', image.subarray(middle, middle + TRACE_BYTES));
    }),
  );
  return [...formsOf('mark of all images', Buffer.from(IMAGE_MARK)), ...traces];
}

function tokenNeedles(tokens: readonly string[]): readonly Needle[] {
  return tokens.flatMap((token) => formsOf('token', Buffer.from(token.slice(-TRACE_BYTES))));
}

/** Whatever opens something, and the vendor's and stores' secrets. */
async function keyNeedles(world: World, ids: readonly string[]): Promise<readonly Needle[]> {
  const { keys, env, servers } = world;
  const dataKeys: Uint8Array[] = [];
  for (const verificationId of ids) dataKeys.push(unwrapKey(await keptRecordOf(verificationId, world), { verificationId, keys }));
  const tokenKey = Buffer.from((env['VF_TOKEN_KEYS'] ?? '').replace(/^.*:/, ''), 'base64');
  const secrets = [env['VF_FACEID_API_SECRET'], env['VF_FACEID_API_KEY'], servers.objects.secretAccessKey, servers.keys.secretAccessKey];
  return [
    ...dataKeys.flatMap((key) => formsOf('data key', key)),
    ...keys.current().flatMap(({ key }) => formsOf('key-encryption key', key)),
    ...formsOf('token key', tokenKey),
    ...secrets.flatMap((secret) => formsOf('secret', Buffer.from(secret ?? ''))),
  ];
}

/** A file that holds one of each kind. @returns how many kinds the search finds there. */
function plant({ dir }: World, needles: readonly Needle[], search: Search): number {
  const ofEach = new Map(needles.map((needle) => [needle.kind, needle.bytes]));
  const path = join(dir, 'planted');
  writeFileSync(path, Buffer.concat([...ofEach.values()].flatMap((bytes) => [Buffer.from('…'), bytes])));
  return search.inFiles(path).finds.size;
}
