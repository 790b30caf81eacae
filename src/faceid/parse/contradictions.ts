import { isComparisonName } from './comparisons.ts';
import type { DuplicateKey } from './duplicate-keys.ts';
import { isErrorKey, shownKey } from './error-values.ts';

/** Fields at the top that decide, or that contain ones that do. */
const DECISIVE_AT_TOP: readonly string[] = ['status', 'liveness_result', 'verify_result', 'multifaces_tag', 'biz_info'];

/** One is enough to decide; a hostile body cannot fill the history. */
const MAX_CONTRADICTIONS = 16;

/**
 * The decisive fields that occurred twice with different values, as dotted paths of known names (docs/vendor.md row 10). A repeated
 * container counts: one of the two may hold another verdict.
 */
export function contradictionsOf(duplicates: readonly DuplicateKey[]): string[] {
  const decisive = duplicates.filter(({ path, differs }) => differs && isDecisive(path));
  return decisive.slice(0, MAX_CONTRADICTIONS).map(({ path }) => shownPath(path));
}

/** A name that decides is known as it is written; one of errors may be written in many ways. */
function shownPath(path: readonly string[]): string {
  const [top = ''] = path;
  return path.length === 1 && isErrorKey(top) ? shownKey(top) : path.join('.');
}

function isDecisive(path: readonly string[]): boolean {
  const [top = '', name = '', field, level] = path;
  if (path.length === 1) return DECISIVE_AT_TOP.includes(top) || isErrorKey(top);
  if (top === 'liveness_result') return path.length === 2 && name === 'result';
  if (top !== 'verify_result') return false;
  if (path.length === 2) return name === 'error_message' || isComparisonName(name);
  if (!isComparisonName(name)) return false;
  if (path.length === 3) return field === 'confidence' || field === 'thresholds';
  return path.length === 4 && field === 'thresholds' && level !== undefined && /^1e-[3-6]$/.test(level);
}
