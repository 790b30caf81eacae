import { type KnownError, vendorErrorOf } from './error-code.ts';
import { isErrorKey, isNoError, isPlainlyNoError, isUnusualErrorKey, namesAnError } from './error-values.ts';
import type { AnswerBody } from './json-body.ts';
import { isJsonObject } from './json-values.ts';
import type { Quirk } from './quirks.ts';

/** What the top level of a body says of errors. */
export type BodyErrors = {
  /** Known: every code that is told is this one. Absent: none is, or several that differ. */
  readonly known?: KnownError;
  /** Names that hold an error, known or not. */
  readonly keys: readonly string[];
  /** One of the names promises an error, or is all that a body without status has to say. */
  readonly definite: boolean;
  readonly quirks: readonly Quirk[];
};

/**
 * The errors that the top level of a body reports, under whatever name (docs/vendor.md row 37). A repeated name with different
 * values reports none (the answer names the contradiction); several codes that differ are not understood.
 */
export function errorsOf(body: AnswerBody): BodyErrors {
  const present = Object.entries(body.root).filter(([key, value]) => isErrorKey(key) && !isPlainlyNoError(value));
  const reported = present.filter(([, value]) => !isNoError(value));
  const quirks = [
    ...present
      .filter(([, value]) => isNoError(value))
      .map(([key]): Quirk => (namesAnError(key) ? 'ERROR_KEY_WITHOUT_ERROR' : 'MESSAGE_IGNORED')),
    ...reported.filter(([key]) => isUnusualErrorKey(key)).map((): Quirk => 'ERROR_UNDER_OTHER_KEY'),
  ];
  if (contradictsItself(body)) return { keys: [], definite: false, quirks };
  const codes = reported
    .flatMap(([, value]) => textsIn(value))
    .map(vendorErrorOf)
    .filter((code) => code !== undefined);
  const [known] = codes.toSorted((one, other) => Number(other.about !== undefined) - Number(one.about !== undefined));
  const keys = reported.map(([key]) => key);
  const hasStatus = Object.hasOwn(body.root, 'status');
  const definite = keys.some((key) => namesAnError(key) || (!hasStatus && key.toLowerCase() === 'message'));
  const agree = known !== undefined && codes.every(({ error }) => error === known.error);
  return { ...(agree ? { known } : {}), keys, definite: definite || (known !== undefined && !agree), quirks };
}

/** The texts of an error: itself, or what an object such as `{"code":"X","message":"…"}` holds. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return isJsonObject(value) ? Object.values(value).filter((part) => typeof part === 'string') : [];
}

function contradictsItself(body: AnswerBody): boolean {
  return body.duplicates.some(({ path, differs }) => differs && path.length === 1 && isErrorKey(path[0] ?? ''));
}
