import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, expect, inject, it } from 'vitest';
import { mintToken } from '../../src/emulator/mint-token.ts';
import { findOnPath } from '../../src/localstack/host.ts';
import { openPipeline } from '../conformance/pipeline-run.ts';
import { produce } from '../support/pipeline.ts';
import { killAllProcesses } from '../support/process.ts';
import { problemsOf } from './exposition.ts';

afterAll(killAllProcesses);

/** What Prometheus's own checker has to say; undefined if it is not installed. */
async function promtool(text: string): Promise<string | undefined> {
  const command = findOnPath(['promtool']);
  if (command === undefined) return undefined;
  const child = spawn(command, ['check', 'metrics'], { stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (part: string) => (said += part));
  child.stdin.end(text);
  const [code]: unknown[] = await once(child, 'close');
  return code === 0 && said === '' ? '' : `promtool ended with ${String(code)}: ${said}`;
}

it('/metrics tells ours, those of Temporal Core and of the process, as Prometheus wants them', async () => {
  const run = await openPipeline();
  try {
    const service = run.serve();
    const token = mintToken({ scenario: 'ready-pass', issuedAtMs: Date.now() });
    await produce(inject('kafkaBrokers'), run.env['VF_KAFKA_REQUEST_TOPIC'] ?? '', [{ value: JSON.stringify({ token }) }]);
    await run.allDecided([{ token }], 60_000);
    const text = await service.admin('/metrics');
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
    const said = await promtool(text);
    if (said === undefined) console.log('skipped: promtool is not installed (Debian: prometheus); our own rules were checked');
    else expect(said).toBe('');
  } finally {
    await run.close();
  }
}, 120_000);
