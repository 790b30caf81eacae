/** Why a record can never be handled as it is. Closed set: alerts use it. */
export const DEAD_LETTER_REASONS = [
  'TOO_LARGE',
  'NOT_JSON',
  'INVALID_ENVELOPE',
  'INVALID_REQUEST',
  'INVALID_HINT',
  'BEYOND_DEDUPE_HORIZON',
  'PROCESSING_DEFECT',
] as const;
export type DeadLetterReason = (typeof DEAD_LETTER_REASONS)[number];
