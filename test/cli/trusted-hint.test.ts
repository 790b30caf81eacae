import { describe, expect, it } from 'vitest';
import { DependencyUnavailableError, RecordRefusedError } from '../../src/contracts/errors.ts';
import { HINT_AUDIT_TYPE, parseHintAudit } from '../../src/contracts/wire/hint-audit.ts';
import { defined } from '../../src/domain/defined.ts';
import type { VerificationDetails } from '../../src/operator/ports.ts';
import { type FakeCli, runFakeCli } from './fake-cli.ts';

const ID = 'abcdefghijklmnopqrstuvwxyz';
const TOPIC = 'faceid.verification.replay-audit.v1';
const RUNNING: VerificationDetails = {
  verificationId: ID,
  namespace: 'default',
  workflowId: `fv-${ID}`,
  runId: 'run-1',
  status: 'RUNNING',
  startedAt: '2026-02-01T11:00:00.000Z',
  readsCounted: 2,
  reasons: [],
  reads: [],
};
const TRUSTED = ['hint', ID, '--trusted', '--reason', 'the user has called', '--operator', 'jane'];
const SENT = { workflowId: `fv-${ID}`, hint: { kind: 'SESSION_ENDED', trusted: true } };

async function run(args: readonly string[], fake: FakeCli = {}) {
  return await runFakeCli(args, { details: RUNNING, ...fake });
}

describe('hint --trusted', () => {
  it('refuses a reason that holds the token it is about: it would be published', async () => {
    const token = 'tok-of-the-session';
    const args = ['hint', '--token', '-', '--trusted', '--operator', 'jane', '--reason', `session of ${token}, closed`];
    const { code, err, asked } = await run(args, { stdin: token });
    expect([code, asked]).toEqual([64, []]);
    expect(err).toContain('which is published: leave it out');
    expect(err).not.toContain(token);
  });

  it('writes who, why and what to the audit topic, and only then signals', async () => {
    const { code, asked } = await run([...TRUSTED, '--ticket', 'INC-7']);
    expect(code).toBe(0);
    const [looked, record, sent] = asked;
    expect([looked, sent]).toEqual([`fv-${ID}`, SENT]);
    expect(record).toMatchObject({
      topic: TOPIC,
      key: ID,
      headers: { ce_id: `run-1.hint.2026-02-01T12:00:00.000Z`, ce_type: HINT_AUDIT_TYPE, ce_subject: ID, ce_source: '/verdictflow/hint' },
    });
    const parsed = parseHintAudit(JSON.parse(String(Object(record).value)));
    expect(parsed).toEqual({
      ok: true,
      value: {
        schemaVersion: '1',
        verificationId: ID,
        workflowId: `fv-${ID}`,
        runId: 'run-1',
        operator: 'jane',
        reason: 'the user has called',
        ticket: 'INC-7',
        action: 'HINT',
        hint: { kind: 'SESSION_ENDED', trusted: true },
        readsUsed: 2,
        requestedAt: '2026-02-01T12:00:00.000Z',
      },
    });
  });

  it('takes $USER for the operator, as replay does', async () => {
    const { asked } = await run(['hint', ID, '--trusted', '--reason', 'x'], { env: { USER: 'sam' } });
    expect(asked[1]).toMatchObject({ value: expect.stringContaining('"operator":"sam"') });
  });

  it.each([
    ['without a reason', ['hint', ID, '--trusted', '--operator', 'jane'], '--reason'],
    ['without an operator', ['hint', ID, '--trusted', '--reason', 'x'], '--operator'],
    ['with an e-mail address for an operator', ['hint', ID, '--trusted', '--reason', 'x', '--operator', 'a@b.c'], '--operator'],
    ['with a reason for what is not audited', ['hint', ID, '--reason', 'x'], '--trusted'],
  ])('%s is a usage error, and nothing is asked', async (_what, args, named) => {
    const { code, err, asked } = await run(args);
    expect([code, asked]).toEqual([64, []]);
    expect(err).toContain(named);
  });

  it.each([
    ['is unknown', undefined],
    ['has ended', { ...RUNNING, status: 'COMPLETED', closedAt: '2026-02-01T11:30:00.000Z' } as const],
  ])('for a verification that %s: exit code 1, no record, no signal', async (_what, details) => {
    const { code, asked, err } = await runFakeCli(TRUSTED, defined({ details }));
    expect([code, asked]).toEqual([1, [`fv-${ID}`]]);
    expect(err).toContain('is not running');
  });

  it.each([
    ['Kafka is away', new DependencyUnavailableError('kafka', 'no broker answers'), 69],
    ['the topic refuses the record', new RecordRefusedError('topic "a" refuses the record'), 1],
  ])('signals nothing if %s', async (_what, error, expected) => {
    const { code, asked, err } = await run(TRUSTED, { publish: async () => await Promise.reject(error) });
    expect(code).toBe(expected);
    expect(asked).not.toContainEqual(SENT);
    expect(err).toContain(error.message);
    expect(err).toContain('nothing was signalled');
  });

  it.each(['NOT_FOUND', 'REFUSED'] as const)('says that the record is there if the signal is answered %s', async (hintResult) => {
    const { code, err } = await run(TRUSTED, { hintResult });
    expect(code).toBe(1);
    expect(err).toContain('run-1.hint.2026-02-01T12:00:00.000Z');
  });

  it('says that nobody knows, and that the record is there, if the signal is not acknowledged', async () => {
    const hintError = new DependencyUnavailableError('temporal', 'the hint was not acknowledged');
    const { code, err, closed } = await run(TRUSTED, { hintError });
    expect([code, closed]).toEqual([69, 2]);
    expect(err).toContain('run-1.hint.2026-02-01T12:00:00.000Z');
    expect(err).toContain('the hint was not acknowledged');
  });

  it('prints one document with --json, whatever came of it', async () => {
    const ran = async (fake: FakeCli) => JSON.parse((await run([...TRUSTED, '--json'], fake)).out);
    const auditId = 'run-1.hint.2026-02-01T12:00:00.000Z';
    const what = { verificationId: ID, kind: 'SESSION_ENDED', trusted: true };
    expect(await ran({})).toEqual({ ...what, result: 'DELIVERED', auditId });
    expect(await ran({ hintResult: 'REFUSED' })).toEqual({ ...what, result: 'REFUSED', auditId });
    const refused = new RecordRefusedError('topic "a" refuses the record');
    expect(await ran({ publish: async () => await Promise.reject(refused) })).toEqual({ ...what, result: 'UNAUDITED' });
    const hintError = new DependencyUnavailableError('temporal', 'no answer');
    expect(await ran({ hintError })).toEqual({ ...what, result: 'UNCONFIRMED', auditId });
  });
});
