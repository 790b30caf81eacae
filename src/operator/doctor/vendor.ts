import { codeOf, type ReadReport } from '../../domain/reading/report.ts';
import { fail, type Found, ok, warn } from './findings.ts';

const CREDENTIALS = 'VF_FACEID_API_KEY and VF_FACEID_API_SECRET';

/**
 * What the vendor's answer for a token that cannot exist says about key and secret. Nothing was read, because there is nothing to
 * read. A vendor that looks at the token first would refuse it with any key: that is said, too.
 */
export function judgeKey(report: ReadReport): Found {
  if (report.kind === 'VENDOR_ERROR') return judgeRefusal(report);
  switch (report.kind) {
    case 'UNSENT':
      return fail('no connection to the vendor: nothing was sent', 'see vendor-address');
    case 'UNCERTAIN':
      return report.cause === 'THROTTLED'
        ? warn(
            'the vendor asks for patience (HTTP 429): it did not look at the key',
            'try again later; lower VF_FACEID_MAX_CALLS_PER_SECOND',
          )
        : fail(
            `no answer that can be understood (${statusOf(report)})`,
            'check VF_FACEID_BASE_URL and what is between: a gateway, a proxy; or the vendor is down',
          );
    default:
      return warn(
        `an answer (${codeOf(report)}) for a token that cannot exist: whoever gave it is not the vendor as documented`,
        'check VF_FACEID_BASE_URL; of the emulator: VF_EMULATOR_ACCEPT_UNKNOWN=false',
      );
  }
}

function statusOf({ cause, httpStatus }: Extract<ReadReport, { kind: 'UNCERTAIN' }>): string {
  return httpStatus === undefined ? cause : `${cause}, HTTP ${httpStatus}`;
}

function judgeRefusal({ error, credible, httpStatus }: Extract<ReadReport, { kind: 'VENDOR_ERROR' }>): Found {
  const code = `${error}, HTTP ${httpStatus}`;
  if (credible === false)
    return warn(`an ambiguous answer (${code}, with parts of a result beside it)`, 'ask the vendor; the key may be right');
  if (error === 'RESULT_NOT_FOUND' || error === 'INVALID_TOKEN')
    return ok(`key and secret are taken: the impossible token was refused for the token (${error})`);
  switch (error) {
    case 'AUTHENTICATION_ERROR':
      return fail(
        `the vendor does not know key or secret (${code})`,
        `correct ${CREDENTIALS}; keys are of one region, see VF_FACEID_BASE_URL`,
      );
    case 'AUTHORIZATION_ERROR':
      return fail(
        `the vendor knows the key but does not let it read (${code}): disabled, beyond a limit, or without permission`,
        'ask the vendor',
      );
    case 'API_NOT_FOUND':
      return fail(
        `the vendor has no such address (${code})`,
        'correct VF_FACEID_BASE_URL: host and path prefix, without /lite/raw/get_result',
      );
    case 'CONCURRENCY_LIMIT_EXCEEDED':
      return warn(`the vendor is busy with other requests of this key (${code}): it says nothing about the secret`, 'try again');
    case 'DATA_DESTROYED':
      return warn(`an ambiguous answer (${code}): key and secret seem to be taken`, 'send one real request to be sure');
    default:
      return warn(
        `an ambiguous answer (${code}): it may have come before key and secret were looked at`,
        'try again; send one real request to be sure',
      );
  }
}
