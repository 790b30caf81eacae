import type { EXIT_CODES } from '../../src/contracts/errors.ts';
import { DEAD_LETTER_REASONS, type DeadLetterReason } from '../../src/contracts/dead-letter-reasons.ts';
import { SEARCH_ATTRIBUTES } from '../../src/contracts/workflow.ts';
import { CHECKS } from '../../src/operator/doctor/catalogue.ts';
import { isReasonCode, primaryOf, REASONS } from '../../src/domain/reasons.ts';

export function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  return [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

const EXIT_MEANINGS: Readonly<Record<(typeof EXIT_CODES)[keyof typeof EXIT_CODES], string>> = {
  0: 'done, or stopped by SIGTERM or SIGINT',
  1: "the command's own negative answer (nothing found, nothing to start, something is missing or skipped); also a second signal during shutdown",
  64: 'wrong arguments',
  69: 'Kafka or Temporal did not answer in time, or a topic, the namespace or a search attribute is missing',
  70: 'a defect of verdictflow, or a shutdown phase that failed',
  78: 'settings that cannot work; every problem is listed',
};

/** Exit codes of processes and commands. */
export function exitCodeTable(): string {
  return markdownTable(['Code', 'Meaning'], Object.entries(EXIT_MEANINGS));
}

/** What `doctor` looks at. */
export function doctorTable(): string {
  const rows = Object.entries(CHECKS).map(([id, { tells, remedy }]) => [`\`${id}\``, tells, remedy]);
  return markdownTable(['Check', 'Tells', 'If it is not as it should be'], rows);
}

const ATTRIBUTE_MEANINGS: Readonly<Record<keyof typeof SEARCH_ATTRIBUTES, string>> = {
  outcome: 'the outcome, once decided',
  reason: 'the first reason, once decided',
  stage: '`WAITING` or `DECIDED`; `READING` until the first wait, or after an outcome was withdrawn',
  readsCounted: 'reads used so far, the uncertain ones included',
  deadline: 'end of the window',
  bizKey: 'an HMAC of the business number, for `show --biz-no -`; only with `VF_BIZNO_SEARCHABLE=true`',
  policy: 'the profile',
};

/** Search attributes as columns of the Temporal UI. */
export function searchAttributeTable(): string {
  const meanings = new Map(Object.entries(ATTRIBUTE_MEANINGS));
  const rows = Object.entries(SEARCH_ATTRIBUTES).map(([key, { name }]) => [`\`${name}\``, meanings.get(key) ?? '']);
  return markdownTable(['Column', 'Meaning'], rows);
}

/** Every reason code, and what it makes of a verification as its first reason. */
export function reasonTable(): string {
  const rows = Object.entries(REASONS).map(([code, [category, outcome, advice, means]]) => [
    `\`${code}\``,
    category,
    means,
    ...(isReasonCode(code) && primaryOf([{ code }]) === undefined ? ['as without it', 'as without it'] : [outcome, advice]),
  ]);
  return markdownTable(['Reason', 'Category', 'Means', 'Outcome', 'Advice'], rows);
}

const DEAD_LETTER_MEANINGS: Readonly<Record<DeadLetterReason, readonly [meaning: string, action: string]>> = {
  TOO_LARGE: [
    'the value exceeds 256 KiB, also by being inflated, or the batch that the record came in exceeds 32 MiB or 100,000 records',
    'send a smaller record; `vf-dlq-message` says what was too large',
  ],
  NOT_JSON: ['the value is not JSON in UTF-8', 'correct the producer; `vf-dlq-message` names what was sent instead, if it is known'],
  INVALID_ENVELOPE: ['CloudEvents headers or fields are wrong', 'correct the producer'],
  INVALID_REQUEST: ['a field breaks a rule of the request schema', 'correct the producer; `vf-dlq-message` names field and rule'],
  INVALID_HINT: ['a field breaks a rule of the hint schema', 'correct the producer; the planned reads go on without the hint'],
  BEYOND_DEDUPE_HORIZON: [
    '`issuedAt` is older than the retention of the namespace',
    'nothing: its window is over; lengthen the retention if such records are expected',
  ],
  PROCESSING_DEFECT: [
    'handling this record failed although others got through',
    'look for `"event":"record-failed"` in the log of ingress and report it',
  ],
};

/** Why records go to the dead-letter topic. */
export function deadLetterTable(): string {
  return markdownTable(
    ['Reason', 'Meaning', 'Action'],
    DEAD_LETTER_REASONS.map((reason) => [`\`${reason}\``, ...DEAD_LETTER_MEANINGS[reason]]),
  );
}
