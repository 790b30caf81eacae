import { readFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IHeaders, KafkaMessage } from 'kafkajs';
import { afterEach, expect, inject, it } from 'vitest';
import { createSystemClock } from '../../src/async/sleep.ts';
import { DEAD_LETTER_REASONS, type DeadLetterReason } from '../../src/contracts/dead-letter-reasons.ts';
import { StartRefusedError } from '../../src/contracts/errors.ts';
import { parseRedriveAudit } from '../../src/contracts/wire/redrive-audit.ts';
import { verificationIdOf } from '../../src/contracts/wire/token-identity.ts';
import { createIngress } from '../../src/ingress/batch.ts';
import type { StartOrder } from '../../src/ingress/ports.ts';
import { createRecordProducer } from '../../src/kafka/producer.ts';
import { createDeadLetterSink } from '../../src/kafka/sinks.ts';
import { POLICY } from '../ingress/support/records.ts';
import { recordEvents } from '../ingress/support/rig.ts';
import { makeTopic, ourKafka, producerEvents, readBack, uniqueName } from '../kafka/support/broker.ts';
import { consumer, stopConsumers } from '../kafka/support/consumer-rig.ts';
import { cliHere } from '../support/cli-here.ts';
import { startCli } from '../support/cli-process.ts';
import { produce } from '../support/pipeline.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { until } from '../support/until.ts';

afterEach(stopConsumers);

/** `VERDICTFLOW_DLQ_LETTERS=1000` is the size the project promises. */
const LETTERS = Number(process.env['VERDICTFLOW_DLQ_LETTERS'] ?? 70);
const RATE = 50;
const DAY_MS = 86_400_000;
/** The namespace would remember for so long. */
const RETENTION_MS = 10 * DAY_MS;
const AT_ONCE = 8;

const brokers = inject('kafkaBrokers');
const token = (n: number): string => `tok-${n}-3f9a8b7c6d5e4f3a2b1c`;

type Made = { readonly value: Buffer; readonly ageMs?: number; readonly ce?: string; readonly isHint?: true };

/** A record that is put aside for each reason; `GOOD_ONCE_MENDED` are those of which the cause goes away. */
const RECORDS: Readonly<Record<DeadLetterReason, (n: number) => Made>> = {
  TOO_LARGE: (n) => ({ value: Buffer.from(JSON.stringify({ token: token(n), filler: 'x'.repeat(300 * 1024) })) }),
  NOT_JSON: (n) => ({ value: Buffer.from(`{"token": "${token(n)}" cut`) }),
  INVALID_ENVELOPE: (n) => ({ value: Buffer.from(JSON.stringify({ token: token(n) })), ce: '9' }),
  INVALID_REQUEST: (n) => ({ value: Buffer.from(JSON.stringify({ token: token(n), policy: 'custom' })) }),
  INVALID_HINT: (n) => ({ value: Buffer.from(JSON.stringify({ token: token(n), kind: 'NOTHING' })), isHint: true }),
  BEYOND_DEDUPE_HORIZON: (n) => ({ value: Buffer.from(JSON.stringify({ token: token(n) })), ageMs: 12 * DAY_MS }),
  PROCESSING_DEFECT: (n) => ({ value: Buffer.from(JSON.stringify({ token: token(n), bizNo: 'defect' })) }),
};
const GOOD_ONCE_MENDED: readonly DeadLetterReason[] = ['INVALID_REQUEST', 'PROCESSING_DEFECT'];

const KEYS = [null, Buffer.alloc(0), Buffer.from('a key'), Buffer.from([0xff, 0, 0xfe])] as const;
const NOISE = Buffer.from([0xc3, 0x28, 0, 0xff]);

async function world() {
  const retention = { 'retention.ms': String(30 * DAY_MS) };
  const config = { ...retention, 'max.message.bytes': '2000000' };
  const topic = async (partitions: number): Promise<string> => await makeTopic(brokers, { partitions, config });
  const [requests, hints, dlq, audit] = [await topic(2), await topic(1), await topic(2), await topic(1)];
  const env = {
    VF_KAFKA_BROKERS: brokers,
    VF_KAFKA_REQUEST_TOPIC: requests,
    VF_KAFKA_HINT_TOPIC: hints,
    VF_KAFKA_DLQ_TOPIC: dlq,
    VF_KAFKA_AUDIT_TOPIC: audit,
  };
  const producer = createRecordProducer({ kafka: ourKafka(brokers), events: producerEvents(), logger: silentLogger });
  const starts = new Map<string, number>();
  const state = { isMended: false };
  const start = async ({ workflowId, input }: StartOrder): Promise<'STARTED' | 'ALREADY_STARTED'> => {
    if (!state.isMended && input.bizNo === 'defect') throw new StartRefusedError('refused');
    const before = starts.get(workflowId) ?? 0;
    starts.set(workflowId, before + 1);
    return await Promise.resolve(before === 0 ? 'STARTED' : 'ALREADY_STARTED');
  };
  const events = recordEvents();
  const ingress = createIngress({
    settings: {
      hintTopic: hints,
      trustHints: false,
      retentionMs: RETENTION_MS,
      policyFor: (profile) => (profile === 'custom' && !state.isMended ? undefined : POLICY),
      groupId: 'group',
      vendorRegion: 'sgp',
    },
    starter: { start },
    hintSender: { send: async () => await Promise.resolve('DELIVERED' as const) },
    deadLetters: createDeadLetterSink({ producer, topic: dlq }),
    sealer: { seal: () => 'sealed' },
    admission: { acquire: async () => await Promise.resolve(), release: () => undefined },
    startsWithRead: () => false,
    clock: createSystemClock(),
    timeWitness: { lastSeenMs: async () => await Promise.resolve(Date.now()) },
    events,
    sliceMs: 100,
    refetchFailingMs: 2000,
  });
  await consumer({ topic: requests, topics: [requests, hints], groupId: uniqueName('group'), onBatch: ingress.onBatch }).consumer.start();
  return { env, requests, hints, dlq, audit, starts, state, events, producer };
}

async function cli(args: readonly string[], env: Readonly<Record<string, string>>) {
  return await cliHere(['dlq', ...args], env);
}

const REDRIVE = [
  'redrive',
  '--operator',
  'jane',
  '--reason',
  'the schema is corrected',
  '--ticket',
  'INC-9',
  '--rate',
  String(RATE),
  '--yes',
];

type Line = {
  readonly place?: string;
  readonly reason?: string;
  readonly redrives?: number;
  readonly code?: string;
  readonly totals?: object;
};
const lines = (text: string): Line[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

/** The header that names the record, and how often it was sent again. */
const textOf = (headers: IHeaders | undefined, name: string): string => String([headers?.[name]].flat().at(-1) ?? '');
const plain = (message: KafkaMessage & { partition: number }) => ({
  partition: message.partition,
  key: message.key?.toString('hex') ?? null,
  value: message.value?.toString('hex').slice(0, 4000),
  length: message.value?.length,
  timestamp: message.timestamp,
  headers: Object.entries(message.headers ?? {})
    .filter(([name]) => !name.startsWith('vf-redrive-'))
    .map(([name, value]) => [name, [value].flat().map((one) => Buffer.from(one ?? '').toString('hex'))]),
});

it(`${LETTERS} dead letters of every reason are listed, filtered and sent again through a kill: once in effect, byte for byte`, async () => {
  const { env, requests, hints, dlq, audit, starts, state, events, producer } = await world();
  const reasonOf = (n: number): DeadLetterReason => DEAD_LETTER_REASONS[n % DEAD_LETTER_REASONS.length] ?? 'NOT_JSON';
  const shareOf = (reason: DeadLetterReason): number => numbers.filter((n) => reasonOf(n) === reason).length;
  const numbers = Array.from({ length: LETTERS }, (_, n) => n);
  const nowMs = Date.now();
  const messages = numbers.map((n) => {
    const { value, ageMs = 60_000, ce, isHint } = RECORDS[reasonOf(n)](n);
    const headers = { n: String(n), noise: [NOISE, Buffer.alloc(0)], ...(ce === undefined ? {} : { ce_specversion: ce }) };
    const place = isHint ? { topic: hints, partition: 0 } : { topic: requests, partition: n % 2 };
    return { ...place, key: KEYS[n % KEYS.length] ?? null, value, timestamp: String(nowMs - ageMs - n), headers };
  });
  for (const topic of [requests, hints]) {
    const own = messages.filter((message) => message.topic === topic);
    // A large record fills a request almost alone.
    for (const message of own.filter(({ value }) => value.length > 1000)) await produce(brokers, topic, [message]);
    // A start is blamed on its record only while others behind it get through.
    const small = own.filter(({ value }) => value.length <= 1000);
    const companions = small.map(({ partition }, n) => ({
      partition,
      key: null,
      value: JSON.stringify({ token: `companion-${topic}-${n}` }),
    }));
    await produce(brokers, topic, topic === hints ? small : small.flatMap((message, n) => [message, companions[n] ?? message]));
  }
  const companions = (): number => LETTERS - shareOf('INVALID_HINT') - shareOf('TOO_LARGE');
  const asides = (): number => events.named('deadLettered').length;
  let trickle = 0;
  const trickled = async (count: number): Promise<boolean> => {
    await produce(brokers, requests, [{ value: JSON.stringify({ token: `trickle-${(trickle += 1)}` }) }]);
    return asides() >= count;
  };
  await until(async () => await trickled(LETTERS), { timeoutMs: 60_000, everyMs: 200, what: `${LETTERS} dead letters` });
  expect(new Set(events.named('deadLettered').map(({ reason }) => reason))).toEqual(new Set(DEAD_LETTER_REASONS));

  // Listed and filtered; no token in any output.
  const list = await cli(['list', '--json'], env);
  expect([list.code, list.err]).toEqual([0, '']);
  const listed = lines(list.out);
  expect(listed.length).toBe(LETTERS + 1);
  for (const reason of DEAD_LETTER_REASONS) {
    expect(listed.filter((one) => one.reason === reason).length, `of ${reason}`).toBe(shareOf(reason));
    const only = await cliHere(['dlq', 'list', '--with-reason', reason, '--json'], env);
    expect(lines(only.out).length, `of ${reason}`).toBe(shareOf(reason) + 1);
    const place = listed.find((one) => one.reason === reason)?.place ?? '';
    const shown = await cliHere(['dlq', 'show', place], env);
    expect([shown.code, shown.out.includes(reason), shown.out.includes('3f9a8b7c6d5e4f3a2b1c')], `of ${reason}`).toEqual([0, true, false]);
  }
  const table = await cli(['list', '--limit', '5'], env);
  expect(table.out).toContain(`5 of ${LETTERS} are shown`);
  expect([list.out, table.out].some((text) => text.includes('3f9a8b7c6d5e4f3a2b1c'))).toBe(false);

  // Sent again, and killed in the midst.
  state.isMended = true;
  const journal = join(await mkdtemp(join(tmpdir(), 'redrive-')), 'j.ndjson');
  const wholeRedrive = [...REDRIVE, '--all', '--journal', journal];
  const beganAtMs = Date.now();
  const first = startCli(['dlq', ...wholeRedrive], env);
  const done = (): number => (readJournal(journal).match(/"kind":"DONE"/g) ?? []).length;
  await until(() => done() >= LETTERS / 3, { timeoutMs: 60_000, everyMs: 20, what: 'a third sent' });
  first.kill('SIGKILL');
  await first.done;
  const doneByKill = done();
  expect(doneByKill).toBeLessThan(LETTERS);
  const resumed = await cli(['redrive', '--journal', journal, '--yes', '--rate', String(RATE), '--json'], env);
  expect([resumed.code, lines(resumed.out).at(-1)?.totals]).toEqual([
    0,
    expect.objectContaining({ SEND: LETTERS, sent: LETTERS, skipped: 0 }),
  ]);
  const tookMs = Date.now() - beganAtMs;

  // What is still wrong comes back, everything else has one verification.
  const bad = numbers.filter((n) => !GOOD_ONCE_MENDED.includes(reasonOf(n)));
  const good = numbers.filter((n) => GOOD_ONCE_MENDED.includes(reasonOf(n)));
  await until(() => asides() >= LETTERS + bad.length, { timeoutMs: 60_000, what: 'the bad ones again' });
  await until(() => good.every((n) => starts.has(`fv-${verificationIdOf(token(n))}`)), { timeoutMs: 60_000, what: 'the good ones' });

  // Whole records, those sent twice by the kill included.
  const seen = new Map<string, ReturnType<typeof plain>[]>();
  let sentAgain = 0;
  let badAgain = 0;
  for (const topic of [requests, hints]) {
    const atLeast = topic === hints ? 2 * shareOf('INVALID_HINT') : 2 * (LETTERS - shareOf('INVALID_HINT')) + trickle + companions();
    for (const message of await readBack(brokers, topic, atLeast)) {
      const n = textOf(message.headers, 'n');
      if (n === '') continue;
      const count = textOf(message.headers, 'vf-redrive-count');
      sentAgain += Number(count === '1');
      badAgain += Number(count === '1' && bad.includes(Number(n)));
      expect(['', '1']).toContain(count);
      seen.set(n, [...(seen.get(n) ?? []), plain(message)]);
    }
  }
  expect(seen.size).toBe(LETTERS);
  for (const [n, same] of seen) {
    expect(same.length, `record ${n}`).toBeGreaterThanOrEqual(2);
    for (const one of same) expect(one, `record ${n}`).toEqual(same[0]);
  }
  expect(sentAgain - LETTERS).toBeLessThanOrEqual(AT_ONCE);

  // Each is on record.
  const audits = (await readBack(brokers, audit, LETTERS)).map(({ value }) => parseRedriveAudit(JSON.parse(String(value))));
  const letters = new Set(audits.map((one) => (one.ok ? `${one.value.letter.partition}/${one.value.letter.offset}` : 'bad')));
  expect(letters).toEqual(new Set(listed.flatMap(({ place }) => (place === undefined ? [] : [place]))));

  await until(() => asides() >= LETTERS + badAgain, { timeoutMs: 60_000, what: 'those sent twice as well' });

  // Those of before are not sent again, those that came back are, and come back with 2; then the guard refuses them.
  const second = await cli([...REDRIVE, '--all', '--json', '--journal', `${journal}.2`], env);
  expect(second.code).toBe(0);
  const cameBack = asides();
  expect(lines(second.out).at(-1)?.totals).toMatchObject({ REDRIVEN: LETTERS, SEND: badAgain });
  const atEnd = LETTERS + 2 * badAgain;
  await until(() => asides() >= atEnd, { timeoutMs: 60_000, what: `the bad ones once more, ${cameBack} of ${atEnd}` });
  const last = lines((await cli(['list', '--open', '--json'], env)).out);
  expect(last.slice(0, -1).map(({ redrives }) => redrives)).toEqual(last.slice(0, -1).map(() => 2));
  const guarded = await cli(['redrive', '--all', '--dry-run', '--json', '--max-redrives', '2'], env);
  expect(lines(guarded.out).at(-1)?.totals).toMatchObject({ TOO_OFTEN: last.length - 1 });

  const figures = { letters: LETTERS, doneByKill, sentTwice: sentAgain - LETTERS, seconds: tookMs / 1000, dlq };
  process.stdout.write(`dead letters: ${JSON.stringify(figures)}\n`);
  await producer.close();
}, 240_000);

function readJournal(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // It is not there yet.
    return '';
  }
}
