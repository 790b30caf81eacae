import { isComparisonLike, isComparisonName, isLevel } from './comparisons.ts';
import type { DuplicateKey } from './duplicate-keys.ts';
import { isErrorKey, shownKey } from './error-values.ts';
import { isMultipleFacesName } from './multiple-faces.ts';
import { squeezedKey } from './json-values.ts';

/** Fields at the top that decide, or that contain ones that do. */
const DECISIVE_AT_TOP: readonly string[] = ['status', 'liveness_result', 'verify_result', 'multifaces_tag', 'biz_info'];
const DECISIVE_BELOW: readonly string[] = ['result', 'error_message', 'confidence', 'thresholds', '1e-3', '1e-4', '1e-5', '1e-6'];

/**
 * The decisive fields that occurred twice with different values, in whatever spelling, as dotted paths of known names
 * (docs/vendor.md row 10). A repeated container counts: one of the two may hold another verdict.
 */
export function contradictionsOf(duplicates: readonly DuplicateKey[]): string[] {
  return duplicates.filter(({ path, differs }) => differs && isDecisive(path)).map(({ path }) => shownPath(path));
}

/** As far as the names are written as we know them, so that nothing else of the vendor's text is recorded. */
function shownPath(path: readonly string[]): string {
  const [top = ''] = path;
  if (path.length === 1 && isErrorKey(top)) return shownKey(top);
  const strange = path.findIndex((key) => ![...DECISIVE_AT_TOP, ...DECISIVE_BELOW].includes(key) && !isComparisonName(key));
  const known = strange === -1 ? path : path.slice(0, strange);
  return known.length === 0 ? (meantAtTop(top) ?? 'verify_result') : known.join('.');
}

function meantAtTop(key: string): string | undefined {
  if (isMultipleFacesName(key)) return 'multifaces_tag';
  return DECISIVE_AT_TOP.find((name) => means(key, name));
}

/** True for a name in whatever spelling: the repeated one may have hidden that it stands twice. */
function means(key: string, name: string): boolean {
  return squeezedKey(key) === squeezedKey(name);
}

function isComparison(key: string): boolean {
  return isComparisonName(key) || isComparisonLike(key);
}

function isDecisive(path: readonly string[]): boolean {
  const [top = '', name = '', field = '', level = ''] = path;
  if (path.length === 1) return meantAtTop(top) !== undefined || isErrorKey(top) || isComparison(top);
  // Whatever holds a field that decides under another name decides as a whole.
  if (!DECISIVE_AT_TOP.includes(top)) return meantAtTop(top) !== undefined || isComparison(top);
  if (top === 'liveness_result') return path.length === 2 && means(name, 'result');
  if (top !== 'verify_result') return false;
  if (path.length === 2) return name === 'error_message' || isComparison(name);
  if (!isComparisonName(name)) return isComparisonLike(name);
  if (path.length === 3) return means(field, 'confidence') || means(field, 'thresholds');
  return path.length === 4 && field === 'thresholds' && isLevel(level);
}
