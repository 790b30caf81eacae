import { afterAll, expect, inject, it } from 'vitest';
import { readEmulatorLog } from '../../src/emulator/log-reader.ts';
import { remakeTopic, testKafka } from '../support/pipeline.ts';
import { killAllProcesses } from '../support/process.ts';
import { until } from '../support/until.ts';
import { openPipeline } from './pipeline-run.ts';
import type { PipelineRun } from './pipeline-run.ts';
import { quickTokens } from './scenario-mix.ts';

afterAll(killAllProcesses);

function setting(run: PipelineRun, name: string): string {
  return run.env[name] ?? '';
}

/** Waits until the group has committed everything there is to read, i.e. every record was handled. */
async function allHandled(run: PipelineRun): Promise<void> {
  const admin = testKafka(inject('kafkaBrokers')).admin();
  const topic = setting(run, 'VF_KAFKA_REQUEST_TOPIC');
  await admin.connect();
  await until(
    async () => {
      const ends = await admin.fetchTopicOffsets(topic);
      const committed = (await admin.fetchOffsets({ groupId: setting(run, 'VF_KAFKA_GROUP_ID'), topics: [topic] }))[0]?.partitions ?? [];
      return ends.every(({ partition, high }) => high === '0' || committed.find((one) => one.partition === partition)?.offset === high);
    },
    { timeoutMs: 60_000, everyMs: 200, what: 'the group has handled every record' },
  );
  await admin.disconnect();
}

async function resetOffsets(run: PipelineRun): Promise<void> {
  const admin = testKafka(inject('kafkaBrokers')).admin();
  await admin.connect();
  // The broker lets go of the dead member only after its session.
  await until(
    () =>
      admin
        .resetOffsets({ groupId: setting(run, 'VF_KAFKA_GROUP_ID'), topic: setting(run, 'VF_KAFKA_REQUEST_TOPIC'), earliest: true })
        .then(() => true),
    {
      timeoutMs: 60_000,
      everyMs: 500,
      what: 'the offsets are reset',
    },
  );
  await admin.disconnect();
}

async function recreateTopic(run: PipelineRun): Promise<void> {
  const topic = setting(run, 'VF_KAFKA_REQUEST_TOPIC');
  const admin = testKafka(inject('kafkaBrokers')).admin();
  await admin.connect();
  await remakeTopic(admin, topic, 6);
  await admin.disconnect();
}

it('neither reads again nor loses a new token when records repeat, offsets are reset, or the topic is made anew', async () => {
  const run = await openPipeline({ VF_WINDOW: '40s' });
  try {
    const service = run.serve();
    const tokens = quickTokens(60, Date.now());
    await run.submit(tokens);
    await run.allDecided(tokens, 90_000);
    await allHandled(run);
    const before = await readEmulatorLog(run.logPath);
    const outcomesBefore = [...run.outcomes().values()].flat().length;

    await run.submit(tokens);
    await allHandled(run);
    service.kill('SIGTERM');
    expect((await service.exit()).code).toBe(0);

    await resetOffsets(run);
    const second = run.serve();
    await second.ready();
    await allHandled(run);

    // Deleted and made anew while the service runs: positions in the topic begin again, the tokens do not.
    await recreateTopic(run);
    await run.submit(tokens);
    const late = quickTokens(12, Date.now());
    await run.submit(late);
    await run.allDecided(late, 120_000);
    second.kill('SIGTERM');
    expect((await second.exit()).code).toBe(0);

    // And while it does not run: the group's committed offsets now lie beyond the topic's end.
    await recreateTopic(run);
    await run.submit(tokens);
    const later = quickTokens(12, Date.now());
    await run.submit(later);
    await run.serve().ready();
    await run.allDecided(later, 120_000);
    await allHandled(run);

    const after = await readEmulatorLog(run.logPath);
    for (const [id, { reads }] of before.tokens) expect([id, after.tokens.get(id)?.reads]).toEqual([id, reads]);
    expect([...run.outcomes().values()].flat().length).toBe(outcomesBefore + late.length + later.length);
    expect(run.deadLetters()).toEqual([]);
  } finally {
    await run.close();
  }
}, 400_000);
