import { FAR_LEVELS, POLICY_PROFILES } from '../domain/policy.ts';
import { duration, durationList, flag, integer, oneOf } from './fields.ts';
import { optional, withDefault } from './variable.ts';

const DAY_MS = 86_400_000;

export const policyVariables = {
  VF_POLICY_PROFILE: withDefault(oneOf(POLICY_PROFILES), {
    description: 'When the reads are made, unless the request names a profile.',
    form: POLICY_PROFILES.join(', '),
    default: 'issued',
  }),
  VF_POLICY_CUSTOM_OFFSETS: optional(durationList(), {
    description:
      'Planned reads of profile `custom`, from `issuedAt`, e.g. `0s,60s,23h`: strictly increasing, at most `VF_MAX_CALLS`, inside the window. ' +
      'After a late read the next ones keep these distances; a last one in the second half of the window is the reserve and keeps its place.',
    form: 'duration list',
  }),
  VF_POLICY_MIN_GAP: withDefault(duration({ minMs: 0, maxMs: DAY_MS }), {
    description: 'Two reads of one token are never closer than this.',
    form: 'duration',
    default: '20s',
  }),
  VF_POLICY_ERROR_BACKOFF: withDefault(duration({ minMs: 0, maxMs: DAY_MS }), {
    description: 'After an uncertain or failed read, the next one waits at least this long.',
    form: 'duration',
    default: '30s',
  }),
  VF_COUNT_REFUSED: withDefault(flag(), {
    description: 'Count requests that the vendor refused before looking (e.g. CONCURRENCY_LIMIT_EXCEEDED) as reads.',
    form: 'true or false',
    default: 'false',
  }),
  VF_MAX_CALLS: withDefault(integer({ min: 1, max: 10 }), {
    description: 'Reads per token. The vendor answers three; a larger number only suits a contract that says so.',
    form: 'integer',
    default: '3',
  }),
  VF_WINDOW: withDefault(duration({ minMs: 1_000, maxMs: 7 * DAY_MS }), {
    description: 'From `issuedAt`; no read leaves after it, and verifications have their outcome by then, save what docs/limits.md names.',
    form: 'duration',
    default: '24h',
  }),
  VF_REQUIRED_FAR: withDefault(oneOf(FAR_LEVELS), {
    description: 'A comparison passes if its confidence reaches the threshold that the answer itself gives for this false-accept rate.',
    form: FAR_LEVELS.join(', '),
    default: '1e-4',
  }),
  VF_BIZNO_SEARCHABLE: withDefault(flag(), {
    description:
      'Find verifications by business number (`show --biz-no -`): the search attribute VfBizKey then holds an HMAC of `bizNo` under a key made of ' +
      '`VF_TOKEN_KEYS`, never the number itself. Equal numbers have equal keys, so whoever may list workflows sees which ones belong together.',
    form: 'true or false',
    default: 'false',
  }),
};
