import { sourceOf, type Written } from './mutations.ts';

// What an answer has to say to pass, and what refuses credibly, in plain words over the text as it is written. It shares
// nothing with the parser or the judge.

const LEVELS = ['1e-3', '1e-4', '1e-5', '1e-6'] as const;
const NO_ERROR = ['', 'NULL', 'NONE', 'SUCCESS', 'FALSE', '0', 'OK', 'PASS', '{}', '[]'];

/** Why this answer must not be PASSED at 1e-4; undefined if it may. */
export function obstacle(root: Written, expectedBizNo: string | undefined): string | undefined {
  const [status, liveness, verify] = ['status', 'liveness_result', 'verify_result'].map((key) => all(root, key));
  if (!isOne(status, (value) => /^\s*ok\s*$/i.test(text(value)))) return 'status';
  if (!isOne(liveness, (value) => isOne(all(value, 'result'), (result) => /^\s*pass\s*$/i.test(text(result))))) return 'liveness';
  const tags = all(root, 'multifaces_tag').map((tag) => tag.kind === 'LEAF' && tag.source);
  if (tags.some((tag) => !['null', '""', '0', '"0"', 'false'].includes(String(tag)))) return 'several faces';
  if (!isOne(verify, (value) => value.kind === 'OBJECT')) return 'verify_result';
  return (
    comparisonObstacle(verify?.[0]) ?? errorObstacle(root) ?? attackIn(root, []) ?? denialIn(root, []) ?? bizObstacle(root, expectedBizNo)
  );
}

/** True for a body of HTTP 4xx that gives its slot back: a refusal code, and nothing of a status or a result however deep. */
export function isCredibleRefusal(root: Written, httpStatus: number): boolean {
  if (httpStatus < 400 || httpStatus > 499 || root.kind !== 'OBJECT') return false;
  const source = sourceOf(root);
  return (
    !/"[^"]*(?:status|result|liveness|verif|image|compar|confidence|score|threshold|attack|genuin|faces)[^"]*":/i.test(source) &&
    !/data[ _-]?destroyed/i.test(source) &&
    /authentication|authorization|concurren|argument|api_?not_?found/i.test(source)
  );
}

function comparisonObstacle(verify: Written | undefined): string | undefined {
  if (verify?.kind !== 'OBJECT') return 'verify_result';
  if (all(verify, 'error_message').some((value) => !['', 'NULL'].includes(text(value).trim().toUpperCase()))) return 'verify error';
  const names = [...new Set(verify.members.map(([key]) => key))].filter((key) => /^result_ref\d{1,3}$/.test(key));
  if (names.length === 0) return 'no comparison';
  return names.map((name) => matchObstacle(all(verify, name))).find((one) => one !== undefined);
}

function matchObstacle(comparisons: readonly Written[]): string | undefined {
  const [comparison] = comparisons;
  if (comparison === undefined || !isOne(comparisons, () => true)) return 'comparison';
  const confidences = all(comparison, 'confidence');
  const thresholds = all(comparison, 'thresholds');
  const confidence = number(confidences[0]);
  if (!isOne(confidences, () => true) || !(confidence >= 0 && confidence <= 100)) return 'confidence';
  const [set] = thresholds;
  if (set === undefined || !isOne(thresholds, () => true)) return 'thresholds';
  let before = 0;
  for (const level of LEVELS) {
    const given = all(set, level).filter((value) => text(value) !== 'null' || value.kind !== 'LEAF' || value.source !== 'null');
    if (given.length === 0) {
      if (level === '1e-4') return 'threshold';
      continue;
    }
    const threshold = number(given[0]);
    if (!isOne(given, () => true) || !(threshold >= 10 && threshold > before && threshold <= 100)) return 'thresholds';
    if (level === '1e-4' && confidence < threshold) return 'below';
    before = threshold;
  }
  return undefined;
}

function errorObstacle(root: Written): string | undefined {
  const names = ['error', 'ERROR', 'error_message', 'message', 'code', 'msg', 'error_code'];
  const values = names.flatMap((name) => all(root, name));
  return values.some((value) => !NO_ERROR.includes(text(value).trim().toUpperCase())) ? 'error' : undefined;
}

function bizObstacle(root: Written, expected: string | undefined): string | undefined {
  if (expected === undefined) return undefined;
  const places = [root, ...all(root, 'biz_info'), ...all(root, 'verify_result')].flatMap((place) => all(place, 'biz_no'));
  return places.some((value) => !['', 'null', expected].includes(text(value))) ? 'biz_no' : undefined;
}

/** The documented signs only: flags, confidences with their thresholds, words, errors inside results. */
function attackIn(value: Written, path: readonly string[]): string | undefined {
  if (value.kind === 'LIST') return value.items.map((item) => attackIn(item, path)).find((one) => one !== undefined);
  if (value.kind === 'LEAF')
    return ['SCREEN_REPLAY', 'MASK', 'FACE_ATTACK'].includes(text(value)) && !isReference(path) ? 'word' : undefined;
  for (const [key, part] of value.members) {
    const here = [...path, key];
    if (/^(?:face_replaced|id_attacked)$/.test(key) && ['1', 'true'].includes(text(part))) return 'flag';
    const stem = /^(mask|screen_replay|synthetic_face)_confidence$/.exec(key)?.[1];
    const thresholds = stem === undefined ? [] : all(value, `${stem}_threshold`).map(number);
    if (thresholds.some((threshold) => threshold > 0 && threshold < 1 && number(part) >= threshold)) return 'confidence';
    const isResult = path[0] === 'liveness_result' || (path[0] === 'verify_result' && path.length > 1);
    if (isResult && key === 'error_message' && !NO_ERROR.includes(text(part).trim().toUpperCase())) return 'nested error';
    const inside = attackIn(part, here);
    if (inside !== undefined) return inside;
  }
  return undefined;
}

/** Flat words only: a success that is none, a rejection. Issue counts say nothing. */
function denialIn(value: Written, path: readonly string[]): string | undefined {
  if (value.kind === 'LEAF' || (path[0] === 'liveness_result' && path[1] === 'details')) return undefined;
  if (value.kind === 'LIST') return value.items.map((item) => denialIn(item, path)).find((one) => one !== undefined);
  for (const [key, part] of value.members) {
    const told = part.kind === 'LEAF' ? text(part).trim().toUpperCase() : '';
    if (key === 'success' && ['FALSE', '0', 'FAIL', 'FAILED', 'CANCELLED'].includes(told)) return 'denied';
    if (key === 'rejected' && ['TRUE', '1'].includes(told)) return 'denied';
    const inside = denialIn(part, [...path, key]);
    if (inside !== undefined) return inside;
  }
  return undefined;
}

function isReference(path: readonly string[]): boolean {
  return path.some((key) => ['biz_no', 'request_id'].includes(key));
}

function all(value: Written, key: string): readonly Written[] {
  return value.kind === 'OBJECT' ? value.members.filter(([name]) => name === key).map(([, part]) => part) : [];
}

/** True if there is at least one, all are written alike, and it holds. */
function isOne(values: readonly Written[] | undefined, holds: (value: Written) => boolean): boolean {
  const [first] = values ?? [];
  return first !== undefined && holds(first) && (values ?? []).every((value) => holds(value) && canonical(value) === canonical(first));
}

function canonical(value: Written): string {
  if (value.kind === 'LEAF') return JSON.stringify(JSON.parse(value.source));
  return JSON.stringify(value);
}

/** A text without its quotes; anything else as it is written. */
function text(value: Written): string {
  if (value.kind === 'LEAF') return value.source.startsWith('"') ? String(JSON.parse(value.source)) : value.source;
  return value.kind === 'OBJECT' && value.members.length === 0 ? '{}' : value.kind === 'LIST' && value.items.length === 0 ? '[]' : '…';
}

function number(value: Written | undefined): number {
  return value?.kind === 'LEAF' && /^"?-?\d[\d.]*"?$/.test(value.source) ? Number(text(value)) : Number.NaN;
}
