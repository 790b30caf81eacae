import { randomUUID } from 'node:crypto';
import { ConfigurationError, DependencyUnavailableError, EvidenceUnreadableError } from '../contracts/errors.ts';
import { defined } from '../domain/defined.ts';
import { exhausted } from '../domain/exhaustive.ts';
import { isVerificationId } from '../domain/ids.ts';
import type { Erasure, EvidenceObject, EvidenceState, EvidenceVault, UnreadableObject } from '../operator/evidence/ports.ts';
import { type BlobStore, isBlobName, type ListedBlob, StoreError } from './blob-store.ts';
import { type EvidenceKeys, unwrapKey, wrapKey } from './data-keys.ts';
import { EnvelopeBrokenError, HEADER_WITHIN_BYTES, openEnvelope, peekEnvelope } from './envelope.ts';
import { createKeyRecords, type KeptRecord, type KeyRecords, type Standing } from './key-records.ts';
import { patient } from './patience.ts';

type VaultOptions = {
  /** Ciphertexts. */
  readonly objects: BlobStore;
  /** Key records; never the same place, nor one within the other. */
  readonly keyStore: BlobStore;
  readonly keys: EvidenceKeys;
  readonly now?: () => number;
};

/** For each request to a store. What it refuses is not asked again: somebody waits for the answer, and has to change something. */
const PATIENCE = { untilMs: () => Date.now() + 20_000, repeats: ({ why }: StoreError) => why === 'UNREACHABLE' };

/** An erasure is told in the key's own place for so long: longer than anybody who began to keep before it can take to end. */
const SETTLED_AFTER_MS = 3_600_000;

/** All evidence, for who may open and erase it; see the port for what each call promises. */
export function createEvidenceVault({ keys, now = Date.now, ...stores }: VaultOptions): EvidenceVault {
  const objects = patient(stores.objects, { ...PATIENCE, setting: 'VF_EVIDENCE_STORE' });
  const records = createKeyRecords(patient(stores.keyStore, { ...PATIENCE, setting: 'VF_EVIDENCE_KEY_STORE' }));
  const instant = (): string => new Date(now()).toISOString();
  const vault: EvidenceVault = {
    state: async (verificationId) => await readState(mustBeId(verificationId), records),
    async list(verificationId) {
      const state = await readState(mustBeId(verificationId), records);
      const found = [];
      for await (const listed of objects.list(`${verificationId}/`)) found.push(await describeObject(objects, listed));
      const unreadable = found.filter((one) => one !== undefined && 'why' in one);
      const readable = found.filter((one) => one !== undefined && 'kind' in one);
      return { verificationId, state, objects: readable, ...(unreadable.length === 0 ? {} : { unreadable }) };
    },
    open: async ({ verificationId, object }) => await openObject({ verificationId, object }, { objects, records, keys }),
    async erase(verificationId, { mandate, dryRun = false }) {
      mustBeId(verificationId);
      if (dryRun) return await foresee(verificationId, { objects, records });
      const result = await records.erase({ v: 1, verificationId, erasedAt: instant(), by: mandate, order: randomUUID() });
      if (result === 'HELD') return { verificationId, result, keysDeleted: 0, objectsDeleted: 0 };
      const objectsDeleted = await deleteObjects(verificationId, objects);
      if (result === 'ALREADY' && objectsDeleted === 0) await settle(verificationId, { records, nowMs: now() });
      return erasureOf(verificationId, { result, objects: objectsDeleted });
    },
    hold: async (verificationId, mandate) => await setHold(verificationId, { records, hold: { ...mandate, at: instant() } }),
    release: async (verificationId) => await setHold(verificationId, { records, hold: undefined }),
    async *records() {
      for await (const verificationId of records.ids()) {
        const state = await readState(verificationId, records);
        if (state.kind !== 'NOTHING') yield { verificationId, state };
      }
    },
    async *orphans() {
      let judged: { readonly verificationId: string; readonly isErased: boolean } | undefined;
      for await (const { name } of objects.list('')) {
        const [verificationId = ''] = name.split('/');
        if (!isVerificationId(verificationId)) continue;
        if (judged?.verificationId !== verificationId)
          judged = { verificationId, isErased: (await readState(verificationId, records)).kind === 'ERASED' };
        // Without a key or a word of its erasure somebody may just have named the wrong key store.
        if (judged.isErased) yield { verificationId, object: name };
      }
    },
    rewrap: async (verificationId) => await rewrap(verificationId, { records, keys }),
  };
  return foreseen(vault);
}

async function describeObject(
  objects: BlobStore,
  { name, bytes, storedAtMs }: ListedBlob,
): Promise<EvidenceObject | UnreadableObject | undefined> {
  const beginning = await objects.read(name, { firstBytes: HEADER_WITHIN_BYTES });
  if (beginning === undefined) return undefined;
  try {
    return { object: name, ...peekEnvelope(beginning.bytes, bytes), storedAt: new Date(storedAtMs).toISOString() };
  } catch (error) {
    if (!(error instanceof EnvelopeBrokenError)) throw error;
    return { object: name, why: error.message };
  }
}

type Opening = { readonly objects: BlobStore; readonly records: KeyRecords; readonly keys: EvidenceKeys };

async function openObject(place: { verificationId: string; object: string }, { objects, records, keys }: Opening): Promise<Uint8Array> {
  const { verificationId, object } = place;
  if (!isBlobName(object) || !object.startsWith(`${mustBeId(verificationId)}/`))
    throw new EvidenceUnreadableError(`${object} is no object of ${verificationId}; \`verdictflow evidence list\` names them`);
  const standing = await records.standing(verificationId);
  if (standing.kind === 'ERASED')
    throw new EvidenceUnreadableError(
      `the evidence of ${verificationId} was erased at ${standing.record.erasedAt}; nobody can open it any more`,
    );
  if (standing.kind === 'NOTHING')
    throw new EvidenceUnreadableError(
      `there is no key record of ${verificationId}: nothing was kept, or VF_EVIDENCE_KEY_STORE names another store`,
    );
  const dataKey = unwrapKey(standing.record, { verificationId, keys });
  const envelope = await objects.read(object);
  if (envelope === undefined)
    throw new EvidenceUnreadableError(`${object} is not there: it was deleted, or VF_EVIDENCE_STORE names another store`);
  return unreadable(object, () => openEnvelope(dataKey, place, envelope.bytes).bytes);
}

function unreadable<T>(object: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof EnvelopeBrokenError)) throw error;
    throw new EvidenceUnreadableError(`${object} cannot be opened: ${error.message}`, { cause: error });
  }
}

async function foresee(verificationId: string, { objects, records }: Omit<Opening, 'keys'>): Promise<Erasure> {
  const standing = await records.standing(verificationId);
  let found = 0;
  for await (const _ of objects.list(`${verificationId}/`)) found += 1;
  if (standing.kind === 'KEPT' && standing.record.hold !== undefined)
    return { verificationId, result: 'HELD', keysDeleted: 0, objectsDeleted: 0 };
  const result = { KEPT: 'DESTROYED', ERASED: 'ALREADY', NOTHING: 'NOTHING' } as const;
  return erasureOf(verificationId, { result: result[standing.kind], objects: found });
}

function erasureOf(
  verificationId: string,
  { result, objects }: { readonly result: 'DESTROYED' | 'ALREADY' | 'NOTHING'; readonly objects: number },
): Erasure {
  const counts = { verificationId, keysDeleted: result === 'DESTROYED' ? 1 : 0, objectsDeleted: objects };
  if (result === 'ALREADY') return { ...counts, result };
  // Objects without a key: it was taken away by hand.
  return { ...counts, result: result === 'DESTROYED' || objects > 0 ? 'ERASED' : 'NOTHING' };
}

async function deleteObjects(verificationId: string, objects: BlobStore): Promise<number> {
  const names = [];
  for await (const { name } of objects.list(`${verificationId}/`)) names.push(name);
  for (const name of names) await objects.delete(name);
  return names.length;
}

/** Takes the record of an old erasure from among the keys, so that sweeps need not read it for ever. */
async function settle(verificationId: string, { records, nowMs }: { readonly records: KeyRecords; readonly nowMs: number }): Promise<void> {
  const standing = await records.standing(verificationId);
  if (standing.kind !== 'ERASED' || standing.moved) return;
  if (nowMs - Date.parse(standing.record.erasedAt) > SETTLED_AFTER_MS) await records.drop(verificationId);
}

type Holding = { readonly records: KeyRecords; readonly hold: KeptRecord['hold'] };

/** A hold that is there already stays as it is: who set it first, and why, is what counts. */
async function setHold(verificationId: string, { records, hold }: Holding): Promise<EvidenceState> {
  const standing = await records.update(mustBeId(verificationId), ({ hold: before, ...record }) => {
    if ((before === undefined) === (hold === undefined)) return undefined;
    return { ...record, ...defined({ hold }) };
  });
  return stateOf(standing);
}

async function rewrap(
  verificationId: string,
  { records, keys }: Omit<Opening, 'objects'>,
): Promise<'REWRAPPED' | 'UP_TO_DATE' | 'NOTHING'> {
  let isRewrapped = false;
  const standing = await records.update(mustBeId(verificationId), (record) => {
    if (record.keyId === keys.current().at(0)?.id) return undefined;
    // Stays so if the answer to it is lost, and the next look finds it done.
    isRewrapped = true;
    return { ...record, ...wrapKey(unwrapKey(record, { verificationId, keys }), { verificationId, keys }) };
  });
  if (standing.kind !== 'KEPT') return 'NOTHING';
  return isRewrapped ? 'REWRAPPED' : 'UP_TO_DATE';
}

/** What stands, or that what stands there is no record: one of them must not end a list of many. */
async function readState(verificationId: string, records: KeyRecords): Promise<EvidenceState> {
  try {
    return stateOf(await records.standing(verificationId));
  } catch (error) {
    if (!(error instanceof EvidenceUnreadableError)) throw error;
    return { kind: 'UNREADABLE', why: error.message };
  }
}

function stateOf(standing: Standing): EvidenceState {
  switch (standing.kind) {
    case 'KEPT': {
      const { createdAt, expiresAt, keyId, hold } = standing.record;
      return { kind: 'KEPT', createdAt, expiresAt, keyId, ...defined({ hold }) };
    }
    case 'ERASED':
      return { kind: 'ERASED', erasedAt: standing.record.erasedAt, by: standing.record.by };
    case 'NOTHING':
      return { kind: 'NOTHING' };
    default:
      return exhausted(standing);
  }
}

function mustBeId(verificationId: string): string {
  if (!isVerificationId(verificationId)) throw new EvidenceUnreadableError('that is no verification id, which has 26 letters and digits');
  return verificationId;
}

/** Says what happened to a store in the words of processes and commands. */
function foreseen(vault: EvidenceVault): EvidenceVault {
  return {
    state: async (verificationId) => await told(async () => await vault.state(verificationId)),
    list: async (verificationId) => await told(async () => await vault.list(verificationId)),
    open: async (object) => await told(async () => await vault.open(object)),
    erase: async (verificationId, order) => await told(async () => await vault.erase(verificationId, order)),
    hold: async (verificationId, mandate) => await told(async () => await vault.hold(verificationId, mandate)),
    release: async (verificationId, mandate) => await told(async () => await vault.release(verificationId, mandate)),
    records: () => toldEach(vault.records()),
    orphans: () => toldEach(vault.orphans()),
    rewrap: async (verificationId) => await told(async () => await vault.rewrap(verificationId)),
  };
}

async function told<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw wordsFor(error);
  }
}

async function* toldEach<T>(source: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* source;
  } catch (error) {
    throw wordsFor(error);
  }
}

function wordsFor(error: unknown): unknown {
  if (!(error instanceof StoreError)) return error;
  return error.why === 'REFUSED'
    ? new ConfigurationError([error.message])
    : new DependencyUnavailableError('evidence', error.message, { cause: error });
}
