import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { mintToken } from '../../src/emulator/mint-token.ts';
import { findOnPath } from '../../src/localstack/host.ts';
import { openPipeline } from '../conformance/pipeline-run.ts';
import { lacking } from '../support/lacking.ts';
import { produce } from '../support/pipeline.ts';
import { killAllProcesses } from '../support/process.ts';
import { until } from '../support/until.ts';
import { problemsOf } from './exposition.ts';

const PROMTOOL = findOnPath(['promtool']);
const WHY_NO_PROMTOOL = PROMTOOL === undefined ? 'no promtool: Debian has it in prometheus' : undefined;

let text = '';
const token = mintToken({ scenario: 'ready-pass', issuedAtMs: Date.now() });

beforeAll(async () => {
  const run = await openPipeline();
  try {
    const service = run.serve();
    await produce(inject('kafkaBrokers'), run.env['VF_KAFKA_REQUEST_TOPIC'] ?? '', [{ value: JSON.stringify({ token }) }]);
    await run.allDecided([{ token }], 60_000);
    // Core counts a run that is over once its server has said so.
    const isCounted = async (): Promise<boolean> => /^temporal_workflow_completed_total\{/m.test((text = await service.admin('/metrics')));
    await until(isCounted, { timeoutMs: 20_000, what: 'Core has counted the run' });
  } finally {
    await run.close();
  }
}, 120_000);

afterAll(killAllProcesses);

it('/metrics tells ours, those of Temporal Core and of the process, as Prometheus wants them', () => {
  for (const sample of [
    /^verdictflow_outcomes_total\{outcome="PASSED",reason="[A-Z_]+"\} 1$/m,
    /^process_resident_memory_bytes \d+$/m,
    /^nodejs_eventloop_utilization_ratio /m,
    /^temporal_sticky_cache_size\{.*\} \d+$/m,
    /^temporal_workflow_completed_total\{.*\} 1$/m,
    /^temporal_activity_execution_latency_seconds_bucket\{.*activity_type="getResult".*\} 1$/m,
  ])
    expect(text).toMatch(sample);
  expect(text).not.toContain(token);
  expect(problemsOf(text)).toEqual([]);
});

it.skipIf(lacking(WHY_NO_PROMTOOL, { tests: "Prometheus's own check of /metrics" }))(
  "Prometheus's own checker has nothing to say",
  async () => {
    const child = spawn(PROMTOOL ?? 'promtool', ['check', 'metrics'], { stdio: ['pipe', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (part: string) => (said += part));
    child.stdin.end(text);
    const [code]: unknown[] = await once(child, 'close');
    expect([code, said]).toEqual([0, '']);
  },
);
