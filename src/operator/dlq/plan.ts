import type { DeadLetterReason } from '../../contracts/dead-letter-reasons.ts';
import { DEAD_LETTER_HEADERS as H, withoutDeadLetterHeaders } from '../../contracts/wire/dead-letter.ts';
import { listedHeaders } from '../../contracts/wire/header-text.ts';
import { REDRIVE_COUNT } from '../../contracts/wire/redrive.ts';
import { defined } from '../../domain/defined.ts';
import { type Letter, originText, placeOf } from './letter.ts';
import type { SentAgain, Target } from './ports.ts';
import type { Redriven } from './scan.ts';
import { digestOf } from './shown.ts';

/** What a redrive does with a letter: send it, or refuse it for one of the other codes. */
export const REDRIVE_CODES = [
  'SEND',
  'FOREIGN',
  'INCOMPLETE',
  'AGE_LOST',
  'STUB',
  'OTHER_TOPIC',
  'TOPIC_MISSING',
  'REDRIVEN',
  'TOO_OFTEN',
] as const;
export type RedriveCode = (typeof REDRIVE_CODES)[number];

/** One letter of a plan. `digest`: what stood at the place, so that nothing else is sent in its stead. */
export type RedriveLine = {
  readonly place: string;
  readonly digest: string;
  readonly code: RedriveCode;
  readonly why?: string;
  readonly from?: string;
  readonly reason?: DeadLetterReason;
  readonly verificationId?: string;
};

/** What an operator asked for. */
export type RedriveTerms = {
  /** A letter that was sent again so often is refused. */
  readonly maxRedrives: number;
  /** Also those that an earlier redrive has sent. */
  readonly again: boolean;
};

export type RedriveFacts = {
  /** Those of the topics that are read here which exist, by name. */
  readonly targets: ReadonlyMap<string, Target>;
  /** The topics that are read here. */
  readonly topics: readonly string[];
  readonly redriven: Redriven;
};

type Planned = { readonly terms: RedriveTerms; readonly facts: RedriveFacts; readonly nowMs: number };

/** What a redrive would do with this letter. */
export function planLetter(letter: Letter, { terms, facts, nowMs }: Planned): RedriveLine {
  const refusal = refusalOf(letter, { terms, facts, nowMs });
  return {
    place: placeOf(letter),
    digest: letterDigest(letter),
    code: refusal?.code ?? 'SEND',
    ...defined({
      why: refusal?.why,
      from: letter.origin && originText(letter.origin),
      reason: letter.said[H.reason],
      verificationId: letter.verificationId,
    }),
  };
}

type Refusal = { readonly code: RedriveCode; readonly why: string };

function refusalOf(letter: Letter, { terms, facts, nowMs }: Planned): Refusal | undefined {
  const { origin, said, redrives } = letter;
  if (origin === undefined) return { code: 'FOREIGN', why: 'it does not say where it came from: no dead letter of verdictflow' };
  const from = originText(origin);
  if (said[H.stub] !== undefined || letter.record.cut !== undefined)
    return { code: 'STUB', why: `it is not whole; the whole record was at ${from} (topic/partition/offset): copy it from there` };
  if (!facts.topics.includes(origin.topic))
    return { code: 'OTHER_TOPIC', why: `nobody here reads topic ${origin.topic}: see VF_KAFKA_REQUEST_TOPIC and VF_KAFKA_HINT_TOPIC` };
  if (!facts.targets.has(origin.topic)) return { code: 'TOPIC_MISSING', why: `topic ${origin.topic} is gone: run \`verdictflow setup\`` };
  if (letter.timestampMs === undefined)
    return {
      code: 'INCOMPLETE',
      why: `it does not say how old its record is (${H.timestamp}), and a token must not look newer than it is`,
    };
  const target = facts.targets.get(origin.topic);
  if (!letter.saysIssuedAt && !keepsTime(letter.timestampMs, { target, nowMs }))
    return {
      code: 'AGE_LOST',
      why: `topic ${origin.topic} would not keep the time of its record, and its request has no issuedAt: its token would look newer than it is`,
    };
  const sentAt = facts.redriven.at(letter);
  if (sentAt !== undefined && !terms.again) return { code: 'REDRIVEN', why: `it was sent again at ${sentAt} (--again sends it once more)` };
  if (redrives >= terms.maxRedrives)
    return {
      code: 'TOO_OFTEN',
      why: `it came back ${redrives} time(s) after a redrive, at most ${terms.maxRedrives} allowed (--max-redrives)`,
    };
  return undefined;
}

/** Tells two letters apart that stand at one place, as in a topic that was made anew. */
export function letterDigest({ record, said, origin }: Letter): string {
  const about = [origin && originText(origin), said[H.failedAt], record.timestampMs, record.value === null].join(' ');
  return digestOf(Buffer.concat([Buffer.from(about), record.key ?? Buffer.alloc(0), record.value ?? Buffer.alloc(0)]));
}

/**
 * The record as it was, with our marks. It goes to its own partition, because all records of a key are there by whichever rule
 * its producer spreads them; only if the topic has fewer by now, to that of its key.
 */
export function recordToSend(
  { origin, record, redrives, timestampMs, saysIssuedAt }: Letter,
  { targets, nowMs }: Pick<RedriveFacts, 'targets'> & { readonly nowMs: number },
): SentAgain {
  if (origin === undefined || timestampMs === undefined) throw new TypeError('a letter that is refused is to be sent');
  const target = targets.get(origin.topic);
  const own = withoutDeadLetterHeaders(listedHeaders(record)).filter(([name]) => name !== REDRIVE_COUNT);
  return {
    topic: origin.topic,
    ...defined({ partition: origin.partition < (target?.partitions ?? 0) ? origin.partition : undefined }),
    key: record.key,
    value: record.value,
    headerList: [...own, [REDRIVE_COUNT, Buffer.from(String(redrives + 1))]],
    timestampMs: keepsTime(timestampMs, { target, nowMs }) ? timestampMs : nowMs,
    mayBeDatedNow: saysIssuedAt,
  };
}

/** So much of a topic's retention must be left, or the record could be deleted before it is read. */
const LEFT_AT_LEAST_MS = 3_600_000;

/** Whether a record of that time keeps it in the topic, and is kept itself. */
function keepsTime(timestampMs: number, { target, nowMs }: { readonly target: Target | undefined; readonly nowMs: number }): boolean {
  if (target?.datesRecords !== false) return false;
  const { retentionMs } = target;
  return retentionMs === undefined || timestampMs + retentionMs > nowMs + Math.min(LEFT_AT_LEAST_MS, retentionMs / 2);
}
