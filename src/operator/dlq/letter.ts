import { openEnvelope } from '../../contracts/wire/cloud-events.ts';
import { DEAD_LETTER_HEADERS as H, knownDeadLetterHeaders } from '../../contracts/wire/dead-letter.ts';
import { redrivesOf } from '../../contracts/wire/redrive.ts';
import { requestSchema } from '../../contracts/wire/request.ts';
import { tokenSchema, verificationIdOf } from '../../contracts/wire/token-identity.ts';
import { isObject } from '../../contracts/wire/value-json.ts';
import { defined } from '../../domain/defined.ts';
import { isVerificationId } from '../../domain/ids.ts';
import type { InboundRecord } from '../../ingress/ports.ts';
import { shownSource } from './shown.ts';

/** Where a record is in a topic, as people write it: partition/offset. */
export type Place = { readonly partition: number; readonly offset: bigint };

/** Where a record came from. */
export type Origin = { readonly topic: string; readonly partition: number; readonly offset: string };

/** A record of the dead-letter topic, and what its headers say as far as they say it. */
export type Letter = {
  readonly record: InboundRecord;
  readonly said: ReturnType<typeof knownDeadLetterHeaders>;
  /** Undefined: nobody of this project put it here. */
  readonly origin?: Origin;
  /** Epoch ms that the record bore. Undefined: it does not say. */
  readonly timestampMs?: number;
  /** Its request says by itself when its token was issued, so that the time of its record does not matter. */
  readonly saysIssuedAt: boolean;
  /** How often it was sent again before it came back here. */
  readonly redrives: number;
  /** Of the token, or as a hint names it. Undefined: nobody can tell. */
  readonly verificationId?: string;
  /** Who sent it, as far as its CloudEvents source says it. */
  readonly producer?: string;
};

/** Total: whatever stands in the topic is some letter. */
export function letterOf(record: InboundRecord): Letter {
  const said = knownDeadLetterHeaders(record.headers);
  const data = dataOf(record);
  const timestamp = said[H.timestamp];
  return {
    record,
    said,
    redrives: redrivesOf(record.headers),
    saysIssuedAt: data?.['issuedAt'] !== undefined && requestSchema.shape.issuedAt.safeParse(data['issuedAt']).success,
    ...defined({
      origin: originOf(said),
      timestampMs: timestamp === undefined ? undefined : Number(timestamp),
      verificationId: verificationIn(data),
      producer: shownSource(record, tokenIn(data)),
    }),
  };
}

/** The place of the dead letter itself. */
export function placeOf({ record }: Pick<Letter, 'record'>): string {
  return placeText(record);
}

export function placeText({ partition, offset }: Place): string {
  return `${partition}/${offset}`;
}

/** Reads what {@link placeText} writes. Undefined: it is none. */
export function placeIn(text: string): Place | undefined {
  const [, partition, offset] = /^(\d{1,9})\/(\d{1,19})$/.exec(text) ?? [];
  return partition === undefined || offset === undefined ? undefined : { partition: Number(partition), offset: BigInt(offset) };
}

export function originText({ topic, partition, offset }: Origin): string {
  return `${topic}/${partition}/${offset}`;
}

/** When it was put aside, in epoch ms. */
export function putAsideAtMs({ record, said }: Letter): number {
  const failedAt = said[H.failedAt];
  return failedAt === undefined ? record.timestampMs : Date.parse(failedAt);
}

/** What a request or hint says, if its envelope can be opened. */
export function dataOf({ value, headers, cut }: InboundRecord): Readonly<Record<string, unknown>> | undefined {
  if (value === null || cut !== undefined) return undefined;
  const opened = openEnvelope(value, headers);
  return opened.ok && isObject(opened.value.data) ? opened.value.data : undefined;
}

/** The token that the data names, be it a proper one or not. */
export function tokenIn(data: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const token = data?.['token'];
  return typeof token === 'string' && token !== '' ? token : undefined;
}

function verificationIn(data: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const token = tokenSchema.safeParse(tokenIn(data));
  if (token.success) return verificationIdOf(token.data);
  const id = data?.['verificationId'];
  return typeof id === 'string' && isVerificationId(id) ? id : undefined;
}

function originOf(said: Letter['said']): Origin | undefined {
  const [topic, partition, offset] = [said[H.topic], said[H.partition], said[H.offset]];
  if (topic === undefined || partition === undefined || offset === undefined) return undefined;
  return { topic, partition: Number(partition), offset };
}
