import type { Mandate } from '../../contracts/mandate.ts';
import type { EvidenceKind } from '../../domain/evidence.ts';

/** What the key store says of one verification. Instants are RFC 3339. */
export type EvidenceState =
  | {
      readonly kind: 'KEPT';
      readonly createdAt: string;
      readonly expiresAt: string;
      /** Today's key-encryption key. */
      readonly keyId: string;
      /** Whoever holds it back from erasure. */
      readonly hold?: Mandate & { readonly at: string };
    }
  | { readonly kind: 'ERASED'; readonly erasedAt: string; readonly by: Mandate }
  /** What stands in the place of its key record is none; nobody can say what it was. `why` names it, with a remedy. */
  | { readonly kind: 'UNREADABLE'; readonly why: string }
  /** No key record: nothing was ever kept, or the marker of its erasure has gone too. */
  | { readonly kind: 'NOTHING' };

/** One object, as the store lists it: its envelope tells kind and content type. */
export type EvidenceObject = {
  readonly object: string;
  readonly kind: EvidenceKind;
  readonly contentType: string;
  /** Plain bytes. */
  readonly bytes: number;
  readonly storedAt: string;
};

/** What stands among the objects and is none, or of a version that nobody here knows. */
export type UnreadableObject = { readonly object: string; readonly why: string };

export type EvidenceListing = {
  readonly verificationId: string;
  readonly state: EvidenceState;
  readonly objects: readonly EvidenceObject[];
  /** Absent: none. */
  readonly unreadable?: readonly UnreadableObject[];
};

/** What one erasure did. Repeated, it finishes what was left and says so. */
export type Erasure = {
  readonly verificationId: string;
  /** `ERASED`: now. `ALREADY`: the key was gone before. `HELD`: on legal hold, nothing was touched. `NOTHING`: nothing was ever kept. */
  readonly result: 'ERASED' | 'ALREADY' | 'HELD' | 'NOTHING';
  readonly keysDeleted: number;
  readonly objectsDeleted: number;
};

/**
 * The evidence of all verifications, for those who may open it. Every call rejects with `DependencyUnavailableError` when a store
 * does not answer, and with `ConfigurationError` naming the setting when it refuses us.
 */
export type EvidenceVault = {
  /** What `list` says of it, without a look at the objects. */
  state(verificationId: string): Promise<EvidenceState>;
  list(verificationId: string): Promise<EvidenceListing>;
  /** Decrypts one object. Rejects with `EvidenceUnreadableError` if it is truncated, swapped, or its key is not configured. */
  open(object: { readonly verificationId: string; readonly object: string }): Promise<Uint8Array>;
  /**
   * The key record becomes that of its erasure, which is told in a second place, and the objects go last: interrupted anywhere, it can
   * be repeated. `dryRun` touches nothing.
   * Rejects with `EvidenceUnreadableError` if the key record is none: it may have been on hold.
   */
  erase(verificationId: string, order: { readonly mandate: Mandate; readonly dryRun?: boolean }): Promise<Erasure>;
  hold(verificationId: string, mandate: Mandate): Promise<EvidenceState>;
  release(verificationId: string, mandate: Mandate): Promise<EvidenceState>;
  /** All key records, in the order of the store; for sweeps and `--older-than`. */
  records(): AsyncIterable<{ readonly verificationId: string; readonly state: EvidenceState }>;
  /** Objects of verifications whose erasure is on record, e.g. after one that was killed: for the sweeper. */
  orphans(): AsyncIterable<{ readonly verificationId: string; readonly object: string }>;
  /** Wraps the data key anew under the first configured key; the objects stay as they are. */
  rewrap(verificationId: string): Promise<'REWRAPPED' | 'UP_TO_DATE' | 'NOTHING'>;
};

/** What sweeps tell metrics and logs. Must not throw. */
export type SweepEvents = {
  /** What had expired is erased. */
  erased(event: { readonly verificationId: string; readonly expiresAt: string; readonly objectsDeleted: number }): void;
  /** Objects that an erasure had left are deleted. */
  orphansDeleted(event: { readonly verificationId: string; readonly objectsDeleted: number }): void;
  /** The audit topic does not have an erasure; the next sweep tells it again, unless it is `refused`. */
  untold(event: { readonly verificationId: string; readonly why: string; readonly refused: boolean }): void;
};
