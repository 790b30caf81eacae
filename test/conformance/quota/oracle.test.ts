import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SeenOutcome } from '../../support/pipeline.ts';
import { findings, type Findings, isClean } from './oracle.ts';
import type { Histories } from './paid.ts';
import type { Ending } from './settle.ts';
import type { StormToken } from './tokens.ts';

const ISSUED_AT_MS = 1_000_000;
const WINDOW_MS = 60_000;
const TOKEN: StormToken = {
  token: 'a-token',
  id: 'an-id',
  workflowId: 'verification/an-id',
  scenario: 'ready-pass',
  issuedAtMs: ISSUED_AT_MS,
  demanded: 'PASSED',
};

type Told = { readonly outcome: string; readonly revision?: number; readonly note?: string };
type Storm = {
  readonly token?: StormToken;
  /** The vendor's word for every answer. */
  readonly says?: string;
  /** Times of reads after issue, ms; every one of them is answered with the verdict in full. */
  readonly readsAtMs?: readonly number[];
  readonly told?: readonly Told[];
  readonly ending?: Ending;
  /** What the read's activity left in the history. */
  readonly recorded?: object;
  /** Times after issue, ms. */
  readonly held?: readonly (readonly [number, number])[];
};

function logOf(readsAtMs: readonly number[], says: string): string {
  const { id: verificationId, scenario, issuedAtMs } = TOKEN;
  const terminal = says === 'OK' || says === 'FAILED';
  const lines = readsAtMs.flatMap((afterMs, index) => {
    const at = new Date(issuedAtMs + afterMs).toISOString();
    const flags = { known: true, counted: true, overQuota: false, afterWindow: false, played: true, terminal };
    const seq = index * 2 + 1;
    return [
      { seq, at, type: 'read', verificationId, scenario, issuedAtMs, read: index + 1, ...flags, says },
      { seq: seq + 1, at, type: 'answered', of: seq, delivery: 'FULL', httpStatus: 200, says },
    ];
  });
  const path = join(mkdtempSync(join(tmpdir(), 'verdictflow-oracle-')), 'requests.ndjson');
  writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return path;
}

function recordsOf(told: readonly Told[]): SeenOutcome[] {
  return told.map(({ outcome, revision = 1, note }) => {
    const value = JSON.stringify({ outcome, revision, reasons: [], note });
    return { ceId: `an-id.r${revision}`, key: 'an-id', value, raw: Buffer.from(value), headers: undefined };
  });
}

function clientOf(recorded: object | undefined): Histories {
  const data = Buffer.from(JSON.stringify(recorded ?? {}));
  const events = [{ activityTaskCompletedEventAttributes: { result: { payloads: [{ data }] } } }];
  const runs = async function* () {
    yield await Promise.resolve({ runId: 'a-run' });
  };
  return { workflow: { list: runs, getHandle: () => ({ fetchHistory: async () => await Promise.resolve({ events }) }) } };
}

function judged(storm: Storm): Promise<Findings> {
  const {
    token = TOKEN,
    says = 'OK',
    readsAtMs = [10],
    told = [{ outcome: token.demanded }],
    ending = 'COMPLETED',
    recorded,
    held = [],
  } = storm;
  const rig = {
    logPath: logOf(readsAtMs, says),
    windowMs: WINDOW_MS,
    submitted: [token],
    client: clientOf(recorded),
    held: held.map(([fromMs, untilMs]) => ({ fromMs: ISSUED_AT_MS + fromMs, untilMs: ISSUED_AT_MS + untilMs })),
  };
  return findings(rig, { outcomes: new Map([[token.id, recordsOf(told)]]), endings: new Map([[token.id, ending]]) });
}

const VERDICT = { kind: 'ANSWER', answer: { status: 'OK', liveness: { result: 'PASS' } } };
const OVER_WITHOUT_LIVENESS = [
  ['FAILED', 'FAILED'],
  ['CANCELLED', 'NOT_COMPLETED'],
  ['TIMEOUT', 'NOT_COMPLETED'],
  ['WEBRTC_UNSUPPORTED', 'NOT_COMPLETED'],
] as const;

describe('the judge of a storm, who must not let anything pass', () => {
  it.each<[string, Storm, keyof Findings]>([
    ['a fourth read', { readsAtMs: [1, 2, 3, 4] }, 'fourthReads'],
    ['a read while the gate was held', { readsAtMs: [50], held: [[40, 60]] }, 'readWhileHeld'],
    ['a read while it was held and never resumed', { readsAtMs: [50], held: [[40, Infinity]] }, 'readWhileHeld'],
    ['a read after the window', { readsAtMs: [WINDOW_MS + 1] }, 'readAfterWindow'],
    ['a verification without an outcome', { told: [] }, 'withoutOutcome'],
    ['one that still runs', { ending: 'OPEN' }, 'withoutOutcome'],
    ['two bodies of one revision', { told: [{ outcome: 'PASSED' }, { outcome: 'PASSED', note: 'other' }] }, 'severalBodies'],
    ['a conclusion that the scenario cannot lead to', { told: [{ outcome: 'FAILED' }] }, 'wrongConclusion'],
    [
      'one that neither the whole answer nor a half-known one leads to',
      { token: { ...TOKEN, orElse: 'NEEDS_REVIEW' }, told: [{ outcome: 'FAILED' }] },
      'wrongConclusion',
    ],
    [
      'the whole verdict given up for the half-known one',
      { token: { ...TOKEN, orElse: 'NEEDS_REVIEW' }, told: [{ outcome: 'PASSED' }, { outcome: 'NEEDS_REVIEW', revision: 2 }] },
      'verdictLost',
    ],
    ['a verdict taken back', { told: [{ outcome: 'PASSED' }, { outcome: 'EXPIRED', revision: 2 }] }, 'verdictLost'],
    ['a verdict that is in the history and was never told', { told: [{ outcome: 'EXPIRED' }], recorded: VERDICT }, 'verdictLost'],
  ])('finds %s', async (_what, storm, finding) => {
    const found = await judged(storm);
    expect(found[finding]).toHaveLength(1);
    expect(isClean(found)).toBe(false);
  });

  it.each(OVER_WITHOUT_LIVENESS)('knows %s as the verdict %s: lost if a history has it, unheard if none has', async (says, demanded) => {
    const storm = { token: { ...TOKEN, demanded }, says, told: [{ outcome: 'EXPIRED' }] };
    const recorded = { kind: 'ANSWER', answer: { status: says, liveness: { result: 'ABSENT' } } };
    const lost = await judged({ ...storm, recorded });
    expect([lost.verdictLost.length, lost.verdictsUnheard, isClean(lost)]).toEqual([1, 0, false]);
    const unheard = await judged(storm);
    expect([unheard.verdictLost.length, unheard.verdictsUnheard, isClean(unheard)]).toEqual([0, 1, true]);
    const told = await judged({ ...storm, told: [{ outcome: demanded }], recorded });
    expect([told.verdictsTold, isClean(told)]).toEqual([1, true]);
  });

  it('does not take an answer that says nothing yet for a verdict', async () => {
    const recorded = { kind: 'ANSWER', answer: { status: 'PROCESSING', liveness: { result: 'ABSENT' } } };
    const found = await judged({ says: 'PROCESSING', told: [{ outcome: 'EXPIRED' }], recorded });
    expect([found.verdictLost, found.verdictsUnheard]).toEqual([[], 0]);
  });

  it.each<[string, Storm, Partial<Findings>]>([
    ['three reads and the verdict', { readsAtMs: [1, 2, 3] }, { reads: 3, tokensRead: 1, verdictsTold: 1, verdictsUnheard: 0 }],
    ['a verdict that no history got to know', { told: [{ outcome: 'EXPIRED' }] }, { verdictsTold: 0, verdictsUnheard: 1 }],
    ['a verification that an operator ended', { told: [], ending: 'TERMINATED', recorded: VERDICT }, { terminated: 1 }],
    [
      'a review of an answer whose second reading a fault made impossible',
      { token: { ...TOKEN, orElse: 'NEEDS_REVIEW' }, told: [{ outcome: 'NEEDS_REVIEW' }], recorded: VERDICT },
      { verdictsTold: 1 },
    ],
    ['the verdict told at last', { told: [{ outcome: 'EXPIRED' }, { outcome: 'PASSED', revision: 2 }] }, { verdictsTold: 1, revisions: 2 }],
  ])('has nothing against %s', async (_what, storm, figures) => {
    const found = await judged(storm);
    expect(found).toMatchObject(figures);
    expect(isClean(found)).toBe(true);
  });
});
