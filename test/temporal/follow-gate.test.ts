import type { Client } from '@temporalio/client';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { GATE_MEMO_KEY } from '../../src/contracts/gate.ts';
import { openGate } from '../../src/domain/gate/gate.ts';
import { followGate } from '../../src/temporal/gate/follow.ts';
import { silentLogger } from '../support/silent-logger.ts';

const STATE = openGate('2026-01-05T10:00:00.000Z');

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A server that tells once how the gate stands, and leaves every later request unanswered. */
function silentClient(): Client {
  const silence = new Promise<never>(() => undefined);
  const told = { runId: 'r', taskQueue: 'q', status: { name: 'RUNNING' }, startTime: new Date(), memo: { [GATE_MEMO_KEY]: STATE } };
  const describe = vi.fn<() => Promise<object>>(async () => await silence).mockResolvedValueOnce(told);
  const client = {
    options: { namespace: 'n' },
    withDeadline: async (_deadline: number, request: () => Promise<unknown>) => await request(),
    withAbortSignal: async (_signal: AbortSignal, request: () => Promise<unknown>) => await request(),
    workflow: { getHandle: () => ({ describe }) },
    workflowService: { getWorkflowExecutionHistory: async () => await silence },
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only what the follower uses of the client
  return client as unknown as Client;
}

function follow() {
  const stopping = new AbortController();
  const options = { client: silentClient(), region: 'sgp', taskQueue: 'q', logger: silentLogger, stopping: stopping.signal };
  return { follower: followGate({ ...options, onState: () => undefined }), stopping };
}

it('who hears nothing of the gate for 45 s does not know it', async () => {
  const { follower } = follow();
  expect(await follower.known).toEqual(STATE);
  await vi.advanceTimersByTimeAsync(45_000);
  expect([follower.state(), follower.heard()]).toEqual([STATE, STATE]);
  await vi.advanceTimersByTimeAsync(1);
  expect([follower.state(), follower.heard()]).toEqual([undefined, undefined]);
});

it('who has stood still does not know it, but says what was heard last', async () => {
  const { follower } = follow();
  await follower.known;
  vi.setSystemTime(Date.now() + 5_000);
  expect([follower.state(), follower.heard()]).toEqual([undefined, STATE]);
});

it('who follows it no more, because the process stops, does not know it a second later', async () => {
  const { follower, stopping } = follow();
  await follower.known;
  stopping.abort();
  await vi.advanceTimersByTimeAsync(1_001);
  expect(follower.state()).toBeUndefined();
});
