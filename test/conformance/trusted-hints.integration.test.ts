import { afterAll, expect, inject, it } from 'vitest';
import { HINT_AUDIT_TYPE, parseHintAudit } from '../../src/contracts/wire/hint-audit.ts';
import { verificationIdOf } from '../../src/contracts/wire/token-identity.ts';
import { readEmulatorLog } from '../../src/emulator/log-reader.ts';
import { mintToken } from '../../src/emulator/mint-token.ts';
import { cliHere } from '../support/cli-here.ts';
import { produce, watchTopic } from '../support/pipeline.ts';
import { killAllProcesses } from '../support/process.ts';
import { until } from '../support/until.ts';
import { openPipeline, type PipelineRun } from './pipeline-run.ts';

afterAll(killAllProcesses);

/** Two reads: one at once, and the reserve twenty hours later. */
const AT_ONCE_AND_RESERVE = {
  VF_POLICY_PROFILE: 'custom',
  VF_POLICY_CUSTOM_OFFSETS: '0s,20h',
  VF_MAX_CALLS: '2',
  VF_WINDOW: '24h',
};

async function readsOf(run: PipelineRun, token: string): Promise<number> {
  return (await readEmulatorLog(run.logPath)).tokens.get(verificationIdOf(token))?.reads ?? 0;
}

/** A token whose first read was answered PROCESSING: its reserve is left. */
async function onceRead(run: PipelineRun): Promise<string> {
  const token = mintToken({ scenario: 'processing-1', issuedAtMs: Date.now() });
  await produce(inject('kafkaBrokers'), run.env['VF_KAFKA_REQUEST_TOPIC'] ?? '', [{ value: JSON.stringify({ token }) }]);
  await until(async () => (await readsOf(run, token)) === 1, { timeoutMs: 60_000, everyMs: 200, what: 'the first read' });
  return token;
}

async function trustedHint(run: PipelineRun, token: string): Promise<void> {
  const value = JSON.stringify({ token, kind: 'SESSION_ENDED', trusted: true });
  await produce(inject('kafkaBrokers'), run.env['VF_KAFKA_HINT_TOPIC'] ?? '', [{ value }]);
}

it('no hint from Kafka touches the reserve unless VF_TRUST_HINTS says so; the command does, and is on record before', async () => {
  const run = await openPipeline({ ...AT_ONCE_AND_RESERVE, VF_LOG_LEVEL: 'debug' });
  const audit = await watchTopic(inject('kafkaBrokers'), run.env['VF_KAFKA_AUDIT_TOPIC'] ?? '');
  try {
    const service = run.serve();
    const token = await onceRead(run);
    const verificationId = verificationIdOf(token);
    await trustedHint(run, token);
    await until(() => service.output().includes('"event":"hint-distrusted"'), { timeoutMs: 30_000, what: 'the event of its own' });
    await until(() => service.output().includes('"event":"hint-delivered"'), { timeoutMs: 30_000, what: 'the hint with the run' });
    // The query waits for the task that the hint brought about: the next read is still the reserve, hours away.
    const shown = async (): Promise<{ status?: string; nextReadAt?: string }> =>
      JSON.parse((await cliHere(['show', verificationId, '--json'], run.env)).out);
    const nextReadAt = await until(async () => (await shown()).nextReadAt, { timeoutMs: 30_000, everyMs: 500, what: 'the next read' });
    expect(Date.parse(nextReadAt)).toBeGreaterThan(Date.now() + 3_600_000);
    expect([await readsOf(run, token), run.outcomes().has(verificationId)]).toEqual([1, false]);

    const unsaid = await cliHere(['hint', verificationId, '--trusted', '--operator', 'jane'], run.env);
    expect([unsaid.code, unsaid.err.includes('--reason')]).toEqual([64, true]);
    const said = ['--trusted', '--operator', 'jane', '--reason', 'the user waits on the phone', '--json'];
    const ran = await cliHere(['hint', verificationId, ...said], run.env);
    expect([ran.code, ran.err]).toEqual([0, '']);
    const { auditId } = JSON.parse(ran.out);
    await run.allDecided([{ token }], 60_000);
    expect(JSON.parse(run.outcomes().get(verificationId)?.[0]?.value ?? '')).toMatchObject({
      outcome: 'PASSED',
      retrieval: { callsUsed: 2, trigger: 'HINT' },
    });
    await until(() => audit.seen.length > 0, { timeoutMs: 30_000, what: 'the audit record' });
    expect(audit.seen.map(({ ceId, key }) => [ceId, key])).toEqual([[auditId, verificationId]]);
    expect(String(audit.seen[0]?.headers?.['ce_type'])).toBe(HINT_AUDIT_TYPE);
    expect(parseHintAudit(JSON.parse(audit.seen[0]?.value ?? ''))).toMatchObject({
      ok: true,
      value: { verificationId, operator: 'jane', readsUsed: 1, hint: { trusted: true } },
    });

    // The outcome is on Kafka a moment before its run has ended; until then the hint could still be taken, and is put on record.
    await until(async () => (await shown()).status === 'COMPLETED', { timeoutMs: 30_000, everyMs: 500, what: 'the end of the run' });
    const late = await cliHere(['hint', verificationId, ...said], run.env);
    expect([late.code, JSON.parse(late.out).result]).toEqual([1, 'NOT_FOUND']);
    expect(audit.seen).toHaveLength(1);
  } finally {
    await audit.stop();
    await run.close();
  }
}, 240_000);

it('with VF_TRUST_HINTS=true a trusted hint from Kafka uses the reserve', async () => {
  const run = await openPipeline({ ...AT_ONCE_AND_RESERVE, VF_TRUST_HINTS: 'true' });
  try {
    run.serve();
    const token = await onceRead(run);
    await trustedHint(run, token);
    await run.allDecided([{ token }], 60_000);
    expect(await readsOf(run, token)).toBe(2);
  } finally {
    await run.close();
  }
}, 240_000);
