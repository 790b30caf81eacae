import { describe, expect, it } from 'vitest';
import type { HeaderList } from '../../../src/contracts/wire/header-text.ts';
import { planLetter, recordToSend, REDRIVE_CODES, type RedriveFacts, type RedriveTerms } from '../../../src/operator/dlq/plan.ts';
import type { Target } from '../../../src/operator/dlq/ports.ts';
import { deadLetter, NOW, SECRET } from './letters.ts';

const TERMS: RedriveTerms = { maxRedrives: 3, again: false };
const TARGETS: ReadonlyMap<string, Target> = new Map([['requests', { partitions: 6, datesRecords: false }]]);
const FACTS: RedriveFacts = { targets: TARGETS, topics: ['requests', 'hints'], redriven: { at: () => undefined } };

const codeOf = (letter: ReturnType<typeof deadLetter>, terms: Partial<RedriveTerms> = {}, facts: Partial<RedriveFacts> = {}): string =>
  planLetter(letter, { terms: { ...TERMS, ...terms }, facts: { ...FACTS, ...facts }, nowMs: NOW }).code;
const count = (times: string): { own: HeaderList } => ({ own: [['vf-redrive-count', Buffer.from(times)]] });
const sentBefore = { redriven: { at: () => '2026-01-15T11:00:00.000Z' } };

describe('a redrive', () => {
  const rows: readonly (readonly [string, string, string])[] = [
    ['a whole letter', 'SEND', codeOf(deadLetter())],
    [
      'one of an older version, without stage, group and attempts',
      'SEND',
      codeOf(deadLetter({ ours: { 'vf-dlq-stage': undefined, 'vf-dlq-group': undefined, 'vf-dlq-attempts': undefined } })),
    ],
    ['a record of somebody else', 'FOREIGN', codeOf(deadLetter({ ours: { 'vf-dlq-topic': undefined } }))],
    ['one whose offset is no number', 'FOREIGN', codeOf(deadLetter({ ours: { 'vf-dlq-offset': 'x' } }))],
    ['one without its time', 'INCOMPLETE', codeOf(deadLetter({ ours: { 'vf-dlq-timestamp': undefined } }))],
    [
      'one that its topic would date anew',
      'AGE_LOST',
      codeOf(deadLetter(), {}, { targets: new Map([['requests', { partitions: 6, datesRecords: true }]]) }),
    ],
    ['a stub', 'STUB', codeOf(deadLetter({ ours: { 'vf-dlq-stub': 'true' } }))],
    ['one too large to be read', 'STUB', codeOf(deadLetter({ cut: { kind: 'RECORD', bytes: 9_000_000 } }))],
    ['one of another topic', 'OTHER_TOPIC', codeOf(deadLetter({ ours: { 'vf-dlq-topic': 'payments' } }))],
    ['one whose topic is gone', 'TOPIC_MISSING', codeOf(deadLetter({ ours: { 'vf-dlq-topic': 'hints' } }))],
    ['one that was sent again before', 'REDRIVEN', codeOf(deadLetter(), {}, sentBefore)],
    ['the same with --again', 'SEND', codeOf(deadLetter(), { again: true }, sentBefore)],
    ['one that came back three times', 'TOO_OFTEN', codeOf(deadLetter(count('3')))],
    ['the same with a higher limit', 'SEND', codeOf(deadLetter(count('3')), { maxRedrives: 4 })],
    ['one whose count is no number', 'SEND', codeOf(deadLetter(count('many')))],
  ];

  it.each(rows)('takes %s as %s', (_what, code, found) => {
    expect(found).toBe(code);
  });

  it('has a row here for every code', () => {
    expect(new Set(rows.map(([, code]) => code))).toEqual(new Set(REDRIVE_CODES));
  });

  it('names the place of the whole record of a stub', () => {
    const line = planLetter(deadLetter({ ours: { 'vf-dlq-stub': 'true' } }), { terms: TERMS, facts: FACTS, nowMs: NOW });
    expect(line.why).toContain('requests/3/1207');
  });
});

describe('what is sent again', () => {
  const sent = (letter: ReturnType<typeof deadLetter>, { targets = TARGETS } = {}) => recordToSend(letter, { targets, nowMs: NOW });
  const plain = (list: HeaderList) => list.map(([name, value]) => [name, value?.toString('latin1') ?? null]);

  it('has the headers of the record in order, null and repeated ones included, and none of ours but the count', () => {
    const own: HeaderList = [
      ['b', Buffer.from([255])],
      ['1', Buffer.from('x')],
      ['b', null],
      ['vf-dlq-reason', Buffer.from('its own')],
      ['b', Buffer.alloc(0)],
    ];
    expect(plain(sent(deadLetter({ own })).headerList)).toEqual([
      ['b', '\u00ff'],
      ['1', 'x'],
      ['b', null],
      ['vf-dlq-reason', 'its own'],
      ['b', ''],
      ['vf-redrive-count', '1'],
    ]);
  });

  it.each([[null], [Buffer.alloc(0)], [Buffer.from([0, 255])]])('keeps key and value %s', (bytes) => {
    expect(sent(deadLetter({ key: bytes, value: bytes }))).toMatchObject({ topic: 'requests', partition: 3, key: bytes, value: bytes });
  });

  it('counts on from what it bore', () => {
    const own: HeaderList = [['vf-redrive-count', Buffer.from('1')]];
    expect(plain(sent(deadLetter({ own })).headerList)).toEqual([['vf-redrive-count', '2']]);
  });

  it('goes by its key where its partition is gone', () => {
    expect(sent(deadLetter(), { targets: new Map([['requests', { partitions: 3, datesRecords: false }]]) })).not.toHaveProperty(
      'partition',
    );
  });

  it('keeps the time of the record', () => {
    expect(sent(deadLetter())).toMatchObject({ timestampMs: NOW - 60_000, mayBeDatedNow: false });
  });

  const issued = Buffer.from(JSON.stringify({ token: SECRET, issuedAt: '2026-01-15T09:30:00Z' }));
  const hopeless = Buffer.from(JSON.stringify({ token: SECRET, issuedAt: 'yesterday' }));
  it.each<[string, Target]>([
    ['dates records itself', { partitions: 6, datesRecords: true }],
    ['deletes one as old within the hour', { partitions: 6, datesRecords: false, retentionMs: 50_000 }],
  ])('goes to a topic that %s only if its request says when its token was issued', (_what, target) => {
    const targets = new Map([['requests', target]]);
    for (const value of [Buffer.from(JSON.stringify({ token: SECRET })), hopeless, Buffer.from('not json'), null])
      expect(codeOf(deadLetter({ value }), {}, { targets })).toBe('AGE_LOST');
    expect(codeOf(deadLetter({ value: issued }), {}, { targets })).toBe('SEND');
    expect(sent(deadLetter({ value: issued }), { targets })).toMatchObject({ timestampMs: NOW, mayBeDatedNow: true });
  });
});
