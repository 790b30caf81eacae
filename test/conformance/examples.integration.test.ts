import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { ROOT } from '../../scripts/docs/documents.ts';
import { verificationIdOf } from '../../src/contracts/wire/token-identity.ts';
import { mintToken } from '../../src/emulator/mint-token.ts';
import { ENVELOPES, type Wrapped } from '../support/envelopes.ts';
import { lacking } from '../support/lacking.ts';
import { produce } from '../support/pipeline.ts';
import { killAllProcesses, type ServiceProcess, startNode, startProgram } from '../support/process.ts';
import { pythonWith } from '../support/python-packages.ts';
import { until } from '../support/until.ts';
import { openPipeline, type PipelineRun } from './pipeline-run.ts';

const EXPECTED = [
  { scenario: 'ready-pass', conclusion: 'ACCEPTED', outcome: 'PASSED', reason: null },
  { scenario: 'ready-fail-match', conclusion: 'REJECTED', outcome: 'FAILED', reason: 'MATCH_BELOW_THRESHOLD' },
  { scenario: 'cancelled', conclusion: 'NOT_DONE', outcome: 'NOT_COMPLETED', reason: 'USER_CANCELLED' },
  { scenario: 'review-multifaces', conclusion: 'UNKNOWN', outcome: 'NEEDS_REVIEW', reason: 'MULTIPLE_FACES' },
  { scenario: 'malformed', conclusion: 'UNKNOWN', outcome: 'ERROR', reason: 'MALFORMED_RESPONSE' },
];

/** The key of a record without a value. */
const TAKEN_BACK = 'taken-back';

type Line = { readonly verificationId: string; readonly revision: number; readonly conclusion: string; readonly outcome: string };

let run: PipelineRun;
let python: Awaited<ReturnType<typeof pythonWith>>;
let enveloped: ReturnType<typeof inEachWay>;

beforeAll(async () => {
  const requirement = readFileSync(join(ROOT, 'examples/python/requirements.txt'), 'utf8').trim();
  [run, python] = await Promise.all([openPipeline(), pythonWith(requirement)]);
  // Decided while the examples run.
  enveloped = Object.values(ENVELOPES).flatMap(inEachWay);
  await produce(
    inject('kafkaBrokers'),
    run.env['VF_KAFKA_REQUEST_TOPIC'] ?? '',
    enveloped.map(({ message }) => message),
  );
  // Taken back before anybody looks: no example may stumble over it.
  await produce(inject('kafkaBrokers'), run.env['VF_KAFKA_OUTCOME_TOPIC'] ?? '', [{ key: TAKEN_BACK, value: null }]);
});

afterAll(async () => {
  await run?.close();
  killAllProcesses();
});

function linesOf(reader: ServiceProcess): Line[] {
  return reader
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line): Line => JSON.parse(line));
}

async function endedWell(example: ServiceProcess): Promise<void> {
  const { code } = await example.exit(60_000);
  if (code !== 0) throw new Error(`ended with ${code}:\n${example.output()}`);
}

it('the onboarding example gets tokens, asks, and tells accepted, rejected, not done and unknown apart', async () => {
  const example = startNode(['--import', 'tsx', 'examples/onboarding/onboard.ts', ...EXPECTED.map(({ scenario }) => scenario)], run.env);
  await endedWell(example);
  const lines = linesOf(example);
  expect(lines).toHaveLength(EXPECTED.length);
  for (const { scenario: _scenario, ...expected } of EXPECTED) expect(lines).toContainEqual(expect.objectContaining(expected));
});

it('every envelope of a request, written to Kafka, is decided as the plain one', async () => {
  expect(enveloped.length).toBeGreaterThanOrEqual(Object.keys(ENVELOPES).length);
  await run.allDecided(enveloped, 60_000);
  expect(run.deadLetters()).toEqual([]);
  for (const { token } of enveloped) {
    const [seen] = run.outcomes().get(verificationIdOf(token)) ?? [];
    expect(JSON.parse(seen?.value ?? '{}')).toMatchObject({ outcome: 'PASSED', retrieval: { callsUsed: 1 } });
  }
});

it('the reader in Python concludes the same, once, and follows a later revision', async (context) => {
  if ('missing' in python) {
    context.skip(lacking(python.missing, { tests: 'the reader in Python' }));
    return;
  }
  const topic = run.env['VF_KAFKA_OUTCOME_TOPIC'] ?? '';
  const first = [...run.outcomes().values()].map(([seen]) => seen).find((seen) => seen?.value.includes('"NEEDS_REVIEW"'));
  if (first === undefined) throw new Error('no outcome that needs review');
  const revised = JSON.stringify({ ...JSON.parse(first.value), revision: 2, outcome: 'PASSED', reasons: [], retryAdvice: 'NONE' });
  const repeated = { key: first.key, value: first.value, headers: first.headers ?? {} };
  await produce(inject('kafkaBrokers'), topic, [
    repeated,
    { ...repeated, value: revised, headers: { ...repeated.headers, ce_id: `${first.key}.r2` } },
    repeated,
  ]);
  const reader = startProgram([python.program, 'examples/python/read_outcomes.py'], {
    ...run.env,
    PYTHONPATH: python.path,
    PYTHONDONTWRITEBYTECODE: '1',
  });
  const wanted = [...run.outcomes().keys()].filter((key) => key !== TAKEN_BACK).length + 1;
  await until(() => linesOf(reader).length >= wanted, {
    timeoutMs: 30_000,
    what: () => `${wanted} conclusions; it wrote:\n${reader.output()}`,
  });
  reader.kill('SIGTERM');
  await endedWell(reader);
  const lines = linesOf(reader);
  expect(lines).toHaveLength(wanted);
  for (const { scenario: _scenario, ...expected } of EXPECTED) expect(lines).toContainEqual(expect.objectContaining(expected));
  expect(lines.filter(({ verificationId }) => verificationId === first.key)).toMatchObject([
    { revision: 1, conclusion: 'UNKNOWN', outcome: 'NEEDS_REVIEW' },
    { revision: 2, conclusion: 'ACCEPTED', outcome: 'PASSED' },
  ]);
});

/** The ways in which one envelope occurs, each around a token of its own. */
function inEachWay(wrap: (data: object) => readonly Wrapped[]) {
  return wrap({}).flatMap((_way, way) => {
    const issuedAtMs = Date.now();
    const token = mintToken({ scenario: 'ready-pass', issuedAtMs });
    const wrapped = wrap({ token, issuedAt: new Date(issuedAtMs).toISOString() })[way];
    return wrapped === undefined ? [] : [{ token, message: { value: wrapped.value, headers: Object.fromEntries(wrapped.headers) } }];
  });
}
