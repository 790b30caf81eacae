import { DEAD_LETTER_REASONS } from '../../contracts/dead-letter-reasons.ts';
import { DEAD_LETTER_HEADERS as H, DEAD_LETTER_STAGES } from '../../contracts/wire/dead-letter.ts';
import { verificationIdOf } from '../../contracts/wire/token-identity.ts';
import { UsageError } from '../errors.ts';
import { instantMs } from '../list-query.ts';
import { idIn } from '../verification-id.ts';
import { type Letter, type Place, placeIn, placeOf, placeText, putAsideAtMs } from './letter.ts';

/** What people say about the dead letters they mean; each narrows the others. */
export type LetterFilter = {
  /** Places in the dead-letter topic, partition/offset. */
  readonly places?: readonly string[];
  /** Codes with commas between. */
  readonly withReason?: string;
  readonly stage?: string;
  readonly since?: string;
  readonly until?: string;
  /** Of the record as it was first written. */
  readonly topic?: string;
  readonly partition?: string;
  /** `10-20`, both included; `10-` and `10` as well. */
  readonly offsets?: string;
  readonly key?: string;
  readonly verification?: string;
};

export type Wanted = (letter: Letter) => boolean;

/** Whether a letter is meant. `token`: from standard input. Throws `UsageError` for what no letter can have. */
export function wantedBy(filter: LetterFilter, { nowMs, token }: { readonly nowMs: number; readonly token?: string }): Wanted {
  const tests: (Wanted | undefined)[] = [
    given(filter.places?.length === 0 ? undefined : filter.places, placesTest),
    given(filter.withReason, (text) => oneOfTest('--with-reason', { text, values: DEAD_LETTER_REASONS, header: H.reason })),
    given(filter.stage, (text) => oneOfTest('--stage', { text, values: DEAD_LETTER_STAGES, header: H.stage })),
    given(filter.since, (text) => {
      const fromMs = instantMs('--since', { text, nowMs });
      return (letter) => putAsideAtMs(letter) >= fromMs;
    }),
    given(filter.until, (text) => {
      const untilMs = instantMs('--until', { text, nowMs });
      return (letter) => putAsideAtMs(letter) <= untilMs;
    }),
    given(filter.topic, (topic) => (letter) => letter.origin?.topic === topic),
    given(filter.partition, partitionTest),
    given(filter.offsets, offsetsTest),
    given(filter.key, (key) => (letter) => letter.record.key?.equals(Buffer.from(key)) === true),
    given(filter.verification, verificationTest),
    given(token, tokenTest),
  ];
  const all = tests.filter((test) => test !== undefined);
  return (letter) => all.every((test) => test(letter));
}

/** The options of a filter that are given, by name, for messages. */
export function givenOptions({ places, withReason, ...filter }: LetterFilter & { readonly token?: string }): readonly string[] {
  const named = Object.entries({ 'with-reason': withReason, ...filter }).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`],
  );
  return [...(places === undefined || places.length === 0 ? [] : ['the places']), ...named];
}

function given<T>(value: T | undefined, test: (value: T) => Wanted): Wanted | undefined {
  return value === undefined ? undefined : test(value);
}

function placesTest(places: readonly string[]): Wanted {
  const wanted = new Set(places.map((place) => placeText(readPlace(place))));
  return (letter) => wanted.has(placeOf(letter));
}

/** The place of a dead letter as people write it. Throws `UsageError`. */
export function readPlace(text: string): Place {
  const place = placeIn(text);
  if (place === undefined)
    throw new UsageError('a dead letter is named by partition/offset, as `verdictflow dlq list` prints it, e.g. 3/1207');
  return place;
}

type OneOf = { readonly text: string; readonly values: readonly string[]; readonly header: typeof H.reason | typeof H.stage };

function oneOfTest(option: string, { text, values, header }: OneOf): Wanted {
  const wanted = text.split(',').map((one) => one.trim().toUpperCase());
  if (wanted.some((one) => !values.includes(one)))
    throw new UsageError(`${option}: write some of ${values.join(', ')}, with commas between`);
  return ({ said }) => wanted.includes(said[header] ?? '');
}

function partitionTest(text: string): Wanted {
  if (!/^\d{1,9}$/.test(text)) throw new UsageError('--partition: write a number; it is that of the record as it was first written');
  return ({ origin }) => origin?.partition === Number(text);
}

function offsetsTest(text: string): Wanted {
  const [, from, dash, until] = /^(\d{1,19})(-)?(\d{1,19})?$/.exec(text) ?? [];
  if (from === undefined) throw new UsageError('--offsets: write 1207, 1207-1300 or 1207-');
  const [least, most] = [BigInt(from), dash === undefined ? BigInt(from) : until === undefined ? undefined : BigInt(until)];
  return ({ origin }) => origin !== undefined && BigInt(origin.offset) >= least && (most === undefined || BigInt(origin.offset) <= most);
}

function verificationTest(text: string): Wanted {
  const id = idIn(text);
  if (id === undefined) throw new UsageError('--verification: this is no verification id; for a token use --token -');
  return ({ verificationId }) => verificationId === id;
}

/** From this length on a token is looked for in the bytes as well: what is no JSON names no verification. */
const RECOGNIZABLE_BYTES = 16;

function tokenTest(token: string): Wanted {
  if (token === '') throw new UsageError('--token -: standard input holds no token');
  const id = verificationIdOf(token);
  const bytes = Buffer.from(token);
  const isWithin = (where: Buffer | null): boolean => bytes.length >= RECOGNIZABLE_BYTES && where?.includes(bytes) === true;
  return ({ verificationId, record }) => verificationId === id || isWithin(record.value) || isWithin(record.key);
}
