/** What is kept of an answer. `VENDOR_ANSWER`: the body itself, as it came. */
export const EVIDENCE_KINDS = ['IMAGE_BEST', 'IMAGE_BEST_2', 'MULTIFACES_IMAGE', 'VENDOR_ANSWER'] as const;
export type EvidenceKind = (typeof EVIDENCE_KINDS)[number];

/** A claim check: says what was kept and where; who holds it needs the key and the rights of the store to see anything. */
export type EvidenceReference = {
  readonly kind: EvidenceKind;
  /** Name of the object within the store, e.g. `<verification id>/image_best-1f0c9a53d2e8b7a4`. */
  readonly object: string;
  /** Of the plain bytes, hexadecimal. */
  readonly sha256: string;
  /** How many plain bytes. */
  readonly bytes: number;
  readonly contentType: string;
  /** Id of the key-encryption key that wrapped the data key then; a later rotation re-wraps, so the key record tells today's. */
  readonly keyId: string;
  /** RFC 3339. After it the sweeper erases it, unless it is on legal hold. */
  readonly expiresAt: string;
};

/** Whether a reference leads to something of this verification. By hand another's could be written into a report. */
export function isOfVerification({ object }: Pick<EvidenceReference, 'object'>, verificationId: string): boolean {
  const [owner, name, ...more] = object.split('/');
  return owner === verificationId && name !== undefined && /^[a-z0-9]/.test(name) && more.length === 0;
}

/**
 * Why something that the vendor sent could not be kept. `STORE_UNREACHABLE`, `STORE_REFUSED`, `STORE_FULL`: of the objects or of
 * the keys. `TOO_LARGE`: beyond the limit of one object. `NO_ROOM`: the worker's memory for evidence was taken. `ERASED`: the
 * verification was erased meanwhile.
 */
export const EVIDENCE_FAILURES = ['STORE_UNREACHABLE', 'STORE_REFUSED', 'STORE_FULL', 'TOO_LARGE', 'NO_ROOM', 'ERASED'] as const;
export type EvidenceFailure = (typeof EVIDENCE_FAILURES)[number];

/** What became of the evidence of one answered read; part of its report, hence of the history. */
export type KeptEvidence = {
  readonly references: readonly EvidenceReference[];
  readonly failures?: readonly { readonly kind: EvidenceKind; readonly why: EvidenceFailure }[];
};
