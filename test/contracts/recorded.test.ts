import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assignmentOf } from '../../src/contracts/assignment.ts';
import { faultsOfInput, isEmitted, isReadReport, isRecovered } from '../../src/contracts/recorded.ts';
import { parseOutcome } from '../../src/contracts/wire/outcome.ts';
import type { VerificationInput } from '../../src/contracts/workflow.ts';
import { decide } from '../../src/domain/decide.ts';
import { judge } from '../../src/domain/judging/judge.ts';
import { ledgerRecords } from '../../src/domain/ledger/ledger.ts';
import { buildOutcomeEvent } from '../../src/domain/outcome.ts';
import type { ReadReport } from '../../src/domain/reading/report.ts';
import { initialState, type State } from '../../src/domain/state.ts';
import { evolve } from '../../src/domain/evolve.ts';
import * as s from '../domain/samples.ts';
import { answer, classify } from '../faceid/support/answers.ts';
import { anyReport } from '../properties/generators.ts';
import { runs } from '../properties/runs.ts';
import { inputAt } from '../support/verification-input.ts';

/** As it comes out of a history. */
const recorded = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

it('takes every report that our own workers make', () => {
  fc.assert(fc.property(anyReport, (report) => isReadReport(recorded(report))));
  for (const [status, body] of [
    [200, answer()],
    [200, answer({ multifaces_tag: 1, fail_reason: 'x', face_genuineness: { face_replaced: 1 }, error: 'x', time_used: 3 })],
    [200, '<html>'],
    [400, { error: 'RESULT_NOT_FOUND', status: 'OK' }],
    [400, { code: 'BAD_ARGUMENTS: token', request_id: 'a' }],
    [502, 'x'],
    [200, { status: 'NEW' }],
  ] as const)
    expect(isReadReport(recorded(classify(status, body)))).toBe(true);
});

it('takes nothing for an answer that lacks what the rules look at, and never throws', () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      expect([isReadReport(value), isRecovered(value), isEmitted(value)]).toEqual([false, false, false]);
    }),
  );
});

const REFERENCE = {
  kind: 'IMAGE_BEST',
  object: 'dwo7f5duyy4bp6gv3yi5xvnkk2/image_best-1f0c9a53d2e8b7a4',
  sha256: 'a'.repeat(64),
  bytes: 5,
  contentType: 'image/jpeg',
  keyId: 'k1',
  expiresAt: '2026-02-04T10:00:00.000Z',
};

it('takes a report whose evidence was kept', () => {
  expect(isReadReport(recorded({ ...s.answer(), evidence: { references: [REFERENCE] } }))).toBe(true);
});

describe('takes no report for one in which a field means nothing to us', () => {
  const withAnswer = (changes: object): unknown => ({ ...s.answer(), answer: { ...s.answerWith(), ...changes } });
  const refusal = s.vendorError('BAD_ARGUMENTS', 400);

  it.each<[string, unknown]>([
    ['a status that is none', withAnswer({ status: 'DONE' })],
    ['a status of a prototype', withAnswer({ status: 'constructor' })],
    ['a raw status that is free text', withAnswer({ rawStatus: 'Jo Bloggs' })],
    ['a liveness result that is none', withAnswer({ liveness: { result: 'MAYBE' } })],
    ['scores that are text', withAnswer({ liveness: { result: 'PASS', scores: { flashAttack: 'high' } } })],
    ['issue counts that are a list', withAnswer({ liveness: { result: 'PASS', issueCounts: [1] } })],
    ['a comparison error that is none', withAnswer({ verifyError: 'NEW' })],
    ['a comparison error of null', withAnswer({ verifyError: null })],
    ['a reason for failing that is none', withAnswer({ failReason: 'toString' })],
    ['flags that are text', withAnswer({ verifyPresent: 'yes' })],
    ['several faces as a number', withAnswer({ multipleFaces: 1 })],
    ['a business number compared in other words', withAnswer({ bizNo: 'SAME' })],
    ['a comparison without thresholds', withAnswer({ comparisons: [{ name: 'result_ref1' }] })],
    ['thresholds that are text', withAnswer({ comparisons: [{ name: 'result_ref1', thresholds: { '1e-4': '69' } }] })],
    ['a confidence as text', withAnswer({ comparisons: [{ name: 'result_ref1', confidence: '99', thresholds: {} }] })],
    ['implausible comparisons that are no list', withAnswer({ implausible: true })],
    ['signs of an attack that are no list', withAnswer({ attackSigns: 'MASK' })],
    ['signs of an attack of null', withAnswer({ attackSigns: null })],
    ['quirks that are no text', withAnswer({ quirks: [1] })],
    ...Object.entries({
      kind: ['SELFIE', undefined],
      object: ['a b', '', 7, `x/${'a'.repeat(300)}`],
      sha256: ['A'.repeat(64), 'a'.repeat(63), undefined],
      bytes: [-1, 1.5, '5', undefined],
      contentType: ['image jpeg', 'data:image/jpeg;base64,/9j/'],
      keyId: ['a key', ''],
      expiresAt: ['tomorrow', '2026', undefined],
    }).flatMap(([field, values]) =>
      values.map((value): [string, unknown] => [
        `a reference whose ${field} is ${JSON.stringify(value)}`,
        { ...s.answer(), evidence: { references: [{ ...REFERENCE, [field]: value }] } },
      ]),
    ),
    ['evidence that is a list', { ...s.answer(), evidence: [REFERENCE] }],
    [
      'evidence that failed for no reason that we know',
      { ...s.answer(), evidence: { references: [], failures: [{ kind: 'IMAGE_BEST', why: 'x' }] } },
    ],
    ['an error that nobody knows', { ...refusal, error: 'NEWER_ERROR' }],
    ['an error of a prototype', { ...refusal, error: 'constructor' }],
    ['an HTTP status that is text', { ...refusal, httpStatus: '400' }],
    ['no HTTP status', { ...refusal, httpStatus: undefined }],
    ['half an HTTP status', { ...refusal, httpStatus: 400.5 }],
    ['a credibility that is text', { ...refusal, credible: 'no' }],
    ['request ids that are no list', { ...refusal, vendorRequestIds: 'a' }],
    ['an unsent read without a proof that we know', { ...s.unsent(), cause: 'BECAUSE' }],
    ['an uncertain read of no instant', { ...s.uncertain(), sentAt: 'yesterday' }],
    ['a guard that says something else', { ...s.withheld('NO_SLOT_LEFT'), why: 'BECAUSE' }],
  ])('%s', (_name, report) => {
    expect(isReadReport(recorded(report))).toBe(false);
    expect(isRecovered(recorded({ kind: 'RECOVERED', reads: [{ scheduledAt: AT, report }] }))).toBe(false);
  });

  it.each([{ endedAt: 'never' }, { granted: '1' }, { trigger: 'LUCK' }, { scheduledAt: null }])(
    'nor a read of the ledger with %j',
    (parts) => {
      const read = { scheduledAt: AT, endedAt: AT, report: s.pending(), ...parts };
      expect(isRecovered(recorded({ kind: 'RECOVERED', reads: [read] }))).toBe(false);
    },
  );
});

describe('an input that only a start by hand can have is refused, or its outcome is what docs/messages.md describes', () => {
  const known = (value: unknown): value is VerificationInput => faultsOfInput(value).length === 0;

  const fields = pathsIn(recorded(inputAt(s.T0))).map((path) => path.join('.'));

  it.each(fields)('without %s', (field) => {
    const input = changed(recorded(inputAt(s.T0)), { path: field.split('.'), value: undefined });
    if (!known(input)) return;
    const state = s.afterRead(initialState(assignmentOf(input)), { atMs: 0, report: s.answer() });
    const decision = decide(state, s.T0);
    if (decision.kind !== 'FINISH') throw new Error('the answer settles nothing');
    const event = buildOutcomeEvent({ input, state, verdict: decision.verdict, workflowId: 'fv-x', runId: 'r', nowMs: s.T0 });
    expect(parseOutcome(recorded(event))).toMatchObject({ ok: true });
  });
});

it('what is taken for a report stops neither a decision nor an outcome', () => {
  let taken = 0;
  fc.assert(
    fc.property(fc.array(anyReport.chain(spoilt), { minLength: 1, maxLength: 4 }), fc.boolean(), (reports, fromLedger) => {
      const known = reports.filter((report): report is ReadReport => isReadReport(report));
      taken += known.length;
      if (fromLedger) outcomesOf(evolve(BEGINNING, { kind: 'LEDGER_RECOVERED', atMs: s.T0, reads: ledgerRecords(known.map(asRead)) }));
      else outcomesOf(known.reduce((state, report, index) => s.afterRead(state, { atMs: index * s.MINUTE, report }), BEGINNING));
    }),
    runs(3_000),
  );
  expect(taken).toBeGreaterThan(1_000);
});

const AT = new Date(s.T0).toISOString();
const INPUT = inputAt(s.T0);
const BEGINNING = initialState(assignmentOf(INPUT));

function asRead(report: ReadReport): { readonly scheduledAt: string; readonly report: ReadReport } {
  return { scheduledAt: AT, report };
}

/** Whatever can be asked of a state is asked. */
function outcomesOf(state: State): void {
  for (const { report } of state.reads) {
    if (report?.kind === 'ANSWER') judge(report.answer, { comparisons: [], requiredFar: '1e-4' });
  }
  for (const nowMs of [s.T0, s.T0 + 3 * s.HOUR, s.T0 + 25 * s.HOUR]) {
    const decision = decide(state, nowMs);
    if (decision.kind !== 'FINISH') continue;
    const event = buildOutcomeEvent({ input: INPUT, state, verdict: decision.verdict, workflowId: 'fv-x', runId: 'r', nowMs });
    expect(event.reasons.every(({ code }) => typeof code === 'string')).toBe(true);
  }
}

const anyLeaf = fc.constantFrom<unknown>(
  null,
  0,
  -1,
  1.5,
  true,
  false,
  '',
  'OK',
  'PASS',
  'constructor',
  '__proto__',
  'TOKEN',
  [],
  {},
  ['x'],
  [null],
  {
    result: 'PASS',
  },
);

/** A report in which parts are something else, or gone, or new; or as it was. */
function spoilt(report: ReadReport): fc.Arbitrary<unknown> {
  const whole = recorded(report);
  const paths = pathsIn(whole);
  const anyChange = fc.record({ path: fc.constantFrom(...paths), value: fc.option(anyLeaf, { nil: undefined }) });
  return fc.array(anyChange, { maxLength: 2 }).map((changes) => changes.reduce<unknown>((value, change) => changed(value, change), whole));
}

type Change = { readonly path: readonly string[]; readonly value: unknown };

function changed(whole: unknown, { path: [key, ...rest], value }: Change): unknown {
  if (key === undefined) return value;
  if (Array.isArray(whole))
    return whole.map((item, index): unknown => (String(index) === key ? changed(item, { path: rest, value }) : item));
  if (typeof whole !== 'object' || whole === null) return whole;
  const parts = Object.entries(whole).map(([name, part]) => [name, name === key ? changed(part, { path: rest, value }) : part] as const);
  return Object.fromEntries(parts.filter(([, part]) => part !== undefined));
}

function pathsIn(value: unknown): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => [[key], ...pathsIn(part).map((path) => [key, ...path])]);
}
