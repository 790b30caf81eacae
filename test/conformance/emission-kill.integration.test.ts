import { Client, Connection } from '@temporalio/client';
import { afterAll, expect, inject, it } from 'vitest';
import { verificationIdOf } from '../../src/contracts/wire/token-identity.ts';
import { workflowIdOf } from '../../src/domain/ids.ts';
import { readEmulatorLog } from '../../src/emulator/log-reader.ts';
import { mintToken } from '../../src/emulator/mint-token.ts';
import { startFaultyKafka } from '../support/faulty-kafka.ts';
import { eventTypes } from '../support/history.ts';
import { produce, watchTopic } from '../support/pipeline.ts';
import { killAllProcesses, startProcess } from '../support/process.ts';
import { until } from '../support/until.ts';

afterAll(killAllProcesses);

it('a worker that is killed between the send and the end of the task that decided: the same bytes once more, one read, one end', async () => {
  const kafka = await startFaultyKafka({ VF_POLICY_PROFILE: 'completed', VF_KAFKA_SESSION_TIMEOUT: '6s' });
  const { proxy, brokers, env, logPath } = kafka;
  try {
    const service = startProcess(['all'], env);
    await service.ready();
    const nowMs = Date.now();
    const token = mintToken({ scenario: 'slow-2000', issuedAtMs: nowMs });
    const verificationId = verificationIdOf(token);
    await produce(brokers, env['VF_KAFKA_REQUEST_TOPIC'] ?? '', [
      { value: JSON.stringify({ token, issuedAt: new Date(nowMs).toISOString() }) },
    ]);
    await until(async () => ((await readEmulatorLog(logPath)).tokens.get(verificationId)?.reads ?? 0) === 1, {
      timeoutMs: 20_000,
      what: 'the read',
    });

    await proxy.untilUnheard(verificationId);
    service.kill('SIGKILL');
    await service.exit();
    const client = new Client({ connection: await Connection.connect({ address: inject('temporalAddress') }) });
    const handle = client.workflow.getHandle(workflowIdOf(verificationId));
    const before = eventTypes(await handle.fetchHistory());
    // Kafka has the outcome, and history knows nothing of it.
    expect([before.at(-1), before.filter((type) => type === 'markerRecorded')]).toEqual(['workflowTaskStarted', []]);
    proxy.heal();

    await startProcess(['all'], env).ready();
    await handle.result();
    const outcomes = await watchTopic(brokers, env['VF_KAFKA_OUTCOME_TOPIC'] ?? '');
    await until(() => outcomes.seen.length === 2, { timeoutMs: 20_000, what: 'both sends' });
    expect(new Set(outcomes.seen.map(({ ceId, value }) => `${ceId} ${value}`))).toHaveLength(1);
    expect(outcomes.seen[0]?.value).toContain('"outcome":"PASSED"');
    const after = eventTypes(await handle.fetchHistory());
    expect(after.filter((type) => type === 'activityTaskScheduled' || type === 'markerRecorded')).toEqual([
      'activityTaskScheduled',
      'markerRecorded',
    ]);
    expect((await readEmulatorLog(logPath)).tokens.get(verificationId)?.reads).toBe(1);
    await outcomes.stop();
    await client.connection.close();
  } finally {
    await kafka.close();
  }
}, 120_000);
