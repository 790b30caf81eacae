import type { EvidenceFailure, EvidenceKind } from '../domain/evidence.ts';

/** What the keeper tells metrics and logs. Nothing secret: ids, kinds, codes, sizes and durations (ms). Must not throw. */
export type EvidenceEvents = {
  /** An object is in the store, and no erasure came meanwhile. `bytes`: plain ones. */
  kept(event: { readonly verificationId: string; readonly kind: EvidenceKind; readonly bytes: number; readonly durationMs: number }): void;
  /** It could not be kept; the vendor will not give it again. `detail`: what somebody has to change. */
  lost(event: {
    readonly verificationId: string;
    readonly kind: EvidenceKind;
    readonly why: EvidenceFailure;
    readonly bytes: number;
    readonly detail: string;
  }): void;
  /** A store did not take something, which is put again. */
  retried(event: { readonly verificationId: string; readonly why: EvidenceFailure; readonly detail: string }): void;
};
