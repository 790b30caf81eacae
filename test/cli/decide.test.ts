import { describe, expect, it } from 'vitest';
import { DependencyUnavailableError, RecordRefusedError } from '../../src/contracts/errors.ts';
import { parseDecisionAudit } from '../../src/contracts/wire/decision-audit.ts';
import { verificationIdOf } from '../../src/contracts/wire/token-identity.ts';
import type { VerificationInput, VerificationResult } from '../../src/contracts/workflow.ts';
import { foresee } from '../../src/operator/replay/plan.ts';
import type { KnownCase, ReplayCase, RulingAsked } from '../../src/operator/replay/ports.ts';
import * as s from '../domain/samples.ts';
import { caseOf, decidedBy } from '../operator/replay/cases.ts';
import { type FakeCli, type Ran, runFakeCli } from './fake-cli.ts';
import { IDS, JOURNAL, jsonLines, records, world } from './replay-world.ts';

const [ID = '', SECOND = '', THIRD = ''] = IDS;
const WHO = ['--reviewer', 'mia', '--reason', 'a portrait on the wall'];
const APPROVE = ['--approve', ...WHO, '--ticket', 'CASE-9', '--journal', JOURNAL];
const NOW_MS = Date.parse('2026-02-01T12:00:00Z');

const REVIEW = caseOf({ reads: [s.answer({ multipleFaces: true })] });
const decided = (verdict: RulingAsked['verdict'], reviewer: string): KnownCase =>
  decidedBy(REVIEW, { verdict, reviewer }, { nowMs: NOW_MS - s.HOUR });

/** Every verification needs a review, unless `cases` says otherwise. What a run brings is its own decision, or `stands`. */
function deciding(cases: Readonly<Record<string, ReplayCase>> = {}, stands?: KnownCase) {
  const all = Object.fromEntries(IDS.map((id) => [id, cases[id] ?? REVIEW]));
  const { started, replay } = world(all);
  const resultOf = (input: VerificationInput | undefined): VerificationResult => {
    const { ruling, operator = '' } = { ...input?.replay };
    const made = stands ?? (ruling === undefined ? REVIEW : decidedBy(REVIEW, { ...ruling }, { nowMs: NOW_MS }));
    const outcome = made.revisions.at(-1)?.event;
    if (outcome === undefined) throw new Error(`${operator} has decided nothing`);
    return { outcome, emission: { topic: 'outcomes', partition: 0, offset: '7' } };
  };
  const result = async (id: string): Promise<VerificationResult> =>
    await Promise.resolve(resultOf(started.find(({ verificationId }) => verificationId === id)));
  return { started, replay: { ...replay, runs: { ...replay.runs, result } } };
}

async function decide(args: readonly string[], fake: FakeCli = {}): Promise<Ran> {
  return await runFakeCli(['decide', ...args], fake);
}

describe('decide', () => {
  it('starts one run that decides upon what was looked at, audits it, waits for the outcome and prints it', async () => {
    const { started, replay } = deciding();
    const ran = await decide([ID, ...APPROVE, '--operator', 'back-office'], { replay });
    expect(ran.code).toBe(0);
    expect(started.map(({ replay: order }) => order)).toEqual([
      {
        homeRunId: 'home',
        operator: 'back-office',
        reason: 'a portrait on the wall',
        ticket: 'CASE-9',
        requestedAt: '2026-02-01T12:00:00.000Z',
        ruling: { verdict: 'APPROVED', reviewer: 'mia', upon: 1 },
      },
    ]);
    const [audit] = records(ran.asked);
    expect(audit).toMatchObject({ key: ID, topic: 'faceid.verification.replay-audit.v1' });
    expect(parseDecisionAudit(JSON.parse(audit?.value ?? ''))).toMatchObject({
      ok: true,
      value: { action: 'DECIDE', verdict: 'APPROVED', reviewer: 'mia', operator: 'back-office', before: { outcome: 'NEEDS_REVIEW' } },
    });
    expect(audit?.value).not.toContain(started[0]?.sealedToken ?? 'none');
    expect(ran.out).toContain('1 verification: 1 DECIDE, 0 RE_EMIT, 0 REFUSE; at most 0 vendor reads');
    expect(ran.out).toContain('PASSED MANUAL_APPROVED by mia\n');
  });

  it('is entered by the reviewer unless somebody else is named', async () => {
    const { started, replay } = deciding();
    await decide([ID, ...APPROVE], { replay, env: { USER: 'somebody' } });
    expect(started[0]?.replay?.operator).toBe('mia');
  });

  it('rejects likewise, for many of a file, and says each outcome in JSON', async () => {
    const { replay } = deciding({ [THIRD]: { kind: 'RUNNING' } });
    const files = { f: `${ID}\n{"verificationId":"${SECOND}","revision":1}\n${THIRD}\n` };
    const ran = await decide(['--file', 'f', '--reject', ...WHO, '--json', '--yes'], { replay, files });
    // One of those that were named is not decided.
    expect(ran.code).toBe(1);
    const lines = jsonLines(ran.out);
    expect(lines.filter((line) => 'decided' in line)).toMatchObject([
      { decided: true, outcome: 'FAILED', reasons: ['MANUAL_REJECTED'], actor: { type: 'HUMAN', id: 'mia' } },
      { decided: true },
    ]);
    expect(lines).toContainEqual(expect.objectContaining({ verificationId: THIRD, code: 'STILL_RUNNING' }));
  });

  it.each<[string, readonly string[], ReplayCase, string]>([
    ['what needs none', APPROVE, caseOf({ reads: [s.answer()] }), 'asks for no decision; --override'],
    ['what runs, a replay of it included', APPROVE, { kind: 'RUNNING' }, 'still running'],
    ['what somebody had erased', APPROVE, { kind: 'ERASED', at: '2026-01-31T12:00:00Z' }, 'somebody had its evidence erased'],
    ['what is not there any more', APPROVE, { kind: 'NOT_FOUND' }, 'past the retention'],
    ['what another person decided otherwise', APPROVE, decided('REJECTED', 'joe'), 'joe has decided it by hand: FAILED MANUAL_REJECTED'],
    ['another revision than the one that was looked at', [...APPROVE, '--revision', '3'], REVIEW, 'look at that first'],
  ])('refuses %s', async (_what, args, known, why) => {
    const { started, replay } = deciding({ [ID]: known });
    const ran = await decide([ID, ...args], { replay });
    expect(ran).toMatchObject({ code: 1 });
    expect(ran.err).toContain(why);
    expect([started.length, records(ran.asked).length]).toEqual([0, 0]);
  });

  it('decides in the place of anything else with --override, also of a decision, which is on record', async () => {
    for (const known of [caseOf({ reads: [s.answer()] }), decided('REJECTED', 'joe')]) {
      const { started, replay } = deciding({ [ID]: known });
      const ran = await decide([ID, ...APPROVE, '--override'], { replay });
      expect(ran.code).toBe(0);
      expect(started[0]?.replay?.ruling?.upon).toBe(known.revisions.length);
      expect(JSON.parse(records(ran.asked)[0]?.value ?? '')).toMatchObject({ override: true });
    }
  });

  it('the same decision again is told again by a run that decides nothing', async () => {
    const known = decided('APPROVED', 'joe');
    const { started, replay } = deciding({ [ID]: known }, known);
    const ran = await decide([ID, ...APPROVE], { replay });
    expect(ran.code).toBe(0);
    expect(started[0]?.replay).toMatchObject({ repeats: { verdict: 'APPROVED', reviewer: 'joe', upon: 1 } });
    expect(started[0]?.replay).not.toHaveProperty('ruling');
    expect(ran.out).toContain('PASSED MANUAL_APPROVED by joe\n');
    expect(JSON.parse(records(ran.asked)[0]?.value ?? '')).toMatchObject({ action: 'RE_EMIT', reviewer: 'mia' });
  });
});

describe('of two people at once', () => {
  it('the second is told that another decision stands', async () => {
    const { replay } = deciding({}, decided('REJECTED', 'joe'));
    const ran = await decide([ID, ...APPROVE], { replay });
    expect(ran.code).toBe(1);
    expect(ran.out).toContain('FAILED MANUAL_REJECTED by joe, which stands: your decision changed nothing');
  });

  it('the second is skipped if the first one came between plan and start', async () => {
    let looks = 0;
    const { started, replay } = deciding();
    const load = async (id: string): Promise<ReplayCase> => {
      looks += 1;
      return looks === 1 ? await replay.cases.load(id) : decided('REJECTED', 'joe');
    };
    const ran = await decide([ID, ...APPROVE], { replay: { ...replay, cases: { load } } });
    expect(ran).toMatchObject({ code: 1 });
    expect(ran.err).toContain('planned DECIDE, now REFUSE: joe has decided it by hand');
    expect(started).toEqual([]);
  });

  it('nobody decides upon an outcome that came after the plan', async () => {
    const other = foresee(REVIEW, { policy: { requiredFar: '1e-6', comparisons: [] }, nowMs: NOW_MS }).event;
    const newer = { ...REVIEW, revisions: [...REVIEW.revisions, ...(other === undefined ? [] : [{ event: { ...other, revision: 2 } }])] };
    let looks = 0;
    const { started, replay } = deciding();
    const load = async (id: string): Promise<ReplayCase> => {
      looks += 1;
      return looks === 1 ? await replay.cases.load(id) : newer;
    };
    const ran = await decide([ID, ...APPROVE], { replay: { ...replay, cases: { load } } });
    expect(ran.err).toMatch(/now REFUSE: its latest outcome is \w+\.r2, NEEDS_REVIEW MULTIPLE_FACES: look at that first/);
    expect([ran.code, started.length]).toEqual([1, 0]);
  });
});

describe('the journal of decisions', () => {
  it('goes on after an interruption, and decides nothing twice', async () => {
    const { started, replay } = deciding();
    const journals = new Map<string, string[]>();
    const files = { f: IDS.slice(0, 5).join('\n') };
    const first = await decide(['--file', 'f', ...APPROVE, '--yes'], { replay, journals, files, interruptAfter: 6 });
    expect(first.code).toBe(1);
    expect(first.err).toContain(`go on with: verdictflow decide --yes --journal ${JOURNAL}`);
    const second = await decide(['--journal', JOURNAL, '--yes'], { replay, journals });
    expect(second.code).toBe(0);
    expect(started.map(({ verificationId }) => verificationId)).toEqual(IDS.slice(0, 5));
    expect(new Set(started.map(({ replay: order }) => order?.ruling?.reviewer))).toEqual(new Set(['mia']));
    const audited = [...records(first.asked), ...records(second.asked)].map(({ key }) => key);
    expect(new Set(audited)).toEqual(new Set(IDS.slice(0, 5)));
  });

  it.each([['--approve'], ['--reject'], ['--reviewer', 'joe'], ['--revision', '1'], ['--override']])(
    'has its own decision: %s with it is refused',
    async (...more) => {
      const { replay } = deciding();
      const journals = new Map<string, string[]>();
      await decide([ID, ...APPROVE], { replay, journals });
      const ran = await decide(['--journal', JOURNAL, ...more], { replay, journals });
      expect(ran.code).toBe(64);
      expect(ran.err).toContain(`it has its own plan; leave ${more[0]} away`);
    },
  );

  it('and that of replays are not taken for each other', async () => {
    const { replay } = deciding();
    const journals = new Map<string, string[]>();
    await decide([ID, ...APPROVE], { replay, journals });
    const replayed = await runFakeCli(['replay', 'run', '--journal', JOURNAL], { replay, journals });
    expect(replayed).toMatchObject({ code: 64 });
    expect(replayed.err).toContain('it is a journal of verdictflow decide');
    await runFakeCli(['replay', 'run', ID, '--reason', 'x', '--operator', 'jane', '--journal', 'other'], { replay, journals });
    expect((await decide(['--journal', 'other'], { replay, journals })).err).toContain('it is a journal of verdictflow replay');
  });

  it('more than ten want --yes where nobody can be asked', async () => {
    const { started, replay } = deciding();
    const ran = await decide([...IDS, ...APPROVE], { replay });
    expect(ran.code).toBe(64);
    expect(ran.err).toContain(`12 decisions are planned, none of them is started (more than 10 need --yes here)`);
    expect(started).toEqual([]);
  });
});

describe('decide without', () => {
  const token = 'tok-of-the-session';
  it.each<[string, readonly string[], string]>([
    ['a verdict', [ID, ...WHO], '--approve or --reject: say which'],
    ['one verdict', [ID, ...WHO, '--approve', '--reject'], 'and one of them'],
    ['a reviewer', [ID, '--approve', '--reason', 'x'], '--reviewer: missing; say who looked at it'],
    ['a reason', [ID, '--approve', '--reviewer', 'mia'], '--reason: missing; say why this is decided'],
    ['ids', ['--approve', ...WHO], 'say which verifications: ids, or --file'],
    ['one way to select', [ID, '--file', 'f', '--approve', ...WHO], 'say which verifications: ids, or --file'],
    ['a name that is none', [ID, '--approve', '--reviewer', 'mia@example.org', '--reason', 'x'], '--reviewer: must be a name of up to 64'],
    ['a reason of one line', [ID, '--approve', '--reviewer', 'mia', '--reason', 'a\nb'], '--reason: must not contain control characters'],
    ['a reason that reads as it is written', [ID, '--approve', '--reviewer', 'mia', '--reason', 'a\u202Eb'], 'turn the writing round'],
    ['an end to the reason', [ID, '--approve', '--reviewer', 'mia', '--reason', 'x'.repeat(201)], '--reason: '],
    ['a short ticket', [ID, '--approve', ...WHO, '--ticket', 'T'.repeat(65)], '--ticket: must be up to 64'],
    ['a revision that can be', [ID, '--approve', ...WHO, '--revision', '0'], 'Write a whole number of at least 1.'],
    ['its token left out', [verificationIdOf(token), '--approve', ...WHO, '--ticket', token], 'which is published: leave it out'],
    [
      'its token left out of a sentence',
      [verificationIdOf(token), '--approve', '--reviewer', 'mia', '--reason', `saw token=${token}.`],
      'the token of',
    ],
  ])('%s is a usage error, and nothing is started', async (_what, args, message) => {
    const { started, replay } = deciding();
    const journals = new Map<string, string[]>();
    const ran = await decide(args, { replay, journals });
    expect(ran.code).toBe(64);
    expect(ran.err).toContain(message);
    expect(`${ran.err}${JSON.stringify([...journals])}`).not.toContain(token);
    expect(started).toEqual([]);
  });

  it('a start shows with --dry-run what would come of it', async () => {
    const { started, replay } = deciding({ [SECOND]: decided('APPROVED', 'joe'), [THIRD]: { kind: 'RUNNING' } });
    const journals = new Map<string, string[]>();
    const ran = await decide([ID, SECOND, THIRD, '--approve', ...WHO, '--dry-run'], { replay, journals });
    expect(ran).toMatchObject({ code: 0, err: '' });
    const [first = '', second = '', third = '', totals = ''] = ran.out.split('\n');
    expect(first).toMatch(
      /DECIDE .*NEEDS_REVIEW MULTIPLE_FACES .*a person has looked at \w+\.r1: PASSED MANUAL_APPROVED, the next revision$/,
    );
    expect(second).toMatch(/RE_EMIT .*joe has decided so: the same record again$/);
    expect(third).toMatch(/REFUSE .*it is still running$/);
    expect(totals).toBe('3 verifications: 1 DECIDE, 1 RE_EMIT, 1 REFUSE; at most 0 vendor reads');
    expect([started.length, journals.size]).toEqual([0, 0]);
  });
});

describe('what fails', () => {
  it('Kafka away: 69, and the journal goes on', async () => {
    const { replay } = deciding();
    const publish = async (): Promise<never> => await Promise.reject(new DependencyUnavailableError('kafka', 'kafka is away'));
    const ran = await decide([ID, ...APPROVE], { replay, publish });
    expect(ran.code).toBe(69);
    expect(ran.err).toContain('go on with: verdictflow decide --yes');
  });

  it('a record that the audit topic refuses: it is decided, and said not to be audited', async () => {
    const { replay } = deciding();
    const publish = async (): Promise<never> => await Promise.reject(new RecordRefusedError('the record is too large'));
    const ran = await decide([ID, ...APPROVE], { replay, publish });
    expect(ran.code).toBe(1);
    expect(ran.err).toContain('not audited: the record is too large');
    expect(ran.out).toContain('PASSED MANUAL_APPROVED by mia');
  });
});
