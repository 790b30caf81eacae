import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unwrapKey } from '../../../src/evidence/data-keys.ts';
import { openEnvelope } from '../../../src/evidence/envelope.ts';
import { startCli } from '../../support/cli-process.ts';
import { filesBelow } from '../../support/evidence-stores.ts';
import type { Kept } from './judge.ts';
import { keptRecordOf } from './key-record.ts';
import type { Proof } from '../proof.ts';
import { createSearch, formsOf, type Needle } from './search.ts';
import type { World } from './world.ts';

/** Of a wrapped key: nonce, key and tag, 60 bytes. */
const WRAPPED = /[A-Za-z0-9+/]{80}/g;
const TRACE_BYTES = 24;

type Copy = { readonly verificationId: string; readonly object: string; readonly bytes: Buffer };

/** What was erased opens for nobody, whoever has the key-encryption key and every byte that is left; the others still open. */
export async function proveErasure(
  world: World,
  { kept, erase }: { readonly kept: readonly Kept[]; readonly erase: number },
): Promise<Proof> {
  const erased = kept.filter((_, index) => index % Math.max(1, Math.floor(kept.length / erase)) === 0).slice(0, erase);
  const others = kept.filter((one) => !erased.includes(one));
  const { copies, dataKeys, needles } = await before(world, erased);
  const couldOpen = countOpen(copies, dataKeys);
  const found = searchStores(world, needles);
  const order = await eraseAll(world, erased);
  const left = searchStores(world, needles);
  const keysLeft = keysToBeHad(world, erased);
  const stillOpen = await openable(world, others);
  const erasedOpen = await openable(world, erased);
  const references = others.reduce((sum, { evidence }) => sum + evidence.length, 0);
  const kinds = (finds: ReadonlyMap<string, number>): number => [...finds.values()].reduce((sum, count) => sum + count, 0);
  return {
    proof: 'erasure',
    erased: erased.length,
    seconds: order.seconds,
    openedBeforeWithTheKey: couldOpen,
    tracesBefore: Object.fromEntries(found),
    tracesAfter: Object.fromEntries(left),
    dataKeysLeftOfThem: keysLeft.size,
    openedAfterFromACopyOfTheObjects: countOpen(copies, keysLeft),
    othersThatOpen: stillOpen,
    findings: [
      ...(order.code === 0 ? [] : [`erase ended with ${order.code}: ${order.err.slice(-500)}`]),
      ...(couldOpen === copies.length ? [] : [`before, ${couldOpen} of ${copies.length} opened`]),
      ...(found.get('wrapped key') === erased.length ? [] : ['the search does not find the wrapped keys where they were']),
      ...(found.get('ciphertext') === copies.length ? [] : ['the search does not find the ciphertexts where they were']),
      ...(kinds(left) === 0 ? [] : [`left: ${JSON.stringify(Object.fromEntries(left))}`]),
      ...(keysLeft.size === 0 ? [] : [`${keysLeft.size} data keys are left`]),
      ...(erasedOpen === 0 ? [] : [`${erasedOpen} still open`]),
      ...(stillOpen === references ? [] : [`of the others ${stillOpen} of ${references} open`]),
    ],
  };
}

/** What whoever had made a copy of everything would have. */
async function before(world: World, erased: readonly Kept[]) {
  const copies: Copy[] = [];
  const dataKeys = new Map<string, Uint8Array>();
  const needles: Needle[] = [];
  for (const { verificationId, evidence } of erased) {
    const record = await keptRecordOf(verificationId, world);
    const dataKey = unwrapKey(record, { verificationId, keys: world.keys });
    dataKeys.set(verificationId, dataKey);
    needles.push(
      { kind: 'wrapped key', bytes: Buffer.from(record.wrapped) },
      { kind: 'wrapped key', bytes: Buffer.from(record.wrapped, 'base64') },
    );
    needles.push(...formsOf('data key', dataKey));
    for (const { object } of evidence) {
      const blob = await world.blobs.objects.read(object);
      if (blob === undefined) throw new Error(`${object} is not there`);
      const bytes = Buffer.from(blob.bytes);
      copies.push({ verificationId, object, bytes });
      const middle = Math.floor(bytes.length / 2);
      needles.push({ kind: 'ciphertext', bytes: bytes.subarray(middle, middle + TRACE_BYTES) });
    }
  }
  return { copies, dataKeys, needles };
}

function searchStores({ servers }: World, needles: readonly Needle[]): ReadonlyMap<string, number> {
  return createSearch(needles).inFiles(servers.objects.ownDir, servers.keys.ownDir).finds;
}

/** By the command line, as somebody who may erase and not open: without a key. */
async function eraseAll({ env, dir }: World, erased: readonly Kept[]) {
  const file = join(dir, 'erase.txt');
  writeFileSync(file, erased.map(({ verificationId }) => `${verificationId}\n`).join(''));
  const { VF_EVIDENCE_KEYS: _none, ...withoutKeys } = env;
  const mandate = ['--reason', 'asks to be forgotten', '--operator', 'jane', '--ticket', 'DSR-31'];
  const startedAtMs = Date.now();
  const { code, err } = await startCli(['erase', '--file', file, ...mandate, '--yes', '--journal', join(dir, 'erase.ndjson')], withoutKeys)
    .done;
  return { code, err, seconds: (Date.now() - startedAtMs) / 1_000 };
}

/** Every data key of these that the key-encryption key gives back from anything that looks like a wrapped one. */
function keysToBeHad({ servers, keys }: World, erased: readonly Kept[]): ReadonlyMap<string, Uint8Array> {
  const found = new Map<string, Uint8Array>();
  const [keyId = ''] = keys.current().map(({ id }) => id);
  const candidates = new Set(filesBelow(servers.keys.ownDir).flatMap(({ bytes }) => bytes.toString('latin1').match(WRAPPED) ?? []));
  for (const wrapped of candidates) {
    for (const { verificationId } of erased) {
      try {
        found.set(verificationId, unwrapKey({ keyId, wrapped }, { verificationId, keys }));
      } catch {
        // That is what is tried for.
      }
    }
  }
  return found;
}

function countOpen(copies: readonly Copy[], dataKeys: ReadonlyMap<string, Uint8Array>): number {
  return copies.filter(({ bytes, ...place }) => {
    const key = dataKeys.get(place.verificationId);
    return key !== undefined && openEnvelope(key, place, bytes).bytes.length > 0;
  }).length;
}

async function openable({ vault }: World, some: readonly Kept[]): Promise<number> {
  let count = 0;
  for (const { verificationId, evidence } of some)
    for (const { object } of evidence)
      count += await vault.open({ verificationId, object }).then(
        () => 1,
        () => 0, // Why stands in the store; here it is counted.
      );
  return count;
}
