import { afterAll, expect, inject, it } from 'vitest';
import { makeTopic, uniqueName } from '../kafka/support/broker.ts';
import { freePort, pipelineEnv } from '../support/pipeline.ts';
import { killAllProcesses, startProcess } from '../support/process.ts';
import { freshNamespace } from '../support/temporal-namespace.ts';

afterAll(killAllProcesses);

/** What only a wait ends is to end soon. */
const SOON = { VF_STARTUP_TIMEOUT: '3s' };

async function endWithout(missing: Readonly<Record<string, string>>, role = 'all'): Promise<{ code: number | null; output: string }> {
  const env = pipelineEnv({
    kafkaBrokers: inject('kafkaBrokers'),
    temporalAddress: inject('temporalAddress'),
    emulatorPort: await freePort(),
    overrides: missing,
  });
  const service = startProcess([role], env);
  const { code } = await service.exit(30_000);
  return { code, output: service.output() };
}

it.concurrent('shows that it waits for Kafka, then ends with 69 and names the setting', async () => {
  const { code, output } = await endWithout({ ...SOON, VF_KAFKA_BROKERS: `127.0.0.1:${await freePort()}` });
  expect(code).toBe(69);
  expect(output).toMatch(/waiting.*kafka/i);
  expect(output).toContain('VF_KAFKA_BROKERS');
});

it.concurrent('shows that it waits for Temporal, then ends with 69 and names the setting', async () => {
  const { code, output } = await endWithout({ ...SOON, TEMPORAL_ADDRESS: `127.0.0.1:${await freePort()}` });
  expect(code).toBe(69);
  expect(output).toMatch(/waiting.*temporal/i);
  expect(output).toContain('TEMPORAL_ADDRESS');
});

it.concurrent('names the topics that are missing, and the command that makes them, when it may not make them itself', async () => {
  const { code, output } = await endWithout({ VF_AUTO_SETUP: 'false' });
  expect(code).toBe(69);
  expect(output).toContain('.requested.v1');
  expect(output).toContain('verdictflow setup');
});

it.concurrent.each(['all', 'ingress', 'worker'])(
  'refuses, as %s, a namespace that forgets reads within the window, with both figures',
  async (role) => {
    const link = await freshNamespace(inject('temporalAddress'), { searchAttributes: false, retentionMs: 86_400_000 });
    try {
      const { code, output } = await endWithout({ VF_WINDOW: '168h', TEMPORAL_NAMESPACE: link.namespace }, role);
      expect(code).toBe(78);
      expect(output).toMatch(
        /namespace test-\w+ \(TEMPORAL_NAMESPACE\): it keeps closed workflows for 24 h, shorter than VF_WINDOW \(168 h\)/,
      );
    } finally {
      await link.close();
    }
  },
);

it.concurrent('warns of a topic and refuses a search attribute that are not as they should be, also when it makes what is missing', async () => {
  const topic = await makeTopic(inject('kafkaBrokers'), { topic: uniqueName('requests'), partitions: 1 });
  const link = await freshNamespace(inject('temporalAddress'), { searchAttributes: false });
  try {
    await link.connection.operatorService.addSearchAttributes({ namespace: link.namespace, searchAttributes: { VfStage: 1 } });
    const { code, output } = await endWithout({
      VF_AUTO_SETUP: 'true',
      VF_KAFKA_REQUEST_TOPIC: topic,
      VF_KAFKA_PARTITIONS: '2',
      TEMPORAL_NAMESPACE: link.namespace,
    });
    expect(code).toBe(69);
    expect(output).toMatch(new RegExp(`"event":"setup-warning","warning":"topic ${topic}: it has 1 partition`));
    expect(output).toMatch(/"event":"setup","made":\["topic /);
    expect(output).toMatch(/temporal unavailable: search attribute VfStage is of type Text, Keyword is needed/);
  } finally {
    await link.close();
  }
});
