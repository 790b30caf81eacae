import { squeezedKey } from './json-values.ts';
import type { QuirkLog } from './quirks.ts';

/** docs/vendor.md row 29: "0", "1", 0, 1 or a boolean; a tag of any other kind is not understood, so the answer may not pass. */
export function readMultipleFaces(
  value: unknown,
  notes: { readonly quirks: QuirkLog; readonly notUnderstood: Set<string> },
): boolean | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (value === true || value === 1 || value === '1') return true;
  if (isOneFace(value)) return false;
  notes.quirks.add('MULTIFACES_TAG_UNKNOWN');
  notes.notUnderstood.add('multifaces_tag');
  return undefined;
}

export function isOneFace(value: unknown): boolean {
  return value === false || value === 0 || value === '0';
}

/** True for a count of faces, such as `face_count`, of more than one. */
export function isSeveralFaces(key: string, value: unknown): boolean {
  const counts = /^(?:faces?(?:count|num|number|amount)|(?:count|num|number)(?:of)?faces?|faces)$/.test(squeezedKey(key));
  return counts && (Array.isArray(value) ? value.length : Number(value)) > 1;
}

/** True for `multiFaces`, `has_multiple_faces` and the like, which mean the tag; not for an image. */
export function isMultipleFacesName(key: string): boolean {
  return (
    key !== 'multifaces_tag' &&
    /^(?:is|has)?(?:multi(?:ple)?|several|toomany)faces?(?:tag|flag|result|detected|found|present|exists?)?$/.test(squeezedKey(key))
  );
}
