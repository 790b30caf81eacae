import { isJsonObject, squeezedKey } from './json-values.ts';

/** Names that promise an error (docs/vendor.md row 51), as `squeezedKey` writes them: whatever stands there without being nothing is one. */
const NAME_OF_ERROR = /^(?:err|error|exception|fault)s?(?:message|messages|msg|desc|description|detail|details|info|reason|type|string)?$/;
/** Names under which siblings and gateways put codes and messages, of errors or of success. */
const NAME_OF_MESSAGE = /^(?:code|msg|messages?|(?:err|error|exception|fault|result|ret|return|sub)(?:code|no|msg|message))$/;
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
  const name = nameOf(key);
  return NAME_OF_ERROR.test(name) || NAME_OF_MESSAGE.test(name);
}

/** True for a name that the vendor is not known to use for errors. */
export function isUnusualErrorKey(key: string): boolean {
  return !DOCUMENTED_NAMES.has(nameOf(key));
}

/** True for a name that promises an error. The others are as usual for "success". */
export function namesAnError(key: string): boolean {
  return NAME_OF_ERROR.test(nameOf(key));
}

/** An error's name as it may be recorded: as it is written, if that is nothing but letters, else by what it is. */
export function shownKey(key: string): string {
  return /^[A-Za-z_-]{1,32}$/.test(key) ? key : nameOf(key);
}

/** `errorCode`, `error.code`, `ERROR_CODE` and `error_code_1` are one. */
function nameOf(key: string): string {
  return squeezedKey(key).replace(/\d+$/, '');
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
function folded(text: string): string {
  return text
    .slice(0, 64)
    .replaceAll(/[\s_\-/.!,:]+/g, '')
    .replaceAll(/[a-z]+/g, (letters) => letters.toUpperCase());
}
