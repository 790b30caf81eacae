import { createHash, randomBytes } from 'node:crypto';
import type { EvidenceKeeper, FoundEvidence } from '../../activities/ports.ts';
import { createByteRoom } from '../async/byte-room.ts';
import { EvidenceUnreadableError, messageOf } from '../contracts/errors.ts';
import type { EvidenceFailure, EvidenceKind, EvidenceReference, KeptEvidence } from '../domain/evidence.ts';
import { type BlobStore, StoreError, type StoreFault } from './blob-store.ts';
import { type EvidenceKeys, newDataKey, unwrapKey, wrapKey } from './data-keys.ts';
import { sealEnvelope } from './envelope.ts';
import { createKeyRecords, type Honesty, type KeptRecord, type KeyRecords } from './key-records.ts';
import { patient } from './patience.ts';
import type { EvidenceEvents } from './ports.ts';

type KeeperOptions = {
  /** Ciphertexts. */
  readonly objects: BlobStore;
  /** Key records; never the same place, nor one within the other. */
  readonly keyStore: BlobStore;
  readonly keys: EvidenceKeys;
  /** How long evidence is kept, from the first of a verification on. */
  readonly ttlMs: number;
  /** Plain bytes of one object at most. */
  readonly maxBytes: number;
  /** Bytes held at once at most, ciphertexts included. */
  readonly memoryBytes: number;
  readonly events: EvidenceEvents;
  readonly now?: () => number;
};

/** Keeps until `untilMs`, and knows what it holds in memory. */
type Keeper = EvidenceKeeper & { heldBytes(): number };

type Order = Parameters<EvidenceKeeper['keep']>[0];
type Failure = { readonly kind: EvidenceKind; readonly why: EvidenceFailure };

/** Plain bytes and ciphertext are in memory together. Of who waits for room only the plain ones are: as many as the whole room, at most. */
const COPIES = 2;

/** The verification was erased before, or meanwhile. */
class ErasedError extends Error {
  override readonly name = 'ErasedError';
}

const FAILURES: Readonly<Record<StoreFault, EvidenceFailure>> = {
  UNREACHABLE: 'STORE_UNREACHABLE',
  REFUSED: 'STORE_REFUSED',
  FULL: 'STORE_FULL',
};

/** Encrypts and stores; see the port for what it promises. */
export function createEvidenceKeeper(options: KeeperOptions): Keeper {
  const { maxBytes, memoryBytes, events } = options;
  const room = createByteRoom(memoryBytes, COPIES * memoryBytes);
  const honesty: Honesty = { isProven: false };
  const lose = ({ verificationId }: Order, { kind, bytes }: FoundEvidence, { why, detail }: Loss): Failure => {
    events.lost({ verificationId, kind, why, bytes: bytes.byteLength, detail });
    return { kind, why };
  };
  return {
    heldBytes: () => room.taken(),
    async keep(order) {
      const fitting = order.found.filter(({ bytes }) => bytes.byteLength <= maxBytes);
      const failures = order.found.filter((one) => !fitting.includes(one)).map((one) => lose(order, one, TOO_LARGE));
      if (fitting.length === 0) return keptOf([], failures);
      const leave = await room.take(COPIES * totalOf(fitting), order.untilMs);
      if (leave === undefined) return keptOf([], [...failures, ...fitting.map((one) => lose(order, one, NO_ROOM))]);
      try {
        const results = await keepAll({ ...order, found: fitting }, { ...options, honesty });
        const lost = results.flatMap((result, index) => {
          const one = fitting[index];
          return one === undefined || 'object' in result ? [] : [lose(order, one, result)];
        });
        return keptOf(
          results.filter((result) => 'object' in result),
          [...failures, ...lost],
        );
      } finally {
        leave();
      }
    },
  };
}

type Loss = { readonly why: EvidenceFailure; readonly detail: string };

const TOO_LARGE: Loss = { why: 'TOO_LARGE', detail: 'it is larger than VF_EVIDENCE_MAX_BYTES' };
const NO_ROOM: Loss = {
  why: 'NO_ROOM',
  detail: 'the memory of VF_EVIDENCE_MEMORY was taken all the time; give the worker more, or look why the store is slow',
};

function totalOf(found: readonly FoundEvidence[]): number {
  return found.reduce((total, { bytes }) => total + bytes.byteLength, 0);
}

function keptOf(references: readonly EvidenceReference[], failures: readonly Failure[]): KeptEvidence {
  return failures.length === 0 ? { references } : { references, failures };
}

/** For each of what was found its reference, or why it was lost. */
async function keepAll(
  order: Order,
  options: KeeperOptions & { readonly honesty: Honesty },
): Promise<readonly (EvidenceReference | Loss)[]> {
  const { verificationId, found, untilMs } = order;
  const onRetry = (error: StoreError): void => options.events.retried({ verificationId, why: FAILURES[error.why], detail: error.message });
  const objects = patient(options.objects, { untilMs: () => untilMs, setting: 'VF_EVIDENCE_STORE', onRetry });
  const keyStore = patient(options.keyStore, { untilMs: () => untilMs, setting: 'VF_EVIDENCE_KEY_STORE', onRetry });
  const records = createKeyRecords(keyStore, options.honesty);
  try {
    const { record, dataKey } = await keyOf(verificationId, { ...options, records });
    const results = await Promise.all(found.map(async (one) => await keepOne(one, { ...options, record, dataKey, objects })));
    const stored = results.filter((result) => 'reference' in result);
    if (!(await isStillKept(verificationId, records))) {
      // Whoever erased may have looked for objects before these were there. Nobody can open them, but they shall not stay either.
      await Promise.allSettled(stored.map(async ({ reference }) => await objects.delete(reference.object)));
      throw new ErasedError();
    }
    for (const { reference, durationMs } of stored) {
      const { kind, bytes } = reference;
      options.events.kept({ verificationId, kind, bytes, durationMs });
    }
    return results.map((result) => ('reference' in result ? result.reference : result));
  } catch (error) {
    return found.map(() => lossOf(error));
  }
}

type Keying = KeeperOptions & { readonly records: KeyRecords };

/** The key of the verification: a new one, or that of an earlier read or of whoever was faster. */
async function keyOf(
  verificationId: string,
  { records, keys, ttlMs, now = Date.now }: Keying,
): Promise<{ readonly record: KeptRecord; readonly dataKey: Uint8Array }> {
  const dataKey = newDataKey();
  const createdAtMs = now();
  const standing = await records.claim({
    v: 1,
    verificationId,
    createdAt: new Date(createdAtMs).toISOString(),
    expiresAt: new Date(createdAtMs + ttlMs).toISOString(),
    ...wrapKey(dataKey, { verificationId, keys }),
  });
  if (standing.kind === 'KEPT') return { record: standing.record, dataKey: unwrapKey(standing.record, { verificationId, keys }) };
  throw new ErasedError();
}

/** When nobody can say, it was not: an erasure that came meanwhile has destroyed the key in any case. */
async function isStillKept(verificationId: string, records: KeyRecords): Promise<boolean> {
  try {
    return (await records.standing(verificationId)).kind === 'KEPT';
  } catch (error) {
    if (error instanceof StoreError || error instanceof EvidenceUnreadableError) return true;
    throw error;
  }
}

type Stored = { readonly reference: EvidenceReference; readonly durationMs: number };
type Keeping = KeeperOptions & { readonly record: KeptRecord; readonly dataKey: Uint8Array };

async function keepOne(one: FoundEvidence, { record, dataKey, objects, now = Date.now }: Keeping): Promise<Stored | Loss> {
  const { kind, contentType, bytes } = one;
  const { verificationId, keyId, expiresAt } = record;
  const startedAtMs = now();
  const object = `${verificationId}/${kind.toLowerCase()}-${randomBytes(8).toString('hex')}`;
  try {
    const envelope = sealEnvelope(dataKey, { verificationId, object }, { header: { kind, contentType }, bytes });
    // The name is new: what exists already was written by an attempt whose answer was lost.
    await objects.create(object, envelope);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return {
      reference: { kind, object, sha256, bytes: bytes.byteLength, contentType, keyId, expiresAt },
      durationMs: now() - startedAtMs,
    };
  } catch (error) {
    return lossOf(error);
  }
}

function lossOf(error: unknown): Loss {
  if (error instanceof StoreError) return { why: FAILURES[error.why], detail: error.message };
  if (error instanceof ErasedError) return { why: 'ERASED', detail: 'the verification was erased, so nothing is kept for it any more' };
  if (error instanceof EvidenceUnreadableError) return { why: 'STORE_REFUSED', detail: error.message };
  return { why: 'STORE_UNREACHABLE', detail: messageOf(error) };
}
