import { describe, expect, it } from 'vitest';
import { DependencyUnavailableError } from '../../src/contracts/errors.ts';
import { bizKeys } from '../../src/temporal/biz-key.ts';
import type { VerificationRow } from '../../src/operator/ports.ts';
import { DETAILS, ID } from '../operator/timeline/cases.ts';
import { runFakeCli } from './fake-cli.ts';

const BIZ_NO = 'order-secret-7';
const KEYS = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
const SEARCHABLE = {
  VF_BIZNO_SEARCHABLE: 'true',
  VF_TOKEN_KEYS: KEYS.map((key, index) => `k${index}:${key.toString('base64')}`).join(','),
};
const ROW: VerificationRow = {
  verificationId: ID,
  workflowId: `fv-${ID}`,
  status: 'COMPLETED',
  startedAt: '2026-02-01T11:00:00.000Z',
  outcome: 'PASSED',
};
const OTHER: VerificationRow = {
  ...ROW,
  verificationId: 'aaaaaaaaaaaaaaaaaaaaaaaaaa',
  workflowId: 'fv-aaaaaaaaaaaaaaaaaaaaaaaaaa',
  status: 'RUNNING',
  deadlineAt: '2026-02-01T12:30:00.000Z',
};

describe('show tells a story', () => {
  it('as text: where it stands, what comes next, what happened', async () => {
    const { code, out } = await runFakeCli(['show', ID], { details: DETAILS });
    expect(code).toBe(0);
    expect(out).toContain('Why:          result_ref1 68.918, needs 69 for 1e-4\n');
    expect(out).toContain('Next read:    2026-02-02T10:00:00.000Z (in 22 h)\n');
    expect(out).toMatch(/\nNext\n {2}.*\n {2}an outcome in 23 h at the latest, at 2 Feb 11:00 UTC\n\nWhat happened \(UTC\)\n/);
    expect(out).toContain('  B  replayed by jane · vendor outage · INC-7\n');
  });

  it('as JSON: every field as before, and the events with their lines', async () => {
    const { out } = await runFakeCli(['show', ID, '--json'], { details: DETAILS });
    const shown: { timeline: { events: readonly { kind: string; text: string }[] } } = JSON.parse(out);
    const { timeline: _none, ...before } = DETAILS;
    expect(shown).toMatchObject({ ...before, why: 'result_ref1 68.918, needs 69 for 1e-4' });
    expect(shown.timeline.events.find(({ kind }) => kind === 'REPLAYED')?.text).toBe('replayed by jane; vendor outage; INC-7');
  });

  it('as a page, to a file or to standard output', async () => {
    const written = new Map<string, string>();
    const toFile = await runFakeCli(['show', ID, '--html', 'ticket.html'], { details: DETAILS, written });
    expect([toFile.code, toFile.out]).toEqual([0, '']);
    expect(written.get('ticket.html')).toMatch(/^<!doctype html>/);
    const toOutput = await runFakeCli(['show', ID, '--html', '-'], { details: DETAILS, env: { VF_TEMPORAL_UI_URL: 'http://ui:8233/' } });
    expect(toOutput.out).toContain('href="http://ui:8233/namespaces/default/');
    expect((await runFakeCli(['show', ID, '--html', '-', '--json'], { details: DETAILS })).code).toBe(64);
  });
});

describe('show finds by business number', () => {
  it('under every sealing key, and shows the one there is, however many runs it has', async () => {
    const ran = await runFakeCli(['show', '--biz-no', '-'], { stdin: `${BIZ_NO}\n`, env: SEARCHABLE, rows: [ROW, ROW], details: DETAILS });
    const query = `WorkflowType = 'resolveVerification' AND VfBizKey IN (${bizKeys(BIZ_NO, KEYS)
      .map((key) => `'${key}'`)
      .join(', ')})`;
    expect(ran.asked).toEqual([{ query, limit: 50 }, `fv-${ID}`]);
    expect([ran.code, ran.out.includes('What happened')]).toEqual([0, true]);
    expect(`${ran.out}${ran.err}`).not.toContain(BIZ_NO);
  });

  it('lists several', async () => {
    const fake = { stdin: BIZ_NO, env: SEARCHABLE, rows: [OTHER, ROW] };
    const ran = await runFakeCli(['show', '--biz-no', '-'], fake);
    expect(ran.out).toContain(OTHER.verificationId);
    expect(ran.err).toBe('2 verifications have this business number; show one by its id\n');
    expect(JSON.parse((await runFakeCli(['show', '--biz-no', '-', '--json'], fake)).out)).toEqual({ verifications: [OTHER, ROW] });
    expect((await runFakeCli(['show', '--biz-no', '-', '--html', '-'], fake)).code).toBe(64);
  });

  it.each<[string, readonly string[], object, number, string]>([
    ['none', ['--biz-no', '-'], { env: SEARCHABLE }, 1, 'no verification of this business number is known'],
    ['a number on the command line', ['--biz-no', BIZ_NO], { env: SEARCHABLE }, 64, 'visible to every user'],
    ['an id beside it', [ID, '--biz-no', '-'], { env: SEARCHABLE }, 64, 'not several'],
    ['a token beside it', ['--token', '-', '--biz-no', '-'], { env: SEARCHABLE }, 64, 'not several'],
    ['numbers that are not searchable', ['--biz-no', '-'], { env: {} }, 64, 'VF_BIZNO_SEARCHABLE'],
    ['no keys', ['--biz-no', '-'], { env: { VF_BIZNO_SEARCHABLE: 'true' } }, 64, 'VF_TOKEN_KEYS'],
    ['an empty number', ['--biz-no', '-'], { env: SEARCHABLE, stdin: '\n' }, 64, 'holds no business number'],
  ])('%s: says why, and never the number', async (_what, args, fake, code, message) => {
    const ran = await runFakeCli(['show', ...args], { stdin: BIZ_NO, rows: [], ...fake });
    expect([ran.code, ran.err]).toEqual([code, expect.stringContaining(message)]);
    expect(`${ran.out}${ran.err}`).not.toContain(BIZ_NO);
  });
});

describe('list', () => {
  it('shows age, deadline and next read as distances, and cleans what others wrote', async () => {
    const rows = [{ ...OTHER, stage: 'WAITING', reason: '\u001B[2Jevil', readsCounted: 2, startedAt: '2026-02-01T09:55:00.000Z' }];
    const progress = () => ({ uncertainReads: 1, nextReadAt: '2026-02-01T12:10:00.000Z' });
    const { out } = await runFakeCli(['list', '--expiring', '1h'], { rows, progress, count: () => 1 });
    expect(out).toBe(
      'Verification                Status   Stage    Outcome  Reason   Reads            Age        Deadline   Next read\n' +
        'aaaaaaaaaaaaaaaaaaaaaaaaaa  RUNNING  WAITING  PASSED   [2Jevil  2 (1 uncertain)  2 h 5 min  in 30 min  in 10 min\n',
    );
    const held = await runFakeCli(['list', '--held', '--json'], {
      rows,
      progress: () => ({ uncertainReads: 0, parkedSince: '2026-02-01T11:58:00.000Z' }),
    });
    expect(JSON.parse(held.out)).toMatchObject({ verifications: [{ ...rows[0], progress: { parkedSince: '2026-02-01T11:58:00.000Z' } }] });
    expect(
      (await runFakeCli(['list', '--held'], { rows, progress: () => ({ uncertainReads: 0, parkedSince: '2026-02-01T11:58:00.000Z' }) }))
        .out,
    ).toContain('untaken for 2 min');
    expect((await runFakeCli(['list', '--sort', 'age'])).code).toBe(64);
  });
});

describe('watch', () => {
  const lag = async () => await Promise.resolve([{ topic: 'requests', records: 3 }]);

  it('looks once, as text or as a JSON line, and answers 69 if something is away', async () => {
    const once = await runFakeCli(['watch', '--once'], { lag, count: () => 2 });
    expect([once.code, once.closed]).toEqual([0, 2]);
    expect(once.out).toContain('lag         requests 3\n');
    expect(once.out).not.toContain('\u001B');
    expect(JSON.parse((await runFakeCli(['watch', '--once', '--json'], { lag })).out)).toMatchObject({ lag: { kind: 'SEEN' } });
    const away = await runFakeCli(['watch', '--once'], {
      lag: async () => await Promise.reject(new DependencyUnavailableError('kafka', 'no answer')),
    });
    expect([away.code, away.out]).toEqual([69, expect.stringContaining('!! Kafka does not answer: kafka unavailable: no answer')]);
  });

  it('goes on while something is away, until Ctrl-C, and then leaves the terminal as it was', async () => {
    let looks = 0;
    const ran = await runFakeCli(['watch'], {
      unavailable: new DependencyUnavailableError('temporal', 'no answer'),
      screen: { columns: 60, rows: 10 },
      onSleep: (durationMs, interrupt) => {
        expect(durationMs).toBe(2_000);
        looks += 1;
        if (looks === 3) interrupt();
      },
    });
    expect([ran.code, looks]).toEqual([0, 3]);
    const frames = ran.out.split('\u001B[H').slice(1);
    expect(frames).toHaveLength(4);
    expect(frames[0]).toContain('looking …');
    expect(
      ran.out
        .split('\u001B')
        .filter((part) => /^\[\?(?:1049|25)[hl]/.test(part))
        .map((part) => /^[^hl]*[hl]/.exec(part)?.[0]),
    ).toEqual(['[?1049h', '[?25l', '[?25h', '[?1049l']);
    for (const line of frames[1]?.split('\u001B[K\n') ?? [])
      expect(
        line
          .split('\u001B')
          .map((part, index) => (index === 0 ? part : part.replace(/^\[[?\d]*[a-zA-Z]/, '')))
          .join('').length,
      ).toBeLessThan(60);
    expect(ran.out.endsWith('no answer\n\n')).toBe(true);
  });

  it.each(['1', '100ms', '2x'])('refuses --every %s', async (every) => {
    expect((await runFakeCli(['watch', '--every', every])).code).toBe(64);
  });
});
