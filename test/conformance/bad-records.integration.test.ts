import { afterAll, expect, inject, it } from 'vitest';
import { verificationIdOf } from '../../src/contracts/wire/token-identity.ts';
import { produce } from '../support/pipeline.ts';
import { killAllProcesses } from '../support/process.ts';
import { until } from '../support/until.ts';
import { openPipeline } from './pipeline-run.ts';
import { quickTokens, requestOf } from './scenario-mix.ts';

/** `VERDICTFLOW_E2E_GOOD=1000` is the size the project promises. */
const GOOD = Number(process.env['VERDICTFLOW_E2E_GOOD'] ?? 300);

/** Ten ways in which a record can be wrong; `n` makes each one different. */
const BAD: readonly ((n: number) => Buffer)[] = [
  (n) => Buffer.from(`not json at all ${n}`),
  (n) => Buffer.from(`{"token": "cut-off-${n}`),
  (n) => Buffer.from([0xff, 0xfe, 0x00, n]),
  (n) => Buffer.from(`["token-in-an-array-${n}"]`),
  (n) => Buffer.from(JSON.stringify({ bizNo: `no-token-${n}` })),
  (n) => Buffer.from(JSON.stringify({ token: `white space ${n}` })),
  (n) => Buffer.from(JSON.stringify({ token: `${n}`.padEnd(513, 'x') })),
  (n) => Buffer.from(JSON.stringify({ token: `t-${n}`, issuedAt: 'yesterday' })),
  (n) => Buffer.from(JSON.stringify({ token: `t-${n}`, issuedAt: new Date(Date.now() + 3_600_000).toISOString() })),
  (n) => Buffer.from(JSON.stringify({ token: `t-${n}`, policy: 'no-such-profile' })),
];

afterAll(killAllProcesses);

it(`sends 100 bad records of ten kinds byte for byte to the dead-letter topic and decides the ${GOOD} good ones among them`, async () => {
  const run = await openPipeline();
  try {
    run.serve();
    const good = quickTokens(GOOD, Date.now());
    const bad = BAD.flatMap((kind, row) => Array.from({ length: 10 }, (_, n) => kind(row * 10 + n)));
    const every = Math.floor(GOOD / bad.length);
    const messages = good.flatMap((token, index) => {
      const badOne = index % every === 0 ? bad[index / every] : undefined;
      return [
        ...(badOne ? [{ key: `bad-${index}`, value: badOne, headers: { trace: [Buffer.from([1, 2]), Buffer.from([3])] } }] : []),
        requestOf(token),
      ];
    });
    await produce(inject('kafkaBrokers'), run.env['VF_KAFKA_REQUEST_TOPIC'] ?? '', messages);
    await run.allDecided(good, 120_000);
    await until(() => run.deadLetters().length >= bad.length, { timeoutMs: 30_000, what: '100 dead letters' });

    const letters = run.deadLetters();
    expect(letters.length).toBe(100);
    expect(letters.map(({ raw }) => raw.toString('hex')).toSorted()).toEqual(bad.map((bytes) => bytes.toString('hex')).toSorted());
    for (const letter of letters) {
      expect(letter.key).toMatch(/^bad-/);
      expect([letter.headers?.['trace']].flat().map((value) => Buffer.from(value ?? '').toString('hex'))).toEqual(['0102', '03']);
    }
    expect(run.outcomes().size).toBe(GOOD);
    for (const { token, expected } of good) {
      const outcome: { outcome: string } = JSON.parse(run.outcomes().get(verificationIdOf(token))?.[0]?.value ?? '{}');
      expect(outcome.outcome).toBe(expected.outcome);
    }
  } finally {
    await run.close();
  }
}, 240_000);
