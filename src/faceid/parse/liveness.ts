import { defined } from '../../domain/defined.ts';
import type { LivenessAnswer } from '../../domain/judging/answer.ts';
import type { Notes } from './comparisons.ts';
import { foldWord, isJsonObject, isNoData, type JsonObject, misspeltIn, own, readCount, readNumber } from './json-values.ts';
import type { QuirkLog } from './quirks.ts';

/** The vendor's page names eleven kinds of issue; unknown ones are kept as counts (docs/vendor.md row 4), but not without bound. */
const MAX_ISSUE_KINDS = 32;

/** `liveness_result` (docs/vendor.md rows 3–8). Only the texts PASS and FAIL decide; scores and details are recorded. */
export function readLiveness(value: unknown, { quirks, notUnderstood }: Pick<Notes, 'quirks' | 'notUnderstood'>): LivenessAnswer {
  if (isNoData(value)) return { result: 'ABSENT' };
  if (!isJsonObject(value)) {
    quirks.add('LIVENESS_NOT_OBJECT');
    return { result: 'INDETERMINATE' };
  }
  for (const name of misspeltIn(value, ['result'])) notUnderstood.add(`liveness_result.${name}`);
  const scores = readScores(value, quirks);
  const issueCounts = readIssueCounts(own(value, 'details'), quirks);
  return {
    result: readResult(own(value, 'result'), quirks),
    ...defined({ scores, issueCounts }),
  };
}

function readResult(value: unknown, quirks: QuirkLog): LivenessAnswer['result'] {
  if (value === undefined || value === null || value === '') return 'ABSENT';
  const word = typeof value === 'string' ? foldWord(value) : undefined;
  if (word === 'PASS' || word === 'FAIL') {
    if (word !== value) quirks.add('LIVENESS_RESULT_CASE_FOLDED');
    return word;
  }
  quirks.add(typeof value === 'number' ? 'LIVENESS_RESULT_NUMERIC' : 'LIVENESS_RESULT_UNKNOWN');
  return 'INDETERMINATE';
}

function readScores(liveness: JsonObject, quirks: QuirkLog): LivenessAnswer['scores'] {
  const flashAttack = readScore(liveness, { name: 'flash_attack', quirks });
  const livingAttack = readScore(liveness, { name: 'living_attack', quirks });
  if (flashAttack === undefined && livingAttack === undefined) return undefined;
  return {
    ...defined({ flashAttack, livingAttack }),
  };
}

/** Nested under `score` as in the sample, else flat as in the table. Null is "not measured", not 0 (docs/vendor.md rows 5 and 7). */
function readScore(liveness: JsonObject, { name, quirks }: { name: string; quirks: QuirkLog }): number | undefined {
  const score = own(liveness, 'score');
  const nested = isJsonObject(score) ? readFinite(own(score, name), quirks) : undefined;
  const flat = readFinite(own(liveness, name), quirks);
  if (flat !== undefined) quirks.add('SCORES_FLAT');
  if (nested !== undefined && flat !== undefined && nested !== flat) quirks.add('SCORES_DISAGREE');
  return nested ?? flat;
}

function readFinite(value: unknown, quirks: QuirkLog): number | undefined {
  if (value === undefined || value === null) return undefined;
  const score = readNumber(value, quirks);
  if (score === undefined) quirks.add('SCORE_UNREADABLE');
  return score;
}

/** Only what occurred: the vendor lists a dozen kinds with 0, which would stand in every history and outcome. */
function readIssueCounts(details: unknown, quirks: QuirkLog): Record<string, number> | undefined {
  if (isNoData(details)) return undefined;
  if (!isJsonObject(details)) {
    quirks.add('DETAILS_DROPPED');
    return undefined;
  }
  const counts = new Map<string, number>();
  for (const [name, value] of Object.entries(details)) {
    if (value === null) continue;
    const count = readCount(value, quirks);
    // The pattern keeps prototype keys and free text out.
    if (count === undefined || !/^[A-Z][A-Z0-9_]{0,39}$/.test(name) || counts.size >= MAX_ISSUE_KINDS) {
      quirks.add('DETAIL_COUNT_DROPPED');
    } else if (count > 0) {
      counts.set(name, count);
    }
  }
  return counts.size === 0 ? undefined : Object.fromEntries(counts);
}
