/** How long a read may wait for its turn under `VF_FACEID_MAX_CALLS_PER_SECOND` and `VF_FACEID_MAX_CONCURRENT`. */
export const RATE_LIMIT_MAX_WAIT_MS = 15_000;

/**
 * Highest `VF_FACEID_TIMEOUT`. Waiting plus request must end below the 40 s after which the workflow takes the worker for
 * lost (`startToCloseTimeout` of getResult in workflows/read.ts; 70 s where images are asked for, which are kept after it), or the answer of a paid read
 * would be thrown away.
 */
export const MAX_VENDOR_TIMEOUT_MS = 20_000;

/** Highest `VF_EVIDENCE_TIMEOUT`: it comes after waiting and request, within the same limit of the workflow. */
export const MAX_EVIDENCE_TIMEOUT_MS = 30_000;
