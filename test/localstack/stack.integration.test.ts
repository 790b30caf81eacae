import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Connection } from '@temporalio/client';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isAlive } from '../../src/async/file-lock.ts';
import { type LocalStack, startLocalStack } from '../../src/localstack/stack.ts';
import type { EngineHandle } from '../../src/localstack/supervised.ts';
import { until } from '../support/until.ts';

const LOCAL_DIR = fileURLToPath(new URL('../../.local', import.meta.url));
const STACK = fileURLToPath(new URL('../../src/localstack/stack.ts', import.meta.url));

let stack: LocalStack;
beforeAll(async () => {
  stack = await startLocalStack({ dir: LOCAL_DIR, native: true, brief: true, log: () => {} });
});
afterAll(() => stack.stop());

function admin() {
  return new Kafka({ clientId: 'stack-test', brokers: [stack.kafkaBrokers], logLevel: logLevel.NOTHING }).admin();
}

function present(handle: EngineHandle | undefined): EngineHandle {
  if (handle === undefined) throw new Error('a native stack has handles');
  return handle;
}

describe.concurrent('the local stack', () => {
  it('keeps port and topics of Kafka through kill -9 and restart', async () => {
    const before = admin();
    await before.createTopics({ topics: [{ topic: 'stack.survivor' }], waitForLeaders: true });
    await before.disconnect();
    const pid = present(stack.kafka).pid();
    await present(stack.kafka).kill('SIGKILL');
    expect(isAlive(pid)).toBe(false);
    await present(stack.kafka).restart();
    const after = admin();
    expect(await after.listTopics()).toContain('stack.survivor');
    await after.disconnect();
  });

  it('keeps address and workflows of Temporal through kill -9 and restart', async () => {
    const start = { namespace: 'default', workflowId: 'stack-survivor', workflowType: { name: 'none' }, taskQueue: { name: 'none' } };
    const before = await Connection.connect({ address: stack.temporalAddress });
    await before.workflowService.startWorkflowExecution({ ...start, requestId: 'stack-survivor' });
    await before.close();
    await present(stack.temporal).kill('SIGKILL');
    await present(stack.temporal).restart();
    const after = await Connection.connect({ address: stack.temporalAddress });
    const found = await after.workflowService.describeWorkflowExecution({
      namespace: 'default',
      execution: { workflowId: 'stack-survivor' },
    });
    expect(found.workflowExecutionInfo?.type?.name).toBe('none');
    await after.close();
  });

  it('leaves no engine behind after kill -9 of the process that started it, and its data goes at the next start', async () => {
    const code = `import { startLocalStack } from ${JSON.stringify(STACK)};
      const stack = await startLocalStack({ dir: ${JSON.stringify(LOCAL_DIR)}, native: true, brief: true, log: () => {} });
      console.log(JSON.stringify([stack.kafka.pid(), stack.temporal.pid()]));
      setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    parent.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await until(() => output.endsWith('\n'), { timeoutMs: 90_000, what: 'the other process has started its stack' });
    const pids: unknown = JSON.parse(output);
    if (!Array.isArray(pids)) throw new Error(`not a list: ${output}`);
    expect(pids.map((pid) => isAlive(Number(pid)))).toEqual([true, true]);
    parent.kill('SIGKILL');
    await until(() => !pids.some((pid) => isAlive(Number(pid))), { timeoutMs: 10_000, what: 'both engines are gone' });
    const leftovers = (): string[] => readdirSync(LOCAL_DIR).filter((name) => name.startsWith(`run-${parent.pid}-`));
    expect(leftovers()).toHaveLength(1);
    await (await startLocalStack({ dir: LOCAL_DIR, native: true, kafka: false, log: () => {} })).stop();
    expect(leftovers()).toEqual([]);
  });

  it('removes its data when stopped', async () => {
    const short = await startLocalStack({ dir: LOCAL_DIR, native: true, kafka: false, log: () => {} });
    const runDir = dirname(dirname(short.temporalDbFile));
    expect(existsSync(short.temporalDbFile)).toBe(true);
    expect(short.kafkaBrokers).toBe('');
    await short.stop();
    expect(existsSync(runDir)).toBe(false);
  });
});
