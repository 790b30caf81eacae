import { describe, expect, it } from 'vitest';
import { ConfigurationError, DependencyUnavailableError } from '../../src/contracts/errors.ts';
import { verificationIdOf } from '../../src/contracts/wire/token-identity.ts';
import type { SetupPort, VerificationDetails } from '../../src/operator/ports.ts';
import { runFakeCli } from './fake-cli.ts';

const TOKEN = 'tok-invented-0123456789';
const ID = verificationIdOf(TOKEN);

const DETAILS: VerificationDetails = {
  verificationId: ID,
  namespace: 'default',
  workflowId: `fv-${ID}`,
  runId: 'run-1',
  status: 'RUNNING',
  stage: 'WAITING',
  startedAt: '2026-02-01T11:00:00.000Z',
  readsCounted: 2,
  readsUncertain: 1,
  maxReads: 3,
  nextReadAt: '2026-02-02T10:00:00.000Z',
  deadlineAt: '2026-02-02T11:00:00.000Z',
  reasons: [],
  reads: [{ number: 1, scheduledAt: '2026-02-01T11:05:00.000Z', endedAt: '2026-02-01T11:05:01.000Z', result: 'ANSWER PROCESSING' }],
};

describe('submit', () => {
  it('reads a token from standard input and prints its verification id, never the token', async () => {
    const ran = await runFakeCli(['submit', '--token', '-', '--policy', 'completed', '--attribute', 'a=1', '--attribute', 'b=2'], {
      stdin: `${TOKEN}\n`,
    });
    expect(ran).toMatchObject({ code: 0, out: `${ID}\n`, err: '', closed: 1 });
    expect(ran.asked).toHaveLength(1);
    expect(ran.asked[0]).toMatchObject({ topic: 'faceid.verification.requested.v1', key: ID });
    expect(ran.out + ran.err).not.toContain(TOKEN);
  });

  it('refuses a token on the command line without repeating it', async () => {
    const ran = await runFakeCli(['submit', '--token', TOKEN]);
    expect(ran.code).toBe(64);
    expect(ran.err).toContain('standard input');
    expect(ran.err).not.toContain(TOKEN);
    expect(ran.asked).toEqual([]);
  });

  it('a dry run prints the ids as JSON and opens nothing', async () => {
    const ran = await runFakeCli(['submit', '--file', 'f', '--dry-run', '--json'], {
      files: { f: `${TOKEN}\nsecond-token` },
      unavailable: new Error('must not be opened'),
    });
    expect(ran.code).toBe(0);
    expect(JSON.parse(ran.out)).toEqual({
      dryRun: true,
      submitted: 2,
      verifications: [
        { line: 1, verificationId: ID },
        { line: 2, verificationId: verificationIdOf('second-token') },
      ],
    });
  });

  it('says where to go on after a failure in the middle, and goes on there', async () => {
    let sent = 0;
    const publish = async (record: { topic: string }) => {
      sent += 1;
      if (sent === 2) throw new DependencyUnavailableError('kafka', 'no answer from kafka:9092 (VF_KAFKA_BROKERS)');
      return await Promise.resolve({ topic: record.topic, partition: 0, offset: '0' });
    };
    const files = { f: 'tok-1\ntok-2\ntok-3' };
    const ran = await runFakeCli(['submit', '--file', 'f', '--rate', '1'], { files, publish });
    expect(ran.code).toBe(69);
    expect(ran.err).toContain('VF_KAFKA_BROKERS');
    expect(ran.err).toContain('--from-line 2');
    const again = await runFakeCli(['submit', '--file', 'f', '--from-line', '2'], { files });
    expect(again.asked).toHaveLength(2);
    const none = await runFakeCli(['submit', '--file', 'f', '--from-line', '3'], {
      files,
      publish: async () => await Promise.reject(new DependencyUnavailableError('kafka', 'no answer')),
    });
    expect(none.err).toContain('0 of 1 written; go on with --from-line 3');
  });

  it('shows a progress bar on a terminal only', async () => {
    const fake = { files: { f: 'tok-1\ntok-2' } };
    expect((await runFakeCli(['submit', '--file', 'f'], { ...fake, terminal: true })).err).toContain('2 of 2');
    expect((await runFakeCli(['submit', '--file', 'f'], fake)).err).toBe('');
  });

  it.each([
    [['submit', '--file', 'gone'], 'cannot be read (ENOENT)'],
    [['submit', '--file', 'f', '--token', '-'], 'not both'],
    [['submit', '--file', 'f', '--rate', '0'], 'above 0'],
    [['submit', '--file', 'f', '--attribute', 'x'], 'name=value'],
    [['submit', '--file', 'f', '--from-line', '2'], '--from-line: the last request of the input is in line 1'],
    [['submit', '--file', 'f', '--policy', 'nosuch'], 'issued, completed, hinted, patient, custom.'],
    [['submit', '--file', 'f', '--policy', 'demo'], 'issued, completed, hinted, patient, custom.'],
    [['submit', '--file', 'f', '--issued-at', 'today'], 'line 1: issuedAt'],
  ])('%j is a usage error', async (args, message) => {
    const ran = await runFakeCli(args, { files: { f: 'tok-1' } });
    expect(ran.code).toBe(64);
    expect(ran.err).toContain(message);
  });
});

describe('show', () => {
  it('shows stage, reads and the next read, with a link if the UI is known', async () => {
    const ran = await runFakeCli(['show', ID], { details: DETAILS, env: { VF_TEMPORAL_UI_URL: 'http://ui:8233/' } });
    expect(ran.code).toBe(0);
    expect(ran.asked).toEqual([`fv-${ID}`]);
    expect(ran.out).toContain('2 of 3 counted, 1 of them uncertain');
    expect(ran.out).toContain('2026-02-02T10:00:00.000Z');
    expect(ran.out).toContain('ANSWER PROCESSING');
    expect(ran.out).toContain(`http://ui:8233/namespaces/default/workflows/fv-${ID}/run-1/history`);
  });

  it('finds the verification of a token from standard input', async () => {
    const ran = await runFakeCli(['show', '--token', '-', '--json'], { stdin: TOKEN, details: DETAILS });
    expect(ran.asked).toEqual([`fv-${ID}`]);
    expect(JSON.parse(ran.out)).toEqual(DETAILS);
  });

  it('answers 1 for an unknown verification and 64 for what is no id', async () => {
    expect((await runFakeCli(['show', ID])).code).toBe(1);
    const pasted = await runFakeCli(['show', TOKEN]);
    expect(pasted.code).toBe(64);
    expect(pasted.err).not.toContain(TOKEN);
  });
});

describe('list and hint', () => {
  it('lists what visibility answers to the filter', async () => {
    const rows = [{ verificationId: ID, workflowId: `fv-${ID}`, status: 'COMPLETED', startedAt: 'x', outcome: 'PASSED' }] as const;
    const ran = await runFakeCli(['list', '--outcome', 'PASSED', '--limit', '5'], { rows });
    expect(ran.asked).toEqual([{ query: "WorkflowType = 'resolveVerification' AND VfOutcome = 'PASSED'", limit: 5 }]);
    expect(ran.out).toContain(ID);
    expect((await runFakeCli(['list', '--json'])).out).toContain('"verifications": []');
    expect((await runFakeCli(['list', '--outcome', 'NOPE'])).code).toBe(64);
  });

  it('delivers a hint, and answers 1 if nothing runs or takes it', async () => {
    const ran = await runFakeCli(['hint', ID, '--kind', 'SESSION_FAILED']);
    expect(ran).toMatchObject({ code: 0, asked: [{ workflowId: `fv-${ID}`, hint: { kind: 'SESSION_FAILED', trusted: false } }] });
    expect((await runFakeCli(['hint', ID], { hintResult: 'NOT_FOUND' })).code).toBe(1);
    expect((await runFakeCli(['hint', ID], { hintResult: 'REFUSED' })).code).toBe(1);
    expect((await runFakeCli(['hint', ID, '--kind', 'OTHER'])).code).toBe(64);
  });
});

describe('setup', () => {
  const missing: SetupPort = {
    what: 'topic',
    inspect: async () => await Promise.resolve([{ what: 'topic', name: 't', result: 'missing' }]),
    make: async () => await Promise.resolve([{ what: 'topic', name: 't', result: 'made' }]),
  };

  it('prints what it made; a dry run answers 1 if something is missing', async () => {
    expect(await runFakeCli(['setup', '--json'], { ports: [missing] })).toMatchObject({ code: 0, closed: 1 });
    const dry = await runFakeCli(['setup', '--dry-run'], { ports: [missing] });
    expect(dry.code).toBe(1);
    expect(dry.out).toContain('missing');
  });

  it.each([['setup'], ['setup', '--dry-run']])('says what is unfit and answers 1: %s %s', async (...args) => {
    const attribute = { what: 'search attribute', name: 'a', result: 'unfit', problem: 'is of type Text' } as const;
    const look = async () => await Promise.resolve([attribute]);
    const ran = await runFakeCli(args, { ports: [{ what: 'search attribute', inspect: look, make: look }] });
    expect(ran).toMatchObject({ code: 1, err: 'verdictflow setup: search attribute a is of type Text\n' });
    expect(ran.out).toMatch(/unfit +search attribute +a/);
  });

  it('warns of what is there on standard error, in JSON beside it, and answers 0 all the same', async () => {
    const found = [{ what: 'topic', name: 't', result: 'kept' as const, warnings: ['it has one replica'] }];
    const kept: SetupPort = { what: 'topic', inspect: () => Promise.resolve(found), make: () => Promise.resolve(found) };
    const ran = await runFakeCli(['setup'], { ports: [kept] });
    expect([ran.code, ran.err]).toEqual([0, 'warning: topic t: it has one replica\n']);
    const json = await runFakeCli(['setup', '--json'], { ports: [kept] });
    expect([JSON.parse(json.out), json.err]).toEqual([{ dryRun: false, results: found }, '']);
  });
});

describe('config', () => {
  it('prints settings with their source and hides secrets', async () => {
    const ran = await runFakeCli(['config', '--json'], { env: { VF_FACEID_API_SECRET: 'sec-invented', VF_MAX_CALLS: '2' } });
    expect(ran.out).not.toContain('sec-invented');
    expect(JSON.parse(ran.out).settings).toContainEqual({ name: 'VF_MAX_CALLS', value: '2', source: 'env' });
  });

  it('ends with 78 and every problem for settings that cannot work', async () => {
    const ran = await runFakeCli(['config', '--role', 'worker'], { env: { VF_MAX_CALLS: 'x', VF_TYPO: '1' } });
    expect(ran.code).toBe(78);
    for (const name of ['VF_MAX_CALLS', 'VF_TYPO', 'VF_TOKEN_KEYS', 'VF_FACEID_API_KEY', 'VF_FACEID_API_SECRET'])
      expect(ran.err).toContain(name);
  });

  it('refuses a scenario that the emulator does not know, for its role', async () => {
    const env = { VF_EMULATOR_SCENARIO: 'nosuch' };
    const ran = await runFakeCli(['config', '--role', 'emulator'], { env });
    expect(ran.code).toBe(78);
    expect(ran.err).toContain('VF_EMULATOR_SCENARIO');
    expect((await runFakeCli(['config', '--role', 'emulator'], { env: { VF_EMULATOR_SCENARIO: 'processing-1+ready-pass' } })).code).toBe(0);
  });
});

describe('exit codes', () => {
  it.each([
    [new DependencyUnavailableError('temporal', 'no answer'), 69],
    [new ConfigurationError(['VF_X: wrong']), 78],
    [new TypeError('undefined is not a function\n    at secret stack'), 70],
  ])('%s → %d, without a stack', async (unavailable, code) => {
    const ran = await runFakeCli(['list'], { unavailable });
    expect(ran.code).toBe(code);
    expect(ran.err).not.toMatch(/\n\s+at /);
  });

  it.each([[[]], [['no-such-command']], [['list', '--no-such-option']], [['list', '--limit', 'many']], [['replay']]])(
    '%j is a usage error',
    async (args) => {
      expect((await runFakeCli(args)).code).toBe(64);
    },
  );

  it('the emulator takes its options over the environment', async () => {
    const ran = await runFakeCli(['emulator', '--port', '0', '--accept-unknown'], { env: { VF_EMULATOR_PORT: '1' } });
    expect(ran.asked).toEqual([{ VF_EMULATOR_PORT: '0', VF_EMULATOR_ACCEPT_UNKNOWN: 'true' }]);
  });
});
