import type { FoundEvidence, ReadRequest } from '../../activities/ports.ts';
import type { EvidenceKind } from '../domain/evidence.ts';
import type { Answer } from '../domain/judging/answer.ts';
import { decodeImages } from './parse/images.ts';
import type { AnswerBody } from './parse/json-body.ts';
import type { Quirk } from './parse/quirks.ts';

/** What somebody wants to keep of an answer. */
export type EvidenceWish = NonNullable<ReadRequest['evidence']> & Pick<ReadRequest, 'returnImage'>;

type Holding = { readonly body: Uint8Array; readonly parsed: AnswerBody; readonly read: Answer };

/**
 * Hands over what an answer holds of what is wanted, and returns the tolerances that took. The body is kept whole, as it came, with
 * its images once more in it: one that we had cut would prove nothing (docs/vendor.md row 26).
 */
export function handOver({ returnImage, keepAnswer, found: tell }: EvidenceWish, { body, parsed, read }: Holding): readonly Quirk[] {
  const { found, quirks } = returnImage > 0 ? decodeImages(parsed.images) : { found: [], quirks: [] };
  const whole: FoundEvidence = { kind: 'VENDOR_ANSWER', contentType: 'application/json', bytes: body };
  const evidence = keepAnswer ? [...found, whole] : found;
  if (evidence.length > 0) tell(evidence);
  const isMissing = wantedOf(returnImage, read).some((kind) => found.every((one) => one.kind !== kind));
  return isMissing ? [...quirks, 'IMAGE_MISSING'] : quirks;
}

function wantedOf(returnImage: 0 | 1 | 2, { multipleFaces }: Answer): readonly EvidenceKind[] {
  if (returnImage === 0) return [];
  const best: EvidenceKind[] = returnImage === 1 ? ['IMAGE_BEST'] : ['IMAGE_BEST', 'IMAGE_BEST_2'];
  return multipleFaces === true ? [...best, 'MULTIFACES_IMAGE'] : best;
}
