import { describe, expect, it } from 'vitest';
import { DependencyUnavailableError } from '../../src/contracts/errors.ts';
import { parseReplayAudit } from '../../src/contracts/wire/replay-audit.ts';
import { verificationIdOf } from '../../src/contracts/wire/token-identity.ts';
import type { ReplayCase } from '../../src/operator/replay/ports.ts';
import * as s from '../domain/samples.ts';
import { caseOf } from '../operator/replay/cases.ts';
import { type FakeCli, runFakeCli } from './fake-cli.ts';
import { IDS, JOURNAL, jsonLines, records, RESUME, RUN, world } from './replay-world.ts';

describe('replay plan', () => {
  it('is what "replay" does: one line a verification, then totals; nothing is started', async () => {
    const { replay, started } = world({ [IDS[1] ?? '']: { kind: 'RUNNING' } });
    const ran = await runFakeCli(['replay', ...IDS.slice(0, 2)], { replay });
    expect(ran).toMatchObject({ code: 0, err: '', closed: 1 });
    const [first = '', second = '', totals = ''] = ran.out.split('\n');
    expect(first).toMatch(/^a{26} {2}RE_EMIT .*PASSED .*1 of 3 used .*the same record again$/);
    expect(second).toMatch(/REFUSE .*it is still running$/);
    expect(totals).toBe('2 verifications: 1 RE_EMIT, 0 RE_DECIDE, 0 READ, 1 REFUSE; at most 0 vendor reads');
    expect(started).toEqual([]);
  });

  it('takes ids, workflow ids and JSON lines from a file, each once, and names a wrong line by number only', async () => {
    const { replay } = world();
    const files = { f: `${IDS[0]}\n\nfv-${IDS[0]}\n{"verificationId":"${IDS[1]}","outcome":"ERROR"}\n` };
    const ran = await runFakeCli(['replay', 'plan', '--file', 'f', '--json'], { replay, files });
    const lines = jsonLines(ran.out);
    expect(lines.map(({ verificationId }) => verificationId)).toEqual([IDS[0], IDS[1], undefined]);
    expect(lines[2]).toMatchObject({ totals: { verifications: 2, readsAtMost: 0 } });
    const wrong = await runFakeCli(['replay', 'plan', '--file', 'f'], { replay, files: { f: `${IDS[0]}\nsecret-token` } });
    expect(wrong.code).toBe(64);
    expect(wrong.err).toContain('line 2');
    expect(wrong.err).not.toContain('secret-token');
  });

  it('selects by visibility, each verification once although its replays are runs, too', async () => {
    const row = { verificationId: IDS[0] ?? '', workflowId: `fv-${IDS[0]}`, status: 'COMPLETED', startedAt: 'x' } as const;
    const { replay } = world({ [IDS[0] ?? '']: caseOf({ reads: [s.answer({ verifyError: 'DATA_SOURCE_ERROR' })] }) });
    const ran = await runFakeCli(['replay', '--outcome', 'error', '--with-reason', 'DATA_SOURCE_ERROR'], { replay, rows: [row, row] });
    expect(ran.asked[0]).toMatchObject({
      query: "WorkflowType = 'resolveVerification' AND VfOutcome = 'ERROR' AND VfReason = 'DATA_SOURCE_ERROR'",
    });
    expect(ran.out).toContain('1 verification:');
    const none = await runFakeCli(['replay', '--outcome', 'ERROR'], { replay });
    expect(none.code).toBe(1);
  });

  it.each([
    [['replay'], 'say which verifications'],
    [['replay', 'plan', IDS[0] ?? '', '--outcome', 'ERROR'], 'say which verifications'],
    [['replay', 'plan', '--file', 'gone'], 'cannot be read (ENOENT)'],
    [['replay', 'plan', IDS[0] ?? '', '--required-far', '1e-9'], '--required-far'],
    [['replay', 'plan', IDS[0] ?? '', '--comparisons', ','], '--comparisons'],
    [['replay', 'run', IDS[0] ?? ''], '--operator: missing; say who orders this\n--reason: missing; say why this is replayed'],
    [['replay', 'run', IDS[0] ?? '', '--reason', ' ', '--operator', ''], 'this\n--reason: missing; say why'],
    [['replay', 'run', '--dry-run'], 'say which verifications'],
    [['replay', 'run', IDS[0] ?? '', '--reason', 'x', '--operator', 'jane@example.org'], 'no e-mail'],
    [
      [...RUN, ...IDS, '--rate', '7'],
      `12 replays are planned, none of them is started (more than 10 need --yes here). Read ${JOURNAL}, then: verdictflow replay run --yes --journal ${JOURNAL} --rate 7`,
    ],
    [['replay', 'run', '--journal', 'typo.ndjson'], '--journal: typo.ndjson does not exist or is empty. To resume, name the earlier'],
    [['replay', 'run', '--journal', 'typo.ndjson', '--reason', 'x'], 'to begin, give a selection and --reason.'],
    [['replay', 'run', '--journal', JOURNAL, '--dry-run'], '--dry-run plans anew and reads no journal: give the selection.'],
    [['replay', 'run', '--rate', 'x'], 'Write a number above 0, per second.'],
  ])('%j is a usage error', async (args, message) => {
    const { replay, started } = world();
    const ran = await runFakeCli(args, { replay });
    expect(ran.code).toBe(64);
    expect(ran.err).toContain(message);
    expect(started).toEqual([]);
  });
});

describe('ids as arguments', () => {
  it.each([
    ['replay', 'bogus-token'],
    ['replay', 'plan', 'bogus-token'],
    [...RUN, 'bogus-token'],
  ])('%s %s: what is no id is refused by its number before anything is opened', async (...args) => {
    const ran = await runFakeCli(args, { unavailable: new Error('must not be opened') });
    expect(ran.code).toBe(64);
    expect(ran.err).toContain('argument 1 is not a verification id');
    expect(ran.err).not.toContain('bogus-token');
  });

  it('may be workflow ids or JSON, too; each counts once', async () => {
    const { replay } = world();
    const ran = await runFakeCli(['replay', ` fv-${IDS[0]}`, `{"verificationId":"${IDS[0]}"}`, '', IDS[1] ?? ''], { replay });
    expect(ran.out).toContain('2 verifications');
  });
});

describe('replay run', () => {
  it('refuses a reason that holds the token of one that it replays: it would be published', async () => {
    const token = 'tok-of-the-session';
    const { replay, started } = world();
    const files = { f: [...IDS, verificationIdOf(token)].join('\n') };
    const journals = new Map<string, string[]>();
    const ran = await runFakeCli([...RUN, '--file', 'f', '--yes', '--reason', `for "${token}"`], { replay, files, journals });
    expect([ran.code, started.length]).toEqual([64, 0]);
    expect(ran.err).toContain(`the token of ${verificationIdOf(token)} stands in --reason`);
    expect(`${ran.err}${JSON.stringify([...journals])}`).not.toContain(token);
  });

  it('only plans with --dry-run', async () => {
    const { replay, started } = world();
    const journals = new Map<string, string[]>();
    const dry = await runFakeCli(['replay', 'run', IDS[0] ?? '', '--dry-run'], { replay, journals });
    expect(dry).toMatchObject({ code: 0, out: (await runFakeCli(['replay', 'plan', IDS[0] ?? ''], { replay })).out });
    expect([started.length, journals.size]).toEqual([0, 0]);
  });

  it.each([[IDS[0] ?? ''], ['--outcome', 'ERROR'], ['--file', 'f'], ['--required-far', '1e-3'], ['--comparisons', 'a']])(
    'refuses %s with a journal that has its own plan',
    async (...more) => {
      const { replay, started } = world();
      const journals = new Map<string, string[]>();
      await runFakeCli([...RUN, IDS[0] ?? ''], { replay, journals });
      const ran = await runFakeCli([...RUN, ...more], { replay, journals });
      expect(ran.code).toBe(64);
      expect(ran.err).toContain(`it has its own plan; leave ${more.length === 1 ? 'the ids' : more[0]} away`);
      expect(started).toHaveLength(1);
    },
  );

  it('starts what is not refused, with who and why, and writes one audit record each', async () => {
    const { replay, started } = world({ [IDS[1] ?? '']: { kind: 'RUNNING' } });
    const ran = await runFakeCli([...RUN, ...IDS.slice(0, 3), '--yes'], { replay });
    expect(ran.code).toBe(0);
    expect(started.map(({ verificationId }) => verificationId)).toEqual([IDS[0], IDS[2]]);
    expect(started[0]?.replay).toMatchObject({ homeRunId: 'home', operator: 'jane', reason: 'vendor outage', ticket: 'INC-7' });
    const audit = records(ran.asked);
    expect(audit.map(({ key, topic }) => [key, topic])).toEqual([
      [IDS[0], 'faceid.verification.replay-audit.v1'],
      [IDS[2], 'faceid.verification.replay-audit.v1'],
    ]);
    expect(parseReplayAudit(JSON.parse(audit[0]?.value ?? ''))).toMatchObject({
      ok: true,
      value: { operator: 'jane', action: 'RE_EMIT', readsAtMost: 0 },
    });
    expect(audit[0]?.value).not.toContain(started[0]?.sealedToken ?? 'none');
  });

  it('orders after every order it knows, also one of a machine whose clock is ahead', async () => {
    const known = caseOf({ reads: [s.answer()] });
    const replay = { homeRunId: 'home', operator: 'bob', reason: 'x', requestedAt: '2026-02-01T12:10:00.000Z' };
    const revised = { ...known, revisions: [...known.revisions, ...known.revisions.map(({ event }) => ({ event, replay }))] };
    const { replay: ports, started } = world({ [IDS[0] ?? '']: revised });
    await runFakeCli([...RUN, ...IDS.slice(0, 2)], { replay: ports });
    const orders = started.map(({ replay: order }) => [order?.requestedAt, order?.after]);
    expect(orders).toEqual([
      ['2026-02-01T12:00:00.000Z', '2026-02-01T12:10:00.000Z'],
      ['2026-02-01T12:00:00.000Z', undefined],
    ]);
  });

  it('takes the name of the user when no operator is given', async () => {
    const { replay, started } = world();
    await runFakeCli(['replay', 'run', IDS[0] ?? '', '--reason', 'x'], { replay, env: { USER: 'joe' } });
    expect(started[0]?.replay?.operator).toBe('joe');
  });

  it('goes on where it was interrupted, and starts none twice', async () => {
    const { replay, started } = world();
    const journals = new Map<string, string[]>();
    const first = await runFakeCli([...RUN, ...IDS, '--yes'], { replay, journals, interruptAfter: 9 });
    expect(first.code).toBe(1);
    expect(first.err).toContain(`--journal ${JOURNAL}`);
    expect(started.length).toBeGreaterThan(0);
    expect(started.length).toBeLessThan(IDS.length);
    const second = await runFakeCli(RESUME, { replay, journals });
    expect(second.code).toBe(0);
    expect(records(first.asked).length + records(second.asked).length).toBe(IDS.length);
    expect(started.map(({ verificationId }) => verificationId).toSorted()).toEqual(IDS);
    expect((await runFakeCli(RESUME, { replay, journals })).code).toBe(0);
    expect(started).toHaveLength(IDS.length);
  });

  it('writes an audit record that could not be written, without starting again', async () => {
    const { replay, started } = world();
    const journals = new Map<string, string[]>();
    const publish: FakeCli['publish'] = async () => await Promise.reject(new DependencyUnavailableError('kafka', 'no answer'));
    expect((await runFakeCli([...RUN, IDS[0] ?? ''], { replay, journals, publish })).code).toBe(69);
    const again = await runFakeCli([...RUN, '--yes'], { replay, journals });
    expect([again.code, started.length, records(again.asked).length]).toEqual([0, 1, 1]);
  });

  it('skips a line that no longer holds and says so', async () => {
    const cases: Record<string, ReplayCase> = {};
    const { replay, started } = world(cases);
    const journals = new Map<string, string[]>();
    const stopped = await runFakeCli([...RUN, IDS[0] ?? '', '--json'], { replay, journals, interruptAfter: 2 });
    expect([stopped.code, started.length]).toEqual([1, 0]);
    cases[IDS[0] ?? ''] = { kind: 'RUNNING' };
    const ran = await runFakeCli([...RUN, '--yes'], { replay, journals });
    expect(ran.code).toBe(1);
    expect(ran.err).toContain('planned RE_EMIT, now REFUSE: it is still running');
    expect(started).toEqual([]);
  });

  it('skips a read that somebody else has made meanwhile', async () => {
    const cases: Record<string, ReplayCase> = { [IDS[0] ?? '']: caseOf({ reads: [s.pending()], emitted: false }) };
    const { replay, started } = world(cases);
    const journals = new Map<string, string[]>();
    await runFakeCli([...RUN, IDS[0] ?? ''], { replay, journals, interruptAfter: 2 });
    cases[IDS[0] ?? ''] = caseOf({ reads: [s.pending(), s.answer()] });
    const ran = await runFakeCli([...RUN, '--yes'], { replay, journals });
    expect([ran.code, started.length]).toEqual([1, 0]);
    expect(ran.err).toContain('planned READ, now RE_EMIT');
  });

  it('asks a person at a terminal, and takes no for an answer', async () => {
    const { replay, started } = world();
    const no = await runFakeCli([...RUN, ...IDS], { replay, terminal: true });
    expect(no).toMatchObject({ code: 1 });
    expect(no.err).toContain('Start 12 replays?');
    expect(started).toEqual([]);
    const yes = await runFakeCli([...RUN, ...IDS], { replay, terminal: true, agrees: true });
    expect(yes.code).toBe(0);
    expect(yes.err).toContain('12 of 12');
    expect(started).toHaveLength(12);
  });

  it('refuses a file that is no journal', async () => {
    const { replay } = world();
    const ran = await runFakeCli([...RUN, IDS[0] ?? ''], { replay, journals: new Map([[JOURNAL, ['tokens of mine']]]) });
    expect(ran.code).toBe(64);
    expect(ran.err).not.toContain('tokens of mine');
  });
});
