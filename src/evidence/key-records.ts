import { z } from 'zod';
import { EvidenceUnreadableError } from '../contracts/errors.ts';
import { SWEEPER } from '../contracts/mandate.ts';
import { textJson } from '../contracts/wire/value-json.ts';
import { isVerificationId } from '../domain/ids.ts';
import { type Blob, type BlobStore, StoreError } from './blob-store.ts';
import type { PatientStore } from './patience.ts';
import { unfitness } from './probe.ts';

const version = z.literal(1);
const mandate = z.object({ operator: z.string(), reason: z.string(), ticket: z.string().exactOptional() });

const keptRecord = z.object({
  v: version,
  verificationId: z.string(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  keyId: z.string(),
  wrapped: z.base64(),
  hold: mandate.extend({ at: z.iso.datetime() }).exactOptional(),
});

/** What is left of a verification whose key was destroyed: who ordered it, when and why. No key, and nothing of a person. */
const erasedRecord = z.object({
  v: version,
  verificationId: z.string(),
  erasedAt: z.iso.datetime(),
  by: mandate,
  /** Random: tells whoever lost the answer to his request that it was his. */
  order: z.string(),
});

export type KeptRecord = z.output<typeof keptRecord>;
export type ErasedRecord = z.output<typeof erasedRecord>;
type KeyRecord = KeptRecord | ErasedRecord;

/** `moved`: the erasure is told under `erased/` alone, the record itself is gone. */
export type Standing =
  | { readonly kind: 'KEPT'; readonly record: KeptRecord }
  | { readonly kind: 'ERASED'; readonly record: ErasedRecord; readonly moved: boolean }
  | { readonly kind: 'NOTHING' };

/**
 * The records of the key store, one a verification. Each is a small state machine, nothing → kept → erased, whose every step is
 * conditional on what was read: of a hold, a rotation and an erasure that meet, the first wins and the others see it. So a key that was
 * destroyed never comes back, in whatever order they are killed (ADR 0024). What stands there and is no record is an
 * `EvidenceUnreadableError`, which concerns this verification alone.
 */
export type KeyRecords = {
  standing(verificationId: string): Promise<Standing>;
  /** Stores the record unless there is one. @returns what stands then, whoever stored it. */
  claim(record: KeptRecord): Promise<Standing>;
  /** `change` answers the next record, or undefined to leave it; it may be asked again. @returns what stands then. */
  update(verificationId: string, change: (record: KeptRecord) => KeptRecord | undefined): Promise<Standing>;
  /**
   * Destroys the key, if no hold forbids it. Where no key was (`NOTHING`), it still marks that none shall be. Where its time had passed
   * (`ALREADY`), an order of somebody's stands in the marker from then on: to be forgotten means more than to have expired.
   */
  erase(record: ErasedRecord): Promise<'DESTROYED' | 'HELD' | 'ALREADY' | 'NOTHING'>;
  /** Removes a record of an erasure that `erased/` tells of as well. */
  drop(verificationId: string): Promise<void>;
  ids(): AsyncIterable<string>;
};

const KEYS = 'keys/';
const ERASED = 'erased/';
/** So often somebody else may be faster. */
const ATTEMPTS = 20;

/** `isProven`: the store is known to obey the conditions of writes, and to forget. Shared by whoever makes records of one store more than once. */
export type Honesty = { isProven: boolean };

/**
 * Everything rests on conditional writes, and there are servers that take the condition for a header they need not know; and there are
 * buckets that keep what is replaced. So before its first write the store is tried.
 */
export function createKeyRecords(
  store: BlobStore & Partial<Pick<PatientStore, 'together'>>,
  honesty: Honesty = { isProven: false },
): KeyRecords {
  const atKeys = (verificationId: string): string => `${KEYS}${verificationId}.json`;
  const atErased = (verificationId: string): string => `${ERASED}${verificationId}.json`;
  const honest = async (): Promise<void> => {
    if (!honesty.isProven) await (store.together === undefined ? assertFit(store) : store.together(assertFit));
    honesty.isProven = true;
  };

  async function read(name: string): Promise<{ readonly record: KeyRecord; readonly tag: string } | undefined> {
    const blob = await store.read(name);
    return blob === undefined ? undefined : { record: parseRecord(blob, name), tag: blob.tag };
  }

  async function moved(verificationId: string): Promise<Standing> {
    const marker = await read(atErased(verificationId));
    return marker === undefined || isKept(marker.record) ? { kind: 'NOTHING' } : { kind: 'ERASED', record: marker.record, moved: true };
  }

  async function standing(verificationId: string): Promise<Standing> {
    const found = await read(atKeys(verificationId));
    return found === undefined ? await moved(verificationId) : standingOf(found.record);
  }

  /** Tells of it under `erased/`, where nothing that means as much is told. */
  async function mark(record: ErasedRecord): Promise<void> {
    const name = atErased(record.verificationId);
    if ((await store.create(name, encode(record))) === 'CREATED') return;
    const found = await read(name);
    // Whoever is faster means as much.
    if (found !== undefined && !isKept(found.record) && isMore(record, found.record))
      await store.replace(name, { bytes: encode(record), tag: found.tag });
  }

  async function update(verificationId: string, change: (record: KeptRecord) => KeptRecord | undefined): Promise<Standing> {
    await honest();
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const found = await read(atKeys(verificationId));
      if (found === undefined) return await moved(verificationId);
      const next = isKept(found.record) ? change(found.record) : undefined;
      if (next === undefined) return standingOf(found.record);
      const done = await store.replace(atKeys(verificationId), { bytes: encode(next), tag: found.tag });
      if (done === 'REPLACED') return standingOf(next);
    }
    throw contended(verificationId);
  }

  return {
    standing,
    async claim(record) {
      await honest();
      // Nothing may be kept for a verification that was erased, however long ago.
      const before = await moved(record.verificationId);
      if (before.kind === 'ERASED') return before;
      const done = await store.create(atKeys(record.verificationId), encode(record));
      return done === 'CREATED' ? { kind: 'KEPT', record } : await standing(record.verificationId);
    },
    update,
    async erase(record) {
      await honest();
      const { verificationId } = record;
      const bytes = encode(record);
      /** What it means if our own record is found: it was written, and the answer was lost. */
      let own: 'DESTROYED' | 'ALREADY' | 'NOTHING' = 'ALREADY';
      for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
        const found = await read(atKeys(verificationId));
        if (found === undefined) {
          const before = await moved(verificationId);
          if (before.kind === 'ERASED') {
            if (isMore(record, before.record)) await mark(record);
            return 'ALREADY';
          }
          own = 'NOTHING';
          if ((await store.create(atKeys(verificationId), bytes)) === 'EXISTS') continue;
          await mark(record);
          return 'NOTHING';
        }
        if (!isKept(found.record)) {
          if (isMore(record, found.record)) {
            own = 'ALREADY';
            if ((await store.replace(atKeys(verificationId), { bytes, tag: found.tag })) === 'CHANGED') continue;
            await mark(record);
            return 'ALREADY';
          }
          await mark(found.record);
          return found.record.order === record.order ? own : 'ALREADY';
        }
        if (found.record.hold !== undefined) return 'HELD';
        own = 'DESTROYED';
        if ((await store.replace(atKeys(verificationId), { bytes, tag: found.tag })) === 'CHANGED') continue;
        await mark(record);
        return 'DESTROYED';
      }
      throw contended(verificationId);
    },
    async drop(verificationId) {
      const found = await read(atKeys(verificationId));
      if (found !== undefined && !isKept(found.record)) await store.delete(atKeys(verificationId));
    },
    async *ids() {
      for await (const { name } of store.list(KEYS)) {
        const verificationId = name.slice(KEYS.length).replace(/\.json$/, '');
        if (isVerificationId(verificationId)) yield verificationId;
      }
    },
  };
}

function contended(verificationId: string): StoreError {
  return new StoreError('UNREACHABLE', `VF_EVIDENCE_KEY_STORE: others change the key record of ${verificationId} all the time; come again`);
}

function isKept(record: KeyRecord): record is KeptRecord {
  return 'wrapped' in record;
}

/** Somebody's order says more than that the time has passed. */
function isMore(one: ErasedRecord, other: ErasedRecord): boolean {
  return one.by.operator !== SWEEPER.operator && other.by.operator === SWEEPER.operator;
}

function standingOf(record: KeyRecord): Standing {
  return isKept(record) ? { kind: 'KEPT', record } : { kind: 'ERASED', record, moved: false };
}

function encode(record: KeyRecord): Uint8Array {
  return Buffer.from(JSON.stringify(record), 'utf8');
}

function parseRecord({ bytes }: Blob, name: string): KeyRecord {
  const json = textJson(Buffer.from(bytes).toString('utf8'));
  const parsed = z.union([keptRecord, erasedRecord]).safeParse(json.ok ? json.value : undefined);
  if (parsed.success && name.endsWith(`/${parsed.data.verificationId}.json`)) return parsed.data;
  throw new EvidenceUnreadableError(`VF_EVIDENCE_KEY_STORE: ${name} is no key record of that verification; restore it or move it away`);
}

async function assertFit(store: BlobStore): Promise<void> {
  const why = await unfitness(store, { setting: 'VF_EVIDENCE_KEY_STORE', mustForget: true });
  if (why !== undefined) throw new StoreError('REFUSED', why);
}
