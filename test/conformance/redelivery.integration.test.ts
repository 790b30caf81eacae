import { afterAll, expect, inject, it } from 'vitest';
import { readEmulatorLog } from '../../src/emulator/log-reader.ts';
import { allHandled, type Intake, remakeTopic, resetOffsets } from '../support/kafka-admin.ts';
import { killAllProcesses } from '../support/process.ts';
import { openPipeline, type PipelineRun } from './pipeline-run.ts';
import { quickTokens } from './scenario-mix.ts';

afterAll(killAllProcesses);

function setting(run: PipelineRun, name: string): string {
  return run.env[name] ?? '';
}

function intakeOf(run: PipelineRun): Intake {
  return { brokers: inject('kafkaBrokers'), groupId: setting(run, 'VF_KAFKA_GROUP_ID'), topic: setting(run, 'VF_KAFKA_REQUEST_TOPIC') };
}

it('neither reads again nor loses a new token when records repeat, offsets are reset, or the topic is made anew', async () => {
  const run = await openPipeline({ VF_WINDOW: '40s' });
  try {
    const service = run.serve();
    const tokens = quickTokens(60, Date.now());
    await run.submit(tokens);
    await run.allDecided(tokens, 90_000);
    await allHandled(intakeOf(run), 60_000);
    const before = await readEmulatorLog(run.logPath);
    const outcomesBefore = [...run.outcomes().values()].flat().length;

    await run.submit(tokens);
    await allHandled(intakeOf(run), 60_000);
    service.kill('SIGTERM');
    expect((await service.exit()).code).toBe(0);

    await resetOffsets(intakeOf(run));
    const second = run.serve();
    await second.ready();
    await allHandled(intakeOf(run), 60_000);

    // Deleted and made anew while the service runs: positions in the topic begin again, the tokens do not.
    await remakeTopic(intakeOf(run), 6);
    await run.submit(tokens);
    const late = quickTokens(12, Date.now());
    await run.submit(late);
    await run.allDecided(late, 120_000);
    second.kill('SIGTERM');
    expect((await second.exit()).code).toBe(0);

    // And while it does not run: the group's committed offsets now lie beyond the topic's end.
    await remakeTopic(intakeOf(run), 6);
    await run.submit(tokens);
    const later = quickTokens(12, Date.now());
    await run.submit(later);
    await run.serve().ready();
    await run.allDecided(later, 120_000);
    await allHandled(intakeOf(run), 60_000);

    const after = await readEmulatorLog(run.logPath);
    for (const [id, { reads }] of before.tokens) expect([id, after.tokens.get(id)?.reads]).toEqual([id, reads]);
    expect([...run.outcomes().values()].flat().length).toBe(outcomesBefore + late.length + later.length);
    expect(run.deadLetters()).toEqual([]);
  } finally {
    await run.close();
  }
}, 400_000);
