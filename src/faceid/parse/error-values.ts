import { isJsonObject } from './json-values.ts';

/**
 * The names under which siblings, gateways and public clients found an error (docs/vendor.md row 37), folded: `errorCode`,
 * `error_code` and `ERROR_CODE` are one.
 */
const ERROR_NAMES: ReadonlySet<string> = new Set(
  'error errormessage errormsg errmsg err errorcode errcode message msg code resultcode resultmessage'.split(' '),
);
/** Those that name nothing but an error. The others are as usual for "success". */
const NAMES_OF_ERRORS_ALONE: ReadonlySet<string> = new Set(['error', 'errormessage', 'errormsg', 'errmsg', 'err']);
/** Where the vendor and its siblings are known to put it. */
const DOCUMENTED_NAMES: ReadonlySet<string> = new Set(['error', 'errormessage', 'message']);

/** What servers write where there is no error, folded like a code. */
const NONE: ReadonlySet<string> = new Set(
  (
    ' NULL NIL NONE NA FALSE NO OK OKAY SUCCESS SUCCESSFUL SUCCESSFULLY SUCCEED SUCCEEDED NOERROR NOERRORS UNDEFINED EMPTY NORMAL PASS ' +
    'DONE COMPLETE COMPLETED FINISHED REQUESTSUCCESS REQUESTSUCCEEDED VERIFYSUCCESS LIVENESSFINISH 0 00 000 0000 00000 200 1000'
  ).split(' '),
);
const CHINESE_SUCCESS = /^(?:请求|操作|调用|验证|查询|获取|处理)?成功$/u;

/** True for a name under which an error is reported, at the top of a body or inside an object. */
export function isErrorKey(key: string): boolean {
  return ERROR_NAMES.has(folded(key).toLowerCase());
}

/** True for a name that the vendor is not known to use for errors. */
export function isUnusualErrorKey(key: string): boolean {
  return !DOCUMENTED_NAMES.has(folded(key).toLowerCase());
}

/** True for a name that promises an error: whatever stands there without being nothing is one. */
export function namesAnError(key: string): boolean {
  return NAMES_OF_ERRORS_ALONE.has(folded(key).toLowerCase());
}

/** True for whatever means that there is no error (docs/vendor.md row 19): null, false, 0, "", {}, "None", "SUCCESS" and the like. */
export function isNoError(value: unknown): boolean {
  if (value === undefined || value === null || value === false) return true;
  if (typeof value === 'number') return value === 0 || value === 200 || value === 1000;
  if (Array.isArray(value)) return value.length === 0;
  if (isJsonObject(value)) return Object.entries(value).every(([key, part]) => isErrorKey(key) && isNoError(part));
  return typeof value === 'string' && (NONE.has(folded(value)) || CHINESE_SUCCESS.test(value.trim()));
}

/** True for the two that everybody writes; any other way to say "no error" is worth a quirk. */
export function isPlainlyNoError(value: unknown): boolean {
  return value === undefined || value === null;
}

/** Letters and digits in upper case: `No error.`, `no_error` and `NOERROR` are one. ASCII only, against look-alikes. */
export function folded(text: string): string {
  return text
    .slice(0, 64)
    .replaceAll(/[\s_\-/.!,:]+/g, '')
    .replaceAll(/[a-z]+/g, (letters) => letters.toUpperCase());
}
