import { describe, expect, it } from 'vitest';
import type { ReadReport } from '../../../src/domain/reading/report.ts';
import { judgeClock } from '../../../src/operator/doctor/clocks.ts';
import { judgeBroker, judgeGroup, judgeLag, judgeRights, judgeTopics } from '../../../src/operator/doctor/kafka.ts';
import { type Holder, judgeKeys } from '../../../src/operator/doctor/keys.ts';
import type { ExaminedRole } from '../../../src/operator/doctor/findings.ts';
import type { GateSeen, QueueSeen, TopicSeen, WorkerSeen } from '../../../src/operator/doctor/ports.ts';
import {
  judgeBacklog,
  judgeNamespace,
  judgePollers,
  judgeQueues,
  judgeServer,
  judgeWorkers,
} from '../../../src/operator/doctor/temporal.ts';
import { judgeKey } from '../../../src/operator/doctor/vendor.ts';
import { type Case, expectTold } from './told.ts';

const DAY_MS = 86_400_000;
const at = { sentAt: '2026-01-01T00:00:00Z', answeredAt: '2026-01-01T00:00:00Z' };
const refusal = (error: string, more: object = {}): ReadReport =>
  Object.assign(
    { kind: 'VENDOR_ERROR' as const, error: 'INTERNAL_ERROR' as const, httpStatus: 403, vendorRequestIds: [], ...at },
    { error },
    more,
  );

const VENDOR: readonly Case[] = [
  ['a refusal of the token', () => judgeKey(refusal('RESULT_NOT_FOUND')), 'OK', /are taken/],
  ['a refusal of the token by a sibling code', () => judgeKey(refusal('INVALID_TOKEN')), 'OK', /are taken/],
  ['a refusal of the key', () => judgeKey(refusal('AUTHENTICATION_ERROR')), 'FAIL', /does not know key or secret/],
  ['a key without permission', () => judgeKey(refusal('AUTHORIZATION_ERROR')), 'FAIL', /knows the key but does not let it read/],
  ['another path', () => judgeKey(refusal('API_NOT_FOUND')), 'FAIL', /no such address/],
  ['an argument that may be looked at before the key', () => judgeKey(refusal('BAD_ARGUMENTS', { about: 'TOKEN' })), 'WARN', /ambiguous/],
  ['too many at once', () => judgeKey(refusal('CONCURRENCY_LIMIT_EXCEEDED')), 'WARN', /busy/],
  ['a token that is destroyed', () => judgeKey(refusal('DATA_DESTROYED')), 'WARN', /ambiguous/],
  ['a defect of the vendor', () => judgeKey(refusal('INTERNAL_ERROR')), 'WARN', /ambiguous/],
  ['a refusal beside a result', () => judgeKey(refusal('RESULT_NOT_FOUND', { credible: false })), 'WARN', /ambiguous/],
  ['no connection', () => judgeKey({ kind: 'UNSENT', cause: 'CONNECT_FAILED', endedAt: at.sentAt }), 'FAIL', /nothing was sent/],
  ['patience', () => judgeKey({ kind: 'UNCERTAIN', cause: 'THROTTLED', endedAt: at.sentAt, httpStatus: 429 }), 'WARN', /429/],
  [
    'a gateway',
    () => judgeKey({ kind: 'UNCERTAIN', cause: 'HTTP_5XX', endedAt: at.sentAt, httpStatus: 502 }),
    'FAIL',
    /HTTP_5XX, HTTP 502/,
  ],
  [
    'an answer that cannot be',
    () => judgeKey({ kind: 'MALFORMED', httpStatus: 200, bodyBytes: 1, bodySha256: '', ...at }),
    'WARN',
    /is not the vendor/,
  ],
];

const CLOCKS: readonly Case[] = [
  ['no difference', () => judgeClock('it', { leastMs: -20, mostMs: 30 }), 'OK', /0\.01 s ahead/],
  ['what asking may have taken is given to us', () => judgeClock('it', { leastMs: -5_000, mostMs: 100 }), 'OK', /give or take 2\.55 s/],
  ['2 s', () => judgeClock('it', { leastMs: 2_000, mostMs: 2_010 }), 'OK', /2\.0[01] s ahead/],
  ['more than 2 s', () => judgeClock('it', { leastMs: 2_001, mostMs: 2_011 }), 'WARN', /2\.01 s ahead/],
  ['more than 2 s behind', () => judgeClock('it', { leastMs: -3_000, mostMs: -2_900 }), 'WARN', /2\.95 s behind/],
  ['more than a minute', () => judgeClock('it', { leastMs: 60_001, mostMs: 60_100 }), 'FAIL', /60\.05 s ahead/],
];

const mark = (keys: Readonly<Record<string, string>>, fromFile = false): Holder['mark'] => ({
  version: '1.0.0',
  keys: Object.entries(keys).map(([id, print]) => ({ id, print })),
  fromFile,
});
const ingress = (keys: Holder['mark']): Holder => ({ who: 'ingress', mark: keys, seals: true, opens: false });
const worker = (keys: Holder['mark'], who = 'worker'): Holder => ({ who, mark: keys, seals: false, opens: true });

const KEYS: readonly Case[] = [
  ['equal ones', () => judgeKeys([ingress(mark({ k1: 'a' })), worker(mark({ k1: 'a' }))]), 'OK', /the same k1/],
  ['nobody to compare with', () => judgeKeys([ingress(mark({ k1: 'a' }))]), 'SKIPPED', /no other process/],
  ['another key of the same id', () => judgeKeys([ingress(mark({ k1: 'a' })), worker(mark({ k1: 'b' }))]), 'FAIL', /is another one/],
  [
    'a rotation in the right order: workers know the new one already',
    () => judgeKeys([ingress(mark({ k1: 'a' })), worker(mark({ k1: 'a', k2: 'b' }))]),
    'WARN',
    /open what is sealed now/,
  ],
  [
    'a rotation in the wrong order',
    () => judgeKeys([ingress(mark({ k2: 'b', k1: 'a' })), worker(mark({ k1: 'a' }))]),
    'FAIL',
    /lacks key k2/,
  ],
  [
    'the same out of files, which may be newer by now',
    () => judgeKeys([ingress(mark({ k2: 'b', k1: 'a' }, true)), worker(mark({ k1: 'a' }, true))]),
    'WARN',
    /lacks key k2.*in the file when it began/,
  ],
  [
    'workers that differ among themselves',
    () => judgeKeys([worker(mark({ k1: 'a' })), worker(mark({ k1: 'b' }), 'other')]),
    'FAIL',
    /other/,
  ],
  [
    'another order of the same keys',
    () => judgeKeys([ingress(mark({ k1: 'a', k2: 'b' })), worker(mark({ k2: 'b', k1: 'a' }))]),
    'OK',
    /same/,
  ],
];

const partition = (more: object = {}) => ({ partition: 0, hasLeader: true, replicas: 3, inSync: 3, ...more });
const topic = (more: Partial<TopicSeen> = {}): TopicSeen => ({
  topic: 'requests',
  exists: true,
  hidden: false,
  partitions: [partition()],
  ...more,
});
const names = { requests: 'requests', hints: 'hints', outcomes: 'outcomes', deadLetters: 'dlq', audit: 'audit', gate: 'gate' };
const all = new Set([3, 4, 8]);
const allTopics = Object.values(names).map((name) => topic({ topic: name, operations: all }));
const member = { host: '10.0.0.1', partitions: ['requests/0'] };
const group = { state: 'Stable', members: [member], hidden: false, operations: all };
const rights = (topics: readonly TopicSeen[], role: ExaminedRole = 'all') => judgeRights({ topics, group }, { role, names, groupId: 'g' });
const readOnly = allTopics.map((one) => (one.topic === 'audit' ? { ...one, operations: new Set([3]) } : one));
const without = (name: string) => allTopics.map((one) => (one.topic === name ? { ...one, operations: new Set<number>() } : one));
const place = (more: object) => [{ topic: 'requests', partition: 0, begin: 0, end: 10, committed: 10, ...more }];
const lag = (before: object, after: object, members = 1) => judgeLag(place(before), place(after), { members });
const answering = { answers: true, version: 'speaks as Kafka 4.1 or later', old: false, unspoken: [] } as const;

const KAFKA: readonly Case[] = [
  [
    'a broker that dropped what kafkajs speaks',
    () => judgeBroker('b:1', { ...answering, unspoken: ['Fetch (12 or later)'] }, { advertised: true }),
    'FAIL',
    /no longer speaks/,
  ],
  ['a broker before topic ids', () => judgeBroker('b:1', { ...answering, old: true }, { advertised: false }), 'WARN', /no ids/],
  [
    'a partition without a leader',
    () => judgeTopics([topic({ partitions: [partition({ hasLeader: false })] })], { warnings: [] }),
    'FAIL',
    /partition 0 without a leader/,
  ],
  [
    'a replica that is behind',
    () => judgeTopics([topic({ partitions: [partition({ inSync: 2 })] })], { warnings: [] }),
    'WARN',
    /fewer replicas in sync/,
  ],
  ['all rights', () => rights(allTopics), 'OK', /READ requests/],
  ['no right to write audits, which only commands need', () => rights(readOnly), 'WARN', /commands that write there/],
  [
    'a worker needs no right to requests',
    () =>
      rights(
        allTopics.filter((one) => one.topic !== 'requests'),
        'worker',
      ),
    'OK',
    /WRITE outcomes/,
  ],
  ['no right to tell of the gate', () => rights(without('gate')), 'FAIL', /WRITE on topic gate is not allowed/],
  ['no right to dead letters, which a command lists', () => rights(without('dlq'), 'cli'), 'WARN', /commands that read there/],
  ['brokers that do not tell', () => rights(Object.values(names).map((name) => topic({ topic: name }))), 'SKIPPED', /KIP-430/],
  [
    'a rebalance',
    () => judgeGroup({ ...group, state: 'PreparingRebalance' }, { groupId: 'g', partitions: [] }),
    'WARN',
    /PreparingRebalance/,
  ],
  [
    'a partition of nobody',
    () => judgeGroup(group, { groupId: 'g', partitions: ['requests/0', 'requests/1'] }),
    'FAIL',
    /reads requests\/1/,
  ],
  ['nothing waits', () => lag({}, {}), 'OK', /nothing waits/],
  ['records wait and are read', () => lag({ committed: 2 }, { committed: 5 }), 'OK', /are being read/],
  ['records wait and none is read', () => lag({ committed: 2 }, { committed: 2 }), 'WARN', /none was read/],
  ['more come than are read', () => lag({ committed: 2 }, { committed: 3, end: 20 }), 'WARN', /more come/],
  [
    'records were deleted unread',
    () => lag({ committed: 2, begin: 5 }, { committed: 2, begin: 5 }),
    'WARN',
    /deleted before they were read/,
  ],
  [
    'a group that has read nothing yet, of a topic that begins late',
    () => lag({ begin: 10, committed: undefined }, { begin: 10, committed: undefined }),
    'OK',
    /nothing waits/,
  ],
];

const queue = (more: Partial<QueueSeen> = {}): QueueSeen => ({
  name: 'q',
  kind: 'activity',
  pollers: [],
  waiting: 0,
  oldestMs: 0,
  ...more,
});
const limited = (perSecond: number, name = 'q-reads') => queue({ name, limit: { perSecond, reason: 'why', by: 'jane' } });
const gate = (phase: GateSeen['phase'], perSecond?: number): GateSeen => ({
  phase,
  since: 'since noon, by jane, because why',
  taskQueue: 'q',
  ...(perSecond === undefined ? {} : { perSecond }),
});
const queues = (list: readonly QueueSeen[], seen?: GateSeen) => judgeQueues(list, { gate: seen, mainQueue: 'q' });
const reads = queue({ name: 'q-reads' });
const tells = (more: Partial<WorkerSeen> = {}): WorkerSeen => ({
  identity: '1@a',
  build: 'x',
  silentMs: 5_000,
  mark: mark({}),
  ...more,
});
const retention = { namespace: 'n', retentionMs: DAY_MS, short: undefined, requestsMs: undefined };

const TEMPORAL: readonly Case[] = [
  ['a server before queue limits', () => judgeServer({ address: '127.0.0.1:1', version: '1.28.3', tls: false }), 'WARN', /came with 1\.29/],
  ['a server elsewhere without TLS', () => judgeServer({ address: 'temporal:7233', version: '1.32.0', tls: false }), 'WARN', /in clear/],
  ['a topic that never forgets', () => judgeNamespace({ ...retention, requestsMs: Number.POSITIVE_INFINITY }), 'WARN', /records for ever/],
  ['a namespace that never forgets', () => judgeNamespace({ ...retention, retentionMs: 0, requestsMs: DAY_MS }), 'OK', /for ever/],
  [
    'pollers that are gone',
    () => judgePollers([queue({ pollers: [{ identity: 'w', lastSeenAtMs: 0 }] })], { mainQueue: 'q', serverNowMs: 100_000 }),
    'FAIL',
    /nobody has asked for 100 s/,
  ],
  [
    'a queue of reads that is not used needs nobody',
    () => judgePollers([reads], { mainQueue: 'q', serverNowMs: 0 }).concat(queues([])),
    'OK',
    /./,
  ],
  [
    'two versions',
    () => judgeWorkers([tells(), tells({ identity: '2@b', mark: { ...mark({}), version: '2.0.0' } })]),
    'WARN',
    /versions differ: 1\.0\.0 \(1@a\), 2\.0\.0 \(2@b\)/,
  ],
  [
    'two builds of one version',
    () => judgeWorkers([tells(), tells({ identity: '2@b', build: 'y' })]),
    'WARN',
    /code of the workers differs/,
  ],
  ['a worker that fell silent', () => judgeWorkers([tells({ silentMs: 200_000 })]), 'WARN', /silent for 200 s/],
  ['a server that keeps no list', () => judgeWorkers(undefined), 'SKIPPED', /keeps no list/],
  ['a limit of 0 without a gate', () => queues([limited(0)]), 'FAIL', /no gate is held: nothing gets through/],
  ['a limit of 0 with an open gate', () => queues([limited(0)], gate('OPEN')), 'FAIL', /the gate is OPEN and wants no limit, but q-reads/],
  [
    'a limit of 0 of a held gate',
    () => queues([limited(0)], gate('HELD', 0)),
    'WARN',
    /the gate is HELD, since noon, by jane.*no read begins/,
  ],
  ['the same, of the queue', () => queues([limited(0)], gate('HELD', 0)), 'OK', /limited to 0\/s by jane/],
  ['a held gate that holds nothing', () => queues([reads], gate('HELD', 0)), 'FAIL', /wants 0\/s, but q-reads, activity tasks: no limit/],
  ['a gate that opens again', () => queues([limited(1)], gate('RAMP', 1)), 'WARN', /the gate is RAMP.*reads begin slowly again/],
  ['another limit than the account has', () => queues([limited(50)], gate('OPEN', 20)), 'FAIL', /wants 20\/s, but .* 50\/s/],
  ['an open gate', () => queues([reads], gate('OPEN')), 'OK', /no limit/],
  ['the gate of another task queue', () => queues([reads], { ...gate('OPEN', 20), taskQueue: 'other' }), 'OK', /no limit/],
  ['a limit below one a second, at which queues do not drain', () => queues([limited(0.5)]), 'FAIL', /0\.5\/s by jane \(why\)/],
  ["the account's limit", () => queues([limited(10.000001)], gate('OPEN', 10)), 'OK', /10\.000001\/s/],
  ['a limit on the queue of everything', () => queues([limited(10, 'q')], gate('OPEN')), 'WARN', /10\/s/],
  ['tasks that wait', () => judgeBacklog([queue({ waiting: 3, oldestMs: 20_000 })], { held: [] }), 'WARN', /3 wait, the oldest for 20 s/],
  ['tasks that are stuck', () => judgeBacklog([queue({ waiting: 3, oldestMs: 90_000 })], { held: [] }), 'FAIL', /90 s/],
  ['reads that wait for the gate', () => judgeBacklog([queue({ waiting: 3, oldestMs: 90_000 })], { held: ['q'] }), 'OK', /no task/],
];

it.each(Object.values(names))('of every topic, %s too, some role has to have a right', (name) => {
  const lacking = (['ingress', 'worker', 'cli'] as const).flatMap((role) => rights(without(name), role));
  expect(lacking.filter(({ saw }) => saw.includes(`topic ${name} is not allowed`))).not.toEqual([]);
});

it('tells nobody to lift the limit of the reads without a look at the gate, which may be that of another region', () => {
  expect(queues([limited(0), limited(0, 'q')]).map(({ remedy }) => remedy)).toEqual([
    expect.stringMatching(/^unless `verdictflow gate status` with the VF_FACEID_BASE_URL of the workers says otherwise: temporal /),
    expect.stringMatching(/^temporal task-queue config set /),
  ]);
});

describe.each([
  ['the vendor', VENDOR],
  ['clocks', CLOCKS],
  ['sealing keys', KEYS],
  ['Kafka', KAFKA],
  ['Temporal', TEMPORAL],
] as const)('what doctor makes of %s', (_, cases) => {
  it.each(cases)('%s', async (__, told, status, saw) => {
    await expectTold(told(), { status, saw });
  });
});
