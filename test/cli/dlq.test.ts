import { describe, expect, it } from 'vitest';
import { REDRIVE_AUDIT_TYPE } from '../../src/contracts/wire/redrive-audit.ts';
import { verificationIdOf } from '../../src/contracts/wire/token-identity.ts';
import type { InboundRecord } from '../../src/ingress/ports.ts';
import type { SentAgain, TopicSource, Unread } from '../../src/operator/dlq/ports.ts';
import { deadLetter, SECRET } from '../operator/dlq/letters.ts';
import { runFakeCli } from './fake-cli.ts';

const [REQUESTS, DLQ, AUDIT] = ['requests', 'dlq', 'audit'];
const ENV = { VF_KAFKA_REQUEST_TOPIC: REQUESTS, VF_KAFKA_DLQ_TOPIC: DLQ, VF_KAFKA_AUDIT_TOPIC: AUDIT };
const ORDER = ['--operator', 'jane', '--reason', 'the schema is corrected', '--journal', 'j'];
const UNREAD: Unread = { partition: 1, offset: 99n, why: 'a transaction that is still open holds back what follows' };

const letters = (count: number): InboundRecord[] =>
  Array.from({ length: count }, (_, index) => ({ ...deadLetter().record, offset: BigInt(index) }));
/** What the audit topic has of a letter that was sent again. */
const audited = ({ partition, offset, timestampMs }: InboundRecord): InboundRecord => {
  const at = '2026-01-15T11:00:00.000Z';
  const place = { topic: REQUESTS, partition: 0, offset: '7' };
  const letter = { topic: DLQ, partition, offset: String(offset), timestamp: String(timestampMs) };
  const who = { operator: 'jane', reason: 'earlier' };
  const record = {
    schemaVersion: '1',
    action: 'REDRIVE',
    ...who,
    letter,
    origin: place,
    sentTo: place,
    redrives: 1,
    requestedAt: at,
    redrivenAt: at,
  };
  const headers = new Map([['ce_type', [Buffer.from(REDRIVE_AUDIT_TYPE)]]]);
  return { topic: AUDIT, partition: 0, offset, timestampMs, key: null, value: Buffer.from(JSON.stringify(record)), headers };
};

type Topics = { readonly dlq: readonly (InboundRecord | Unread)[]; readonly audit?: readonly (InboundRecord | Unread)[] };

function world({ dlq, audit = [] }: Topics) {
  const sent: SentAgain[] = [];
  const audits: string[] = [];
  const stored = new Map([
    [DLQ, dlq],
    [AUDIT, audit],
  ]);
  const source: TopicSource = {
    spans: async () => await Promise.resolve([{ partition: 1, from: 0n, until: 100n }]),
    read: async function* (topic, { from, until }) {
      yield* await Promise.resolve((stored.get(topic) ?? []).filter(({ offset }) => offset >= from && offset < until));
    },
  };
  const targets = {
    facts: async () => await Promise.resolve(new Map([[REQUESTS, { partitions: 6, datesRecords: false }]])),
    send: async (record: SentAgain) => {
      sent.push(record);
      return await Promise.resolve({ topic: record.topic, partition: 3, offset: String(sent.length) });
    },
  };
  const publisher = {
    publish: async ({ topic, value }: { readonly topic: string; readonly value: string | null }) => {
      audits.push(value ?? '');
      return await Promise.resolve({ topic, partition: 0, offset: '0' });
    },
  };
  const journals = new Map<string, string[]>();
  const run = async (args: readonly string[], more: { readonly stdin?: string } = {}) =>
    await runFakeCli(['dlq', ...args], { env: ENV, deadLetters: { source, targets, publisher }, journals, ...more });
  return { run, sent, audits, journals };
}

describe('dlq redrive', () => {
  it('sends what it can read of a topic, and ends with 1 as long as part of it cannot be read, also when it goes on', async () => {
    const { run, sent } = world({ dlq: [...letters(2), UNREAD] });
    const ran = await run(['redrive', '--all', ...ORDER]);
    expect([ran.code, sent.length]).toEqual([1, 2]);
    expect(ran.err).toContain('partition 1 cannot be read from offset 99 on');
    const again = await run(['redrive', '--journal', 'j']);
    expect([again.code, sent.length]).toEqual([1, 2]);
    expect(again.err).toContain('part of the topic could not be read');
  });

  it('ends with 0 once each was sent and audited', async () => {
    const { run, sent, audits } = world({ dlq: letters(2) });
    expect(await run(['redrive', '--all', ...ORDER])).toMatchObject({ code: 0, out: expect.stringContaining('2 sent, 0 skipped') });
    expect([sent.length, audits.length]).toEqual([2, 2]);
  });

  it.each([
    ['cannot be read in part', [UNREAD]],
    ['cannot be read in part, and says one was', [audited(letters(1)[0] ?? deadLetter().record), UNREAD]],
  ])('wants --again where the audit topic %s: nobody can say what was sent before', async (_what, audit) => {
    const { run, sent } = world({ dlq: letters(2), audit });
    expect(await run(['redrive', '--all', ...ORDER])).toMatchObject({ code: 64, err: expect.stringContaining('--again: give it') });
    expect(sent).toEqual([]);
    expect(await run(['redrive', '--all', '--again', ...ORDER])).toMatchObject({ code: 0 });
    expect(sent.length).toBe(2);
  });

  it('leaves out what the audit topic says was sent again', async () => {
    const [first, second] = letters(2);
    const { run, sent } = world({
      dlq: [first, second].filter((one) => one !== undefined),
      audit: first === undefined ? [] : [audited(first)],
    });
    expect((await run(['redrive', '--all', ...ORDER])).out).toContain('1 to send; refused: 1 REDRIVEN');
    expect(sent.length).toBe(1);
  });

  it.each([
    ['reason', ['--reason', `mended for token=${SECRET}.`]],
    ['ticket', ['--reason', 'x', '--ticket', SECRET]],
    ['operator', ['--reason', 'x', '--operator', SECRET]],
  ])('refuses a %s that holds the token of a letter: it would be published, and the journal keeps nothing of it', async (_what, said) => {
    const { run, sent, audits, journals } = world({ dlq: [deadLetter().record] });
    const { code, err, out } = await run(['redrive', '--all', '--operator', 'jane', ...said, '--journal', 'j']);
    expect([code, sent, audits]).toEqual([64, [], []]);
    expect(err).toContain(`the token of ${verificationIdOf(SECRET)} stands in --reason or beside it, which is published: leave it out`);
    expect(`${out}${err}${JSON.stringify([...journals])}`).not.toContain(SECRET);
  });

  it('refuses a reason that holds the token that is asked for, also where it stands in no JSON', async () => {
    const { run, sent, audits } = world({ dlq: [deadLetter({ value: Buffer.from(`{"token":"${SECRET}`) }).record] });
    const order = ['--operator', 'jane', '--reason', `session of ${SECRET}, closed`, '--journal', 'j'];
    const { code, err } = await run(['redrive', '--token', '-', ...order], { stdin: SECRET });
    expect([code, sent, audits]).toEqual([64, [], []]);
    expect(err).not.toContain(SECRET);
  });

  it('sends more than ten only if --yes agrees to the plan, where nobody can be asked', async () => {
    const { run, sent } = world({ dlq: letters(11) });
    const refused = await run(['redrive', '--all', ...ORDER, '--rate', '7']);
    expect(refused).toMatchObject({ code: 64, err: expect.stringContaining('more than 10 need --yes') });
    expect(refused.err).toContain('verdictflow dlq redrive --yes --journal j --rate 7');
    expect(sent).toEqual([]);
    expect(await run(['redrive', '--yes', '--journal', 'j'])).toMatchObject({ code: 0 });
    expect(sent.length).toBe(11);
  });
});

describe('a place', () => {
  it.each([['1/88'], ['01/0088']])('written %s names the same letter to show and to redrive', async (place) => {
    const { run, sent } = world({ dlq: [deadLetter().record] });
    expect(await run(['show', place])).toMatchObject({ code: 0, out: expect.stringContaining('dlq 1/88 (partition/offset)') });
    expect(await run(['redrive', place, ...ORDER])).toMatchObject({ code: 0 });
    expect(sent.length).toBe(1);
  });

  it.each([['88'], ['1/'], ['1/x'], ['-1/88']])('is not %s', async (place) => {
    const { run } = world({ dlq: [deadLetter().record] });
    const wrong = { code: 64, err: expect.stringContaining('a dead letter is named by partition/offset') };
    for (const args of [
      ['show', '--', place],
      ['redrive', ...ORDER, '--', place],
    ])
      expect(await run(args)).toMatchObject(wrong);
  });
});

describe('dlq list --open', () => {
  it('leaves out what was sent again, and names the place and time of the letter, not its place alone', async () => {
    const [first] = letters(1);
    if (first === undefined) throw new Error('no letter');
    const shown = async (audit: InboundRecord) => (await world({ dlq: [first], audit: [audit] }).run(['list', '--open'])).out;
    expect(await shown(audited(first))).toBe('none\n');
    // The topic was made anew: something else stands there by now.
    expect(await shown(audited({ ...first, timestampMs: first.timestampMs - 1 }))).toContain('1/0');
  });
});
