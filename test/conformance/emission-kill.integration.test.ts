import { mkdtempSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { afterAll, expect, inject, it } from 'vitest';
import { verificationIdOf } from '../../src/contracts/wire/token-identity.ts';
import { workflowIdOf } from '../../src/domain/ids.ts';
import { readEmulatorLog } from '../../src/emulator/log-reader.ts';
import { mintToken } from '../../src/emulator/mint-token.ts';
import { startKafkaBroker } from '../../src/localstack/kafka-broker.ts';
import { makeRunDir, removeRunDir } from '../../src/localstack/run-dir.ts';
import { eventTypes } from '../support/history.ts';
import { freePort, pipelineEnv, produce, watchTopic } from '../support/pipeline.ts';
import { killAllProcesses, startProcess } from '../support/process.ts';
import { until } from '../support/until.ts';

const LOCAL_DIR = fileURLToPath(new URL('../../.local', import.meta.url));

afterAll(killAllProcesses);

type Gag = {
  readonly port: number;
  /** Of a connection over which this text is sent from now on no answer comes through. Resolves once there was one. */
  untilUnheard(text: string): Promise<void>;
  /** Ends what has lost an answer; new connections work. */
  open(): void;
  close(): void;
};

/** A proxy before a broker that can keep answers back. */
async function openGag(brokerPort: number): Promise<Gag> {
  const port = await freePort();
  const sockets = new Set<Socket>();
  let gagged: { readonly text: string; readonly resolve: () => void } | undefined;
  const server = createServer((client) => {
    const broker = connect(brokerPort, '127.0.0.1');
    let hasAsked = false;
    client.on('data', (bytes) => {
      hasAsked ||= gagged !== undefined && bytes.includes(gagged.text);
      broker.write(bytes);
    });
    broker.on('data', (bytes) => {
      if (gagged !== undefined && hasAsked) gagged.resolve();
      else client.write(bytes);
    });
    for (const [socket, other] of [
      [client, broker],
      [broker, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => void server.listen(port, '127.0.0.1', resolve));
  const open = (): void => {
    gagged = undefined;
    for (const socket of sockets) socket.destroy();
  };
  return {
    port,
    untilUnheard: (text) => new Promise<void>((resolve) => (gagged = { text, resolve })),
    open,
    close: () => {
      open();
      server.close();
    },
  };
}

it('a worker that is killed between the send and the end of the task that decided: the same bytes once more, one read, one end', async () => {
  const runDir = await makeRunDir(LOCAL_DIR);
  let gag: Gag | undefined;
  const broker = await startKafkaBroker({
    provisionDir: LOCAL_DIR,
    runDir,
    log: () => undefined,
    behind: async (port) => {
      gag = await openGag(port);
      return gag.port;
    },
  });
  try {
    const emulatorPort = await freePort();
    const logPath = join(mkdtempSync(join(tmpdir(), 'verdictflow-emulator-')), 'requests.ndjson');
    const env = pipelineEnv({
      kafkaBrokers: broker.brokers,
      temporalAddress: inject('temporalAddress'),
      emulatorPort,
      overrides: {
        VF_EMULATOR_PORT: String(emulatorPort),
        VF_EMULATOR_LOG: logPath,
        VF_POLICY_PROFILE: 'completed',
        VF_KAFKA_SESSION_TIMEOUT: '6s',
      },
    });
    await startProcess(['emulator'], env).ready();
    const service = startProcess(['all'], env);
    await service.ready();
    const nowMs = Date.now();
    const token = mintToken({ scenario: 'slow-2000', issuedAtMs: nowMs });
    const verificationId = verificationIdOf(token);
    await produce(broker.brokers, env['VF_KAFKA_REQUEST_TOPIC'] ?? '', [
      { value: JSON.stringify({ token, issuedAt: new Date(nowMs).toISOString() }) },
    ]);
    await until(async () => ((await readEmulatorLog(logPath)).tokens.get(verificationId)?.reads ?? 0) === 1, {
      timeoutMs: 20_000,
      what: 'the read',
    });

    await gag?.untilUnheard(verificationId);
    service.kill('SIGKILL');
    await service.exit();
    const client = new Client({ connection: await Connection.connect({ address: inject('temporalAddress') }) });
    const handle = client.workflow.getHandle(workflowIdOf(verificationId));
    const before = eventTypes(await handle.fetchHistory());
    // Kafka has the outcome, and history knows nothing of it.
    expect([before.at(-1), before.filter((type) => type === 'markerRecorded')]).toEqual(['workflowTaskStarted', []]);
    gag?.open();

    await startProcess(['all'], env).ready();
    await handle.result();
    const outcomes = await watchTopic(broker.brokers, env['VF_KAFKA_OUTCOME_TOPIC'] ?? '');
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
    killAllProcesses();
    gag?.close();
    await broker.handle.stop();
    await removeRunDir(runDir);
  }
}, 120_000);
