import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { verificationIdOf } from '../../../src/contracts/wire/token-identity.ts';
import type { Histories } from '../quota/paid.ts';
import { judge, type Judgement } from './judge.ts';
import { tokenOf } from './keeping.ts';

const TOKEN = tokenOf('ready-fail-match');
const ID = verificationIdOf(TOKEN.token);
const IMAGES = [
  { field: 'image_best', sha256: 'aa', bytes: 3 },
  { field: 'image_best_2', sha256: 'bb', bytes: 4 },
];
const BEST = { kind: 'IMAGE_BEST', object: `${ID}/1`, sha256: 'aa', bytes: 3 };
const SECOND = { kind: 'IMAGE_BEST_2', object: `${ID}/2`, sha256: 'bb', bytes: 4 };
const REASON = TOKEN.expected.reason ?? '';
const FAILED = 'EVIDENCE_STORE_FAILED';

type Told = {
  readonly outcome?: string;
  readonly reasons?: readonly string[];
  readonly evidence?: readonly object[];
  readonly revision?: number;
};

/** A verification that the vendor sent two images, and what was told of it. */
async function judged({
  told = [{}],
  reads = 1,
  answered = false,
  recorded = {},
}: {
  told?: readonly Told[];
  reads?: number;
  answered?: boolean;
  recorded?: object;
}): Promise<Judgement> {
  const logPath = join(mkdtempSync(join(tmpdir(), 'verdictflow-judge-')), 'requests.ndjson');
  const lines = Array.from({ length: reads }, (_, index) =>
    JSON.stringify({
      seq: index + 1,
      at: '2026-01-15T10:00:00.000Z',
      type: 'read',
      verificationId: ID,
      scenario: TOKEN.scenario,
      issuedAtMs: 0,
      known: true,
      read: index + 1,
      counted: true,
      overQuota: false,
      afterWindow: false,
      played: true,
      terminal: true,
      says: 'OK',
      images: IMAGES,
    }),
  );
  const end = {
    seq: reads + 1,
    at: '2026-01-15T10:00:01.000Z',
    type: 'answered',
    of: reads,
    delivery: 'FULL',
    httpStatus: 200,
    says: 'OK',
  };
  if (answered) lines.push(JSON.stringify(end));
  writeFileSync(logPath, lines.map((line) => `${line}\n`).join(''));
  const seen = told.map(({ outcome = TOKEN.expected.outcome, reasons = [REASON], evidence = [BEST, SECOND], revision = 1 }) => {
    const value = JSON.stringify({ outcome, revision, reasons: reasons.map((code) => ({ code })), evidence });
    return { ceId: `r${revision}`, key: ID, value, raw: Buffer.from(value), headers: undefined };
  });
  return await judge([TOKEN], { logPath, client: clientOf(recorded), outcomes: new Map(seen.length === 0 ? [] : [[ID, seen]]) });
}

function clientOf(recorded: object): Histories {
  const data = Buffer.from(JSON.stringify(recorded));
  const events = [{ activityTaskCompletedEventAttributes: { result: { payloads: [{ data }] } } }];
  const runs = async function* () {
    yield await Promise.resolve({ runId: 'a-run' });
  };
  return { workflow: { list: runs, getHandle: () => ({ fetchHistory: async () => await Promise.resolve({ events }) }) } };
}

const FINDINGS = ['fourthReads', 'lost', 'changed', 'unaccounted'] as const;
const found = (judgement: Judgement): readonly string[] => FINDINGS.filter((name) => judgement[name].length > 0);

describe('the judge of evidence', () => {
  it.each([
    ['all images are there', {}, { withEvidence: 1 }],
    ['none is, and it is said', { told: [{ reasons: [REASON, FAILED], evidence: [] }] }, { storeFailed: 1 }],
    ['one is, and it is said', { told: [{ reasons: [REASON, FAILED], evidence: [SECOND] }] }, { storeFailed: 1 }],
    ['the same was told twice', { told: [{}, {}] }, { withEvidence: 1 }],
    [
      'the process that had read it died',
      { told: [{ outcome: 'ERROR', evidence: [] }], answered: true },
      { diedWithTheirProcess: 1, unanswered: 0 },
    ],
    ['nobody was answered', { told: [{ outcome: 'ERROR', evidence: [] }] }, { diedWithTheirProcess: 0, unanswered: 1 }],
  ])('is content when %s', async (_, told, figures) => {
    const judgement = await judged(told);
    expect(found(judgement)).toEqual([]);
    expect(judgement).toMatchObject(figures);
  });

  it.each([
    ['one is missing and nothing is said', { told: [{ evidence: [BEST] }] }, ['unaccounted']],
    ['one is another image', { told: [{ evidence: [BEST, { ...SECOND, sha256: 'cc' }] }] }, ['unaccounted']],
    [
      'one has another size, beside the word of a failure',
      { told: [{ reasons: [REASON, FAILED], evidence: [{ ...BEST, bytes: 9 }] }] },
      ['unaccounted'],
    ],
    [
      'the two are swapped',
      {
        told: [
          {
            evidence: [
              { ...BEST, kind: 'IMAGE_BEST_2' },
              { ...SECOND, kind: 'IMAGE_BEST' },
            ],
          },
        ],
      },
      ['unaccounted'],
    ],
    ['all are there and a failure is told', { told: [{ reasons: [REASON, FAILED] }] }, ['unaccounted']],
    ['there is no outcome', { told: [] }, ['lost']],
    ['it was read a fourth time', { reads: 4 }, ['fourthReads']],
    ['the verdict is another', { told: [{ outcome: 'PASSED', reasons: [] }] }, ['changed']],
    ['the reason is another', { told: [{ reasons: ['LIVENESS_FAILED_INVENTED'] }] }, ['changed']],
    ['the failure took the place of the reason', { told: [{ reasons: [FAILED], evidence: [] }] }, ['changed']],
    ['a revision has two bodies', { told: [{}, { evidence: [SECOND, BEST] }] }, ['changed']],
    ['a verdict was taken back', { told: [{}, { outcome: 'EXPIRED', revision: 2, evidence: [] }] }, ['changed']],
    [
      'a history has a verdict that nobody was told',
      { told: [{ outcome: 'ERROR', evidence: [] }], recorded: { kind: 'ANSWER', answer: { status: 'FAILED' } } },
      ['changed'],
    ],
    ['an outcome that is no verdict has evidence', { told: [{ outcome: 'ERROR' }] }, ['unaccounted']],
  ])('tells when %s', async (_, told, names) => {
    expect(found(await judged(told))).toEqual(expect.arrayContaining(names));
  });
});
